/**
 * What `sql-client.sh gateway` says, said to Sluice: same methods, paths, statuses, and shapes of answers. What differs: Sluice names the versions V1 and V2
 * alone, which every client knows; how often a result is not ready yet, and in how many batches it comes, is nobody's promise.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { labRecord } from '../../../engine/lab-plan.ts';
import { recorded, shapeOf, type Exchange } from '../recording.ts';
import { ask, startWorld, type Reply, type World } from '../world.ts';

const POLLS_MAX = 600;
const HANDLE = /"(?:sessionHandle|operationHandle|jobID)":"([0-9a-f-]{32,36})"/;

interface ResultBody {
  readonly resultType?: string;
  readonly nextResultUri?: string;
  readonly results?: { readonly data: readonly unknown[] };
}

const bodyOf = (body: unknown): ResultBody => (typeof body === 'object' && body !== null ? body : {});
/** What says nothing but that the client shall come again. */
const isWaiting = (body: unknown): boolean => {
  const { resultType, results } = bodyOf(body);
  return resultType === 'NOT_READY' || (resultType === 'PAYLOAD' && results?.data.length === 0);
};

const TOKEN = /\/result\/\d+/;
const resultIn = (path: string): string => path.replace(TOKEN, '/result');

class Replay {
  readonly #world: World;
  /** Recorded text and what stands for it here. */
  readonly #values: Map<string, string>;
  /** Where the next batch of a result is, by the recorded path without its token. */
  readonly #next = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
    this.#values = new Map([['/opt/flink/savepoints', join(world.dir, 'savepoints')]]);
  }

  async run(exchanges: readonly Exchange[]): Promise<void> {
    for (const exchange of exchanges.filter(({ body }) => !isWaiting(body))) {
      const reply = await this.#reach(exchange);
      const body: unknown = JSON.parse(reply.text);
      expect({ at: exchange.path, status: reply.status, type: reply.headers['content-type'], body: shapeOf(body) }).toEqual({ at: exchange.path, status: exchange.status, type: exchange.contentType, body: this.#shapeWanted(exchange, body) });
      this.#remember(exchange.body, reply.text);
    }
  }

  /** All properties that Flink tells are told; Flink leaves out some of the client's own. */
  #shapeWanted({ body: wanted }: Exchange, body: unknown): unknown {
    if (typeof wanted !== 'object' || wanted === null || !('properties' in wanted)) return shapeOf(wanted);
    expect(body).toMatchObject(JSON.parse(this.#translated(JSON.stringify(wanted))));
    return shapeOf(body);
  }

  /** Reads on until it is what was recorded: rows, their end, or an error. */
  async #reach(exchange: Exchange): Promise<Reply> {
    const { resultType } = bodyOf(exchange.body);
    for (let polls = 0; ; polls++) {
      const reply = await this.#say(exchange);
      const body = bodyOf(JSON.parse(reply.text));
      if (body.nextResultUri !== undefined) this.#next.set(resultIn(exchange.path), body.nextResultUri);
      if (polls === POLLS_MAX || reply.status !== 200 || !(isWaiting(body) || (resultType === 'EOS' && body.resultType === 'PAYLOAD'))) return reply;
      await sleep(20);
    }
  }

  #say({ method, path, requestBody }: Exchange): Promise<Reply> {
    return ask(this.#world.url, { method, path: this.#next.get(resultIn(path)) ?? this.#translated(path.replace(TOKEN, '/result/0')), body: this.#translated(requestBody) });
  }

  #translated(text: string): string {
    return [...this.#values].reduce((all, [was, is]) => all.replaceAll(was, is), text);
  }

  #remember(was: unknown, is: string): void {
    const [recordedHandle, handle] = [HANDLE.exec(JSON.stringify(was))?.[1], HANDLE.exec(is)?.[1]];
    if (recordedHandle !== undefined && handle !== undefined) this.#values.set(recordedHandle, handle);
  }
}

test('two sessions: tables, a query, a job, and its savepoint', async () => {
  const world = await startWorld();
  await world.fill('savepoint-events', [labRecord('click', 5), labRecord('view', 10), labRecord('click', 15), labRecord('purchase', 130)]);
  const replay = new Replay(world);
  await replay.run(recorded('gateway-1'));
  await replay.run(recorded('gateway-2'));
  expect(world.defects).toEqual([]);
});

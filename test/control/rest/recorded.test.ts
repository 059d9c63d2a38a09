/** What `flink list | savepoint | savepoint -d | checkpoint | stop | cancel` say, said to Sluice: same paths, same statuses, same shapes of answers. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { recorded, shapeOf, type Exchange } from './recording.ts';
import { ask, startWorld, type Reply, type World } from './world.ts';

const RECORDED_JOB = /(?<=\/jobs\/)[0-9a-f]{32}/;
const NO_JOB = '00000000000000000000000000000001';
const POLLS_MAX = 500;

/** A conversation with values of this world in the place of the recorded ones. */
class Replay {
  readonly #world: World;
  readonly #job: string;
  /** Recorded text and what stands for it here. */
  readonly #values = new Map<string, string>();

  constructor(world: World, job: string, values: Readonly<Record<string, string>> = {}) {
    this.#world = world;
    this.#job = job;
    for (const [was, is] of Object.entries({ ...values, '/opt/flink/savepoints': join(world.dir, 'savepoints') })) this.#values.set(was, is);
  }

  async run(exchanges: readonly Exchange[]): Promise<unknown> {
    let last: unknown = null;
    for (const exchange of exchanges) {
      const reply = await this.#reach(exchange);
      expect({ at: exchange.path, status: reply.status, type: reply.headers['content-type'] }).toEqual({ at: exchange.path, status: exchange.status, type: exchange.contentType });
      last = JSON.parse(reply.text);
      expect(shapeOf(last)).toEqual(shapeOf(exchange.body));
      this.#remember(exchange.body, last);
    }
    return last;
  }

  /** What was recorded as completed is asked for until it is; what was in progress may be completed here. */
  async #reach(exchange: Exchange): Promise<Reply> {
    for (let polls = 0; ; polls++) {
      const reply = await this.#say(exchange);
      if (polls === POLLS_MAX || !JSON.stringify(exchange.body).includes('"COMPLETED"') || !reply.text.includes('"IN_PROGRESS"')) return reply;
      expect(JSON.parse(reply.text)).toEqual({ status: { id: 'IN_PROGRESS' }, operation: null });
      await sleep(10);
    }
  }

  #say({ method, path, requestBody }: Exchange): Promise<Reply> {
    const here = path.includes(NO_JOB) ? path : path.replace(RECORDED_JOB, this.#job);
    return ask(this.#world.url, { method, path: this.#translated(here), body: this.#translated(requestBody) });
  }

  #translated(text: string): string {
    return [...this.#values].reduce((all, [was, is]) => all.replaceAll(was, is), text);
  }

  #remember(was: unknown, is: unknown): void {
    const idIn = (body: unknown): string | null => /"request-id":"([0-9a-f]{32})"/.exec(JSON.stringify(body))?.[1] ?? null;
    const [recordedId, id] = [idIn(was), idIn(is)];
    if (recordedId !== null && id !== null) this.#values.set(recordedId, id);
  }
}

/** An operation may be done here before the first poll: then only its end is compared. */
const withoutWaiting = (exchanges: readonly Exchange[]): Exchange[] => exchanges.filter(({ body }) => !JSON.stringify(body).includes('"IN_PROGRESS"'));

test.each(['list', 'savepoint', 'savepoint-native', 'savepoint-detached', 'savepoint-nodir', 'savepoint-nojob', 'checkpoint', 'checkpoint-full', 'stop', 'stop-drain', 'cancel'])('%s', async (name) => {
  const world = await startWorld();
  await new Replay(world, await world.submit()).run(withoutWaiting(recorded(name)));
  expect(world.defects).toEqual([]);
});

test('savepoint -d', async () => {
  const world = await startWorld();
  const path = await world.operations.savepoint(await world.submit(), join(world.dir, 'savepoints'));
  const values = { '/opt/flink/savepoints/savepoint-88718b-d836ef5a0ff9': path };
  await new Replay(world, NO_JOB, values).run(recorded('savepoint-dispose-long'));
  expect(existsSync(join(path, '_metadata'))).toBe(false);
});

test('cancel of a job that has finished', async () => {
  const world = await startWorld();
  const job = await world.submit();
  await world.operations.stop(job, { directory: join(world.dir, 'savepoints'), drain: false });
  const [exchange] = recorded('cancel-finished');
  expect(await new Replay(world, job).run(recorded('cancel-finished'))).toEqual(exchange?.body);
});

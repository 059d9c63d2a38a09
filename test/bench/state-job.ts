/** The lab's events, counted by a function with state: a world to run it in, and batches of records as long as one likes. */
import { offset, uid } from '../../lib/core/numbers.ts';
import { valueState } from '../../lib/core/process/declare.ts';
import { Firer } from '../../lib/engine/firer/firer.ts';
import { Writer } from '../../lib/engine/writer/writer.ts';
import type { Ports } from '../../lib/ports/ports.ts';
import type { RecordBatch } from '../../lib/ports/source.ts';
import { functionJob, keyedFunction } from '../engine/function-plan.ts';
import { P0, Stack } from '../engine/stack.ts';
import { eventLine } from './events.ts';

/** Of event and processing time. */
export const RATE_PER_S = 10_000;

const counting = keyedFunction({
  state: { count: valueState<number>({ initial: 0 }) },
  onEvent: (_event, { state }) => state.count.update(state.count.value() + 1),
});

/** Behind a log shuffle in the firer, or in the writer (`reinterpretAsKeyed`). */
export type RunsIn = 'firer' | 'writer';

export class StateJob {
  readonly #stack: Stack;
  readonly #writer: Writer;
  readonly #firer: Firer;
  readonly #keys: number;
  #next = 0;

  private constructor(stack: Stack, keys: number, watch: (ports: Ports) => Ports) {
    const ports = watch({ ...stack.stores, runtime: stack.runtime });
    this.#stack = stack;
    this.#writer = new Writer(ports, stack.job);
    this.#firer = new Firer(ports, stack.job);
    this.#keys = keys;
  }

  /** `watch` may stand between the engine and its stores. */
  static async start(keys: number, runsIn: RunsIn, watch: (ports: Ports) => Ports = (ports) => ports): Promise<StateJob> {
    return new StateJob(await Stack.start(functionJob(counting, runsIn === 'writer' ? { prePartitioned: true } : {})), keys, watch);
  }

  /** The next records; `write` must take them before more are drawn. */
  draw(count: number): RecordBatch {
    const from = this.#next;
    this.#next += count;
    return batchOf(from, count, this.#keys);
  }

  async write(batch: RecordBatch): Promise<void> {
    const { kind } = await this.#writer.commit(P0, batch);
    if (kind !== 'committed') throw new Error(`the batch is ${kind}`);
  }

  /** A step, at the time that it takes the records to come. */
  async step(records: number): Promise<void> {
    this.#stack.runtime.advance((1000 * records) / RATE_PER_S);
    const { kind } = await this.#firer.step();
    // What has changed in the writer waits for the next cut.
    if (kind !== 'fired' && kind !== 'idle') throw new Error(`the step is ${kind}`);
  }

  /** Keys that have state. */
  get keys(): number {
    return this.#firer.replica?.states.get(uid('fn'))?.paneCount() ?? 0;
  }

  async checkpoints(): Promise<number> {
    return (await this.#stack.kinds()).filter((kind) => kind === 'CHECKPOINT').length;
  }
}

function batchOf(from: number, count: number, keys: number): RecordBatch {
  const lines = Array.from({ length: count }, (_, i) => eventLine(from + i, { keys, ratePerS: RATE_PER_S }));
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const line of lines) {
    starts.push(at);
    ends.push(at + line.length);
    at += line.length + 1;
  }
  return { bytes: Buffer.from(`${lines.join('\n')}\n`), starts, ends, offsets: lines.map((_, i) => from + i), next: offset(from + count) };
}

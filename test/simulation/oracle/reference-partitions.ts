/**
 * The reference of functions over source partitions: one record after the other, with none of the engine's code for instances, overlays and redistribution.
 * Written from Flink's rules (CheckpointedFunction, RoundRobinOperatorStateRepartitioner) and docs/state.md: an instance lives as long as a step.
 */
import type { KeyedFunction } from '../../../lib/core/process/keyed-function.ts';
import type { PartitionContext, PartitionInstance, SourcePartition } from '../../../lib/core/process/partition-function.ts';
import type { NamedState } from '../../../lib/core/process/descriptor.ts';
import { MIN_WATERMARK } from '../../../lib/core/watermark.ts';
import { findingText, ReferenceCalls, type CallOutputs } from './reference-calls.ts';
import { cellJson, NaiveState, type Cell } from './reference-states.ts';
import type { ReferenceOperator, ReferenceRow } from './reference-window.ts';

/** An instance, and what a new one in its place would begin with. */
interface Running {
  readonly partition: SourcePartition;
  readonly cells: readonly Cell[];
  readonly instance: PartitionInstance;
  /** As its last snapshot, or `initialize`, has found them. */
  saved: readonly Cell[];
  isRestored: boolean;
  /** Taken since. */
  taken: ReferenceRow[];
}

/** In the order that savepoints have. */
interface Saved {
  readonly partition: SourcePartition;
  readonly cells: readonly Cell[];
}

export class ReferencePartitions extends ReferenceCalls implements ReferenceOperator {
  readonly #fn: KeyedFunction;
  /** Those that the function has declared: the last one is the engine's own. */
  readonly #states: readonly NamedState[];
  #saved = new Map<string, Saved>();
  #running = new Map<string, Running>();
  #watermark: number = MIN_WATERMARK;
  #now = 0;

  constructor(fn: KeyedFunction, count: (what: string) => void) {
    super(count);
    this.#fn = fn;
    this.#states = fn.states.slice(0, -1);
  }

  copy(): ReferencePartitions {
    const copy = new ReferencePartitions(this.#fn, this.count);
    copy.#saved = structuredClone(this.#saved);
    copy.#watermark = this.#watermark;
    copy.failed = this.failed;
    return copy;
  }

  begin(procTime: number): void {
    this.#now = procTime;
    this.#running.clear();
  }

  add(row: ReferenceRow): void {
    const { partition } = row;
    if (partition === undefined) throw new Error('a row comes from no partition');
    const running = this.#running.get(nameOf(partition)) ?? this.#first(partition);
    const { key, amount, origin } = row;
    const isTaken = this.takes({ key: nameOf(partition), value: { key, amount }, ...(origin && { origin }) }, (outputs) => this.#call(running, row, outputs));
    if (isTaken) running.taken.push(row);
    else this.#again(running);
  }

  fire(watermark: number): string[] {
    for (const running of this.#running.values()) this.#snapshot(running);
    this.#watermark = Math.max(this.#watermark, watermark);
    return this.takeMain();
  }

  /** With the engine's own state, which says that there was an instance; timers there are none. */
  open(): string[] {
    return [...this.#saved].map(([name, { cells }]) => `${name} ${JSON.stringify([...this.#states.map((state, i) => cellJson(state, cells[i] ?? { items: [] })), true, [[], []]])}`).sort();
  }

  waiting(): string[] {
    return [];
  }

  restore(partitions: readonly SourcePartition[]): void {
    const before = [...this.#saved.values()].sort((a, b) => inOrder(a.partition, b.partition));
    const now = partitions.toSorted(inOrder);
    for (const partition of now) if (!this.#saved.has(nameOf(partition))) this.count('restored:newPartition');
    const names = now.map(nameOf);
    const given = this.#states.map((state, s) => {
      const items = ({ cells }: Saved): Cell['items'] => cells[s]?.items ?? [];
      if (state.redistribution === 'union') return now.map(() => before.flatMap(items));
      const homeless = before.filter(({ partition }) => !names.includes(nameOf(partition))).flatMap(items);
      return names.map((name, n) => [...before.filter(({ partition }) => nameOf(partition) === name).flatMap(items), ...homeless.filter((_, h) => h % names.length === n)]);
    });
    this.#saved.clear();
    this.#running.clear();
    for (const [n, partition] of now.entries()) this.#snapshot(this.#begin(partition, given.map((lists) => ({ items: lists[n] ?? [] })), true));
    this.#running.clear();
    if (now.length > 0) this.count('restored');
  }

  #first(partition: SourcePartition): Running {
    const saved = this.#saved.get(nameOf(partition));
    return this.#begin(partition, saved?.cells ?? this.#states.map(() => ({ items: [] })), saved !== undefined);
  }

  #begin(partition: SourcePartition, saved: readonly Cell[], isRestored: boolean): Running {
    const cells = structuredClone(saved).map(({ items }) => ({ items }));
    const { initialize } = this.#fn;
    if (initialize === undefined) throw new Error('it is no function over partitions');
    const running = { partition, cells, saved, isRestored, taken: [], instance: initialize({ state: this.#handles(cells), isRestored, partition }) };
    this.#running.set(nameOf(partition), running);
    return running;
  }

  /** Another instance, which has seen all that was taken but what this one has failed on. */
  #again({ partition, saved, isRestored, taken }: Running): void {
    if (taken.length > 0) this.count('redone');
    const running = this.#begin(partition, saved, isRestored);
    for (const row of taken) this.#call(running, row, { main: [], side: [] });
    this.#snapshot(running);
  }

  #call({ instance, cells }: Running, { key, amount, time }: ReferenceRow, { main, side }: CallOutputs): void {
    const context: PartitionContext = {
      state: this.#handles(cells),
      timestamp: time,
      timers: { currentProcessingTime: () => this.#now, currentWatermark: () => (this.#watermark === MIN_WATERMARK ? null : this.#watermark) },
      output: (_tag, value) => void side.push(findingText(value, time)),
    };
    for (const given of instance.onEvent({ key, amount }, context) ?? []) main.push(findingText(given, time));
  }

  #snapshot(running: Running): void {
    running.instance.snapshot?.();
    running.saved = structuredClone(running.cells);
    running.isRestored = true;
    running.taken = [];
    this.#saved.set(nameOf(running.partition), { partition: running.partition, cells: running.saved });
  }

  #handles(cells: readonly Cell[]): Record<string, unknown> {
    return Object.fromEntries(this.#states.map((state, i) => [state.field, new NaiveState(state, cells[i] ?? { items: [] }, this.#now, this.count).handle()]));
  }
}

/** As the engine has its key. */
const nameOf = ({ source, topic, partition }: SourcePartition): string => JSON.stringify({ source, topic, partition });

/** By source, topic and number. */
export function inOrder(a: SourcePartition, b: SourcePartition): number {
  const [x, y] = [`${a.source} ${a.topic}`, `${b.source} ${b.topic}`];
  return x === y ? a.partition - b.partition : x < y ? -1 : 1;
}

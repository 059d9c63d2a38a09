/** Whoever reads the log of a partition has the state of its writer, and may go on as such: values, timers, and what leaves with their time. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventTime, uid, wallTime } from '../../../lib/core/numbers.ts';
import type { KeyChange } from '../../../lib/core/process/changes.ts';
import { listState, mapState, namedStates, valueState } from '../../../lib/core/process/declare.ts';
import type { StatesOf } from '../../../lib/core/process/descriptor.ts';
import { partitionKey } from '../../../lib/core/process/partition-key.ts';
import { PartitionedState } from '../../../lib/core/process/partitioned-state.ts';
import { ProcessStep } from '../../../lib/core/process/process-step.ts';
import { nextLeave } from '../../../lib/core/process/ttl.ts';
import { GROUPS, paneColumns } from '../../../lib/core/window/pane.ts';
import { fire, functionOf, section, snapshotOf } from './running-function.ts';

const PARTITION = partitionKey({ source: 'events', topic: 'events', partition: 3 });
/** What is expired and still there shows itself. */
const SHOWN = 'return-expired-if-not-cleaned-up';
const STATES = {
  seen: valueState<number>({ ttl: { ttl: 20, visibility: SHOWN } }),
  all: listState<number>({ ttl: { ttl: 100, visibility: SHOWN } }),
  read: listState<number>({ ttl: { ttl: 70, update: 'on-read-and-write' } }),
  each: mapState<number, number>({ ttl: { ttl: 50, update: 'on-read-and-write', visibility: SHOWN } }),
  last: listState<number>(),
};
const NAMED = namedStates(STATES);

/** Tells what it finds, then does what the number says. */
const FN = functionOf(
  (value, { state, timers }) => {
    // Declared above; the engine does not know the types.
    const { seen, all, read, each, last } = state as StatesOf<typeof STATES>;
    const n = Number(value);
    const found = [seen.value(), all.get(), each.get(n % 3), [...each.entries()].length, last.get()];
    if (n % 4 === 0) seen.update(n % 3);
    if (n % 4 === 1) all.add(n);
    if (n % 4 === 2) each.put(n % 7, n);
    if (n % 4 === 3) last.update([...last.get().slice(-3), n % 2]);
    if (n % 6 === 0) read.add(n);
    if (n % 6 === 1) each.remove(n % 7);
    if (n % 6 === 2) timers.registerEventTimeTimer(n);
    if (n % 6 === 3) timers.deleteEventTimeTimer(n - 1);
    if (n % 6 === 4) timers.registerProcessingTimeTimer(n);
    if (n % 23 === 0) each.clear();
    if (n % 29 === 0) all.clear();
    return [[found, n % 6 === 5 ? read.get() : null]];
  },
  ({ time }, { state }) => {
    const { each } = state as StatesOf<typeof STATES>;
    each.put(time % 7, time);
    return [time];
  },
  NAMED,
);

interface Entry {
  readonly after: number;
  readonly records: readonly (readonly [key: string, value: number])[];
  /** Which of those that have the state writes. */
  readonly writer: number;
}

const entry: fc.Arbitrary<Entry> = fc.record({
  after: fc.oneof(fc.nat(8), fc.nat(8), fc.nat(80)),
  records: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(400)), { maxLength: 4 }),
  writer: fc.nat(),
});

/** Runs the function behind what the state has come to. */
function written(state: PartitionedState, { records }: Entry, from: number, to: number): { readonly rows: unknown[]; readonly changes: readonly KeyChange[]; readonly commit: () => void } {
  const step = new ProcessStep({ uid: uid('fn'), fn: FN, firesPassed: true }, state.of(PARTITION), eventTime(from), wallTime(to));
  step.add(section(records));
  const rows = fire(step, to, to);
  return { rows, changes: JSON.parse(JSON.stringify(step.changes())), commit: () => step.commit() };
}

function restored(state: PartitionedState): PartitionedState {
  const copy = new PartitionedState(NAMED);
  if (state.paneCount() > 0) copy.restore(JSON.parse(JSON.stringify(paneColumns(GROUPS, state.panesAt(GROUPS), state.aggregates))));
  return copy;
}

/** When the first item of all keys leaves. */
function firstLeave(state: PartitionedState): number {
  const own = state.of(PARTITION);
  return Math.min(...Array.from(own.panesAt(GROUPS), ([key]) => nextLeave(NAMED, own.contentsOf(key)?.cells ?? [])));
}

test('writers that take turns, those that read what they write, and those that begin from a checkpoint hold the same behind every entry', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 25 }), (entries) => {
      const all = [new PartitionedState(NAMED), new PartitionedState(NAMED)];
      let time = 0;
      for (const one of entries) {
        const [from, to] = [time, time + one.after];
        time = to;
        const writer = all[one.writer % all.length];
        if (writer === undefined) throw new Error('somebody writes');
        const { rows, changes, commit } = written(writer, one, from, to);
        // Whoever had written in its place had written the same.
        for (const other of all) {
          const same = written(other, one, from, to);
          expect([same.rows, same.changes]).toEqual([rows, changes]);
        }
        for (const other of all) if (other !== writer) other.apply(PARTITION, changes, { watermark: eventTime(to), procTime: wallTime(to) });
        commit();
        const held = snapshotOf(writer.of(PARTITION));
        for (const other of all) {
          expect(snapshotOf(other.of(PARTITION))).toEqual(held);
          expect([other.nextTimer('event'), other.nextTimer('processing')]).toEqual([writer.nextTimer('event'), writer.nextTimer('processing')]);
          expect(firstLeave(other)).toBeGreaterThan(to);
        }
        if (all.length < 5) all.push(restored(writer));
      }
    }),
    { numRuns: 60 },
  );
});

/** A process function with state of every kind. */
import fc from 'fast-check';
import type { Key } from '../../lib/core/key.ts';
import { uid } from '../../lib/core/numbers.ts';
import type { JsonValue, ProcessNode, StateKind, StateSpec, TtlSpec } from '../../lib/core/plan.ts';
import { PROCESS_OUTPUT } from '../../lib/core/process/rows.ts';
import { GROUPS, type PaneColumns } from '../../lib/core/window/pane.ts';
import type { SavepointContent } from '../../lib/savepoint/model.ts';
import { ordersContent, planOf } from './fixture.ts';

export const TTL: TtlSpec = { ttlMs: 60_000, update: 'on-create-and-write', visibility: 'never-return-expired' };

export const stateSpec = (name: string, kind: StateKind, more: Partial<StateSpec> = {}): StateSpec => ({ name, kind, version: 1, ...more });

export const processNode = (name: string, states: readonly StateSpec[], previous?: string): ProcessNode => ({
  kind: 'process',
  uid: uid(name),
  input: uid('orders'),
  states,
  columns: PROCESS_OUTPUT,
  ...(previous === undefined ? {} : { previous: uid(previous) }),
});

/** What one key holds: a cell per state, and timers. */
export type Held = readonly [key: Key, cells: readonly JsonValue[], event?: readonly number[], processing?: readonly number[]];

export const heldColumns = (node: ProcessNode, held: readonly Held[]): PaneColumns => ({
  end: GROUPS,
  keys: held.map(([key]) => key),
  rows: held.map(() => 1),
  accumulators: [
    ...node.states.map((_, s) => held.map(([, cells]) => cells[s] ?? null)),
    held.map(([, , event = [], processing = []]): JsonValue => [event, processing]),
  ],
});

/** The content of a job with one function. */
export const functionContent = (node: ProcessNode, panes: readonly PaneColumns[]): SavepointContent => ({
  ...ordersContent,
  plan: planOf([...ordersContent.plan.nodes, node]),
  operators: ordersContent.operators.map((operator) => ({ ...operator, panes: [] })),
  functions: [{ uid: node.uid, node, panes }],
});

/** Each key with its cells, in whatever order and pieces they come; keys that hold nothing are no keys. */
export const heldIn = (panes: readonly PaneColumns[]): Map<Key, unknown> =>
  new Map(panes.flatMap(({ keys, accumulators }) => keys.map((key, i) => [key, accumulators.map((column) => column[i])] as const)));

const KINDS: readonly StateKind[] = ['value', 'list', 'map', 'reducing', 'aggregating'];

/** Both sides of where numbers stop to be exact, and what JSON has a word for. */
const anyNumber = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n)), fc.constantFrom(2 ** 53, 2 ** 60, -(2 ** 63), 1e21, 1e300));

const anyStored: fc.Arbitrary<JsonValue> = fc.letrec<{ json: JsonValue }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    anyNumber,
    fc.string({ unit: 'binary' }),
    fc.constantFrom<JsonValue>({ $bigint: '12' }, { $number: 'NaN' }, { $map: [[1, { $date: '2026-01-01T00:00:00.000Z' }]] }),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(fc.string({ maxLength: 5 }).filter((name) => !name.startsWith('$')), tie('json'), { maxKeys: 3 }).map((fields) => ({ ...fields })),
  ),
})).json;

const present = anyStored.filter((json) => json !== null);

const anyTime = fc.oneof(fc.integer({ min: -1e14, max: 3e14 }), fc.constantFrom(0, Number.MAX_SAFE_INTEGER));

export const anyKey: fc.Arbitrary<Key> = fc.oneof(
  fc.constantFrom<Key>(null, true, false, '', '{"a":1}', '[1,2]', '"[1]"', JSON.stringify('"quoted"')),
  anyNumber,
  fc.string({ unit: 'binary' }).filter((text) => !/^[{["]/.test(text)),
);

function anyCell({ kind, ttl }: StateSpec): fc.Arbitrary<JsonValue> {
  const timed = (value: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> => (ttl === undefined ? value : fc.tuple(value, anyTime));
  if (kind === 'list') return fc.array(timed(present), { maxLength: 3 });
  if (kind !== 'map') return fc.option(timed(present), { freq: 4 });
  const entry: fc.Arbitrary<readonly JsonValue[]> = ttl === undefined ? fc.tuple(anyStored, anyStored) : fc.tuple(anyStored, anyStored, anyTime);
  return fc.uniqueArray(entry, { maxLength: 3, selector: ([key]) => JSON.stringify(key) });
}

const anyTimes = fc.uniqueArray(anyTime, { maxLength: 3 }).map((times) => times.sort((a, b) => a - b));

const isHeld = (cell: unknown): boolean => cell !== null && !(Array.isArray(cell) && cell.length === 0);

const anySpecs: fc.Arbitrary<StateSpec[]> = fc.uniqueArray(
  fc.record({ name: fc.oneof(fc.constantFrom('seen', 'timers', 'timers_2', 'last login'), fc.string({ minLength: 1, maxLength: 80 })), kind: fc.constantFrom(...KINDS), isTimed: fc.boolean() }),
  { maxLength: 4, selector: ({ name }) => name },
).map((specs) => specs.map(({ name, kind, isTimed }) => stateSpec(name, kind, isTimed ? { ttl: TTL } : {})));

/** A job with a function that holds anything; its keys lie in several columns. */
export const anyFunction: fc.Arbitrary<SavepointContent> = anySpecs.chain((specs) => {
  const node = processNode('dedup', specs);
  const held = fc.tuple(anyKey, fc.tuple(...specs.map(anyCell)), anyTimes, anyTimes).filter(([, ...what]) => what.flat().some(isHeld));
  const keys = fc.uniqueArray(held, { selector: ([key]) => key, maxLength: 12 });
  return keys.map((all) => {
    const half = all.length >> 1;
    return functionContent(node, [all.slice(0, half), all.slice(half)].filter((part) => part.length > 0).map((part) => heldColumns(node, part)));
  });
});

/** All states of a key together: what is kept, what is taken back. */
import { expect, test } from 'vitest';
import { isError } from '../../../lib/core/errors.ts';
import { wallTime } from '../../../lib/core/numbers.ts';
import { encodeCell, isEmptyCell } from '../../../lib/core/process/cells.ts';
import type { Cell } from '../../../lib/core/process/contents.ts';
import { listState, mapState, namedStates, reducingState, specOf, valueState } from '../../../lib/core/process/declare.ts';
import type { NamedState, StatesOf } from '../../../lib/core/process/descriptor.ts';
import { openKeyStates, type KeyStates } from '../../../lib/core/process/key-states.ts';

const DECLARED = {
  total: valueState({ initial: 0 }),
  items: listState<string>({ name: 'list-of-items' }),
  counts: mapState<string, number>({ ttl: { ttl: '1 h', update: 'on-read-and-write' } }),
  longest: reducingState<string>({ reduce: (a, b) => (b.length > a.length ? b : a) }),
};
const STATES: readonly NamedState[] = namedStates(DECLARED);

function open(cells: readonly Cell[] | null, now = 0): KeyStates & { readonly typed: StatesOf<typeof DECLARED> } {
  const states = openKeyStates(STATES, cells, wallTime(now));
  // The declaration says what the record holds.
  return Object.assign(states, { typed: states.state as StatesOf<typeof DECLARED> });
}

function writeAll({ typed }: ReturnType<typeof open>, n: number): void {
  typed.total.update(typed.total.value() + n);
  typed.items.add(`item ${n}`);
  typed.counts.put(`key ${n}`, n);
  typed.longest.add('x'.repeat(n));
}

const json = (cells: readonly Cell[]): unknown => cells.map((cell, i) => encodeCell(STATES[i]?.ttl !== undefined, cell));

test('states are found under the fields that declare them, and saved under their names', () => {
  expect(STATES.map(({ field, name }) => [field, name])).toEqual([['total', 'total'], ['items', 'list-of-items'], ['counts', 'counts'], ['longest', 'longest']]);
  expect(Object.keys(open(null).state)).toEqual(['total', 'items', 'counts', 'longest']);
});

test('what nobody changes is the very same cells', () => {
  const first = open(null);
  expect(first.cells().every(isEmptyCell)).toBe(true);
  writeAll(first, 2);
  const cells = first.cells();
  const second = open(cells);
  second.typed.total.value();
  second.typed.items.get();
  expect(second.isChanged).toBe(false);
  second.cells().forEach((cell, i) => expect(cell).toBe(cells[i]));
});

test('changes leave the cells that were given as they were', () => {
  const before = open(null);
  writeAll(before, 1);
  const cells = before.cells();
  const text = JSON.stringify(json(cells));
  const after = open(cells, 5);
  writeAll(after, 3);
  after.typed.counts.remove('key 1');
  expect(JSON.stringify(json(cells))).toBe(text);
  expect(json(after.cells())).toEqual([4, ['item 1', 'item 3'], [['key 3', 3, 5]], 'xxx']);
});

test('a rollback takes back all that was done since the mark, and nothing before it', () => {
  const states = open(null);
  writeAll(states, 1);
  const text = JSON.stringify(json(states.cells()));
  const mark = states.mark();
  writeAll(states, 2);
  states.typed.items.update(['other']);
  states.typed.counts.clear();
  states.typed.total.clear();
  states.rollback(mark);
  expect(JSON.stringify(json(states.cells()))).toBe(text);
  writeAll(states, 3);
  states.rollback(mark);
  expect(JSON.stringify(json(states.cells()))).toBe(text);
});

test('a rollback to the beginning leaves nothing changed', () => {
  const states = open(null);
  const mark = states.mark();
  writeAll(states, 1);
  expect(states.isChanged).toBe(true);
  states.rollback(mark);
  expect(states.isChanged).toBe(false);
});

test('a read that renews a time is a change', () => {
  const first = open(null);
  first.typed.counts.put('a', 1);
  const second = open(first.cells(), 1);
  second.typed.counts.get('a');
  expect(second.isChanged).toBe(true);
});

test('two states of one name are refused', () => {
  const refused = expect.toSatisfy((error) => isError(error, 'JOB_DEFINITION') && error.message === 'the states a and b have one name, x');
  expect(() => namedStates({ a: valueState({ name: 'x' }), b: listState({ name: 'x' }) })).toThrow(refused);
});

test.each(['timers', 'a b', '', 'a.b'])('a state cannot have the name %o', (name) => {
  expect(() => namedStates({ a: valueState({ name }) })).toThrow(expect.toSatisfy((error) => isError(error, 'JOB_DEFINITION')));
});

test('the plan knows name, kind, version and TTL', () => {
  expect(STATES.slice(1, 3).map((state) => specOf(state.name, state))).toEqual([
    { name: 'list-of-items', kind: 'list', version: 1 },
    { name: 'counts', kind: 'map', version: 1, ttl: { ttlMs: 3_600_000, update: 'on-read-and-write', visibility: 'never-return-expired' } },
  ]);
});

test.each<[string, () => unknown]>([
  ['a TTL that is no duration', () => valueState({ ttl: { ttl: 'soon' } })],
  ['a TTL of nothing', () => valueState({ ttl: { ttl: 0 } })],
  ['version 0', () => valueState({ version: 0 })],
  ['a migration from the version that it has', () => valueState({ version: 2, migrations: { 2: (v) => v } })],
])('a state is not declared with %s', (_, declare) => {
  expect(declare).toThrow(expect.toSatisfy((error) => isError(error, 'JOB_DEFINITION')));
});

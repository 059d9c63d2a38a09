/** State of an older version of a program (V4). */
import { expect, test } from 'vitest';
import { isError, type ErrorCode } from '../../../lib/core/errors.ts';
import { decodeCell, encodeCell } from '../../../lib/core/process/cells.ts';
import { aggregatingState, listState, mapState, valueState } from '../../../lib/core/process/declare.ts';
import { canMigrate, migrateCell } from '../../../lib/core/process/migrate.ts';
import type { StandardSchema } from '../../../lib/core/process/standard-schema.ts';

interface Account {
  readonly cents: bigint;
  readonly currency: string;
}

const migrations = {
  1: (euros: number) => ({ cents: BigInt(euros * 100) }),
  2: (old: { cents: bigint }) => ({ ...old, currency: 'EUR' }),
};
const stored = { cents: { $bigint: '500' }, currency: 'EUR' };
const fails = (code: ErrorCode): unknown => expect.toSatisfy((error) => isError(error, code));

test('a value goes through every migration from its version to that of the program', () => {
  const state = valueState<Account>({ version: 3, migrations });
  expect(encodeCell(false, migrateCell(state, 1, decodeCell('value', false, 5)))).toEqual(stored);
  expect(encodeCell(false, migrateCell(state, 2, decodeCell('value', false, { cents: { $bigint: '500' } })))).toEqual(stored);
});

test('elements, values of entries and accumulators are migrated; keys and times stay', () => {
  const options = { version: 3, migrations, ttl: { ttl: 10 } };
  expect(encodeCell(true, migrateCell(listState(options), 1, decodeCell('list', true, [[5, 7]])))).toEqual([[stored, 7]]);
  expect(encodeCell(true, migrateCell(mapState(options), 1, decodeCell('map', true, [['k', 5, 7]])))).toEqual([['k', stored, 7]]);
  const aggregate = { createAccumulator: () => stored, add: () => stored, getResult: () => 0, merge: () => stored };
  expect(encodeCell(true, migrateCell(aggregatingState({ ...options, aggregate }), 1, decodeCell('aggregating', true, [5, 7])))).toEqual([stored, 7]);
});

test('what a migration makes null leaves a value and a list', () => {
  const options = { version: 2, migrations: { 1: (n: number) => (n === 0 ? null : n) } };
  expect(encodeCell(false, migrateCell(valueState(options), 1, decodeCell('value', false, 0)))).toBeNull();
  expect(encodeCell(false, migrateCell(listState(options), 1, decodeCell('list', false, [0, 1])))).toEqual([1]);
  expect(encodeCell(false, migrateCell(mapState(options), 1, decodeCell('map', false, [['k', 0]])))).toEqual([['k', null]]);
});

test('a state of the same version without a schema is taken as it is', () => {
  const cell = decodeCell('value', false, 5);
  expect(migrateCell(valueState<number>(), 1, cell)).toBe(cell);
});

test('a migration that is missing is known beforehand', () => {
  const state = valueState({ version: 3, migrations: { 1: migrations[1] } });
  expect(canMigrate(state, 3)).toBeNull();
  expect(canMigrate(state, 1)).toBe('its values have version 1, the program has 3 and no migration from version 2: add migrations[2] to the state');
  expect(canMigrate(state, 4)).toBe('its values have version 4, the program has 3');
  expect(() => migrateCell(state, 1, decodeCell('value', false, 5))).toThrow(fails('STATE_INCOMPATIBLE'));
});

test('a migration that throws is named', () => {
  const broken = (): never => {
    throw new TypeError('why');
  };
  const state = valueState({ version: 2, migrations: { 1: broken } });
  expect(() => migrateCell(state, 1, decodeCell('value', false, 5))).toThrow(fails('FUNCTION_THREW'));
});

/** As zod and others are: adds a default, refuses negative numbers. */
const schema: StandardSchema<{ n: number; unit: string }> = {
  '~standard': {
    validate: (value) => {
      const { n, unit = 'm' } = Object(value);
      return n >= 0 ? { value: { n, unit } } : { issues: [{ message: 'must not be negative', path: ['n'] }] };
    },
  },
};

test('a schema completes what a savepoint restores, also of the same version', () => {
  const state = valueState({ schema });
  expect(encodeCell(false, migrateCell(state, 1, decodeCell('value', false, { n: 1 })))).toEqual({ n: 1, unit: 'm' });
});

test('a schema refuses what a savepoint restores, and says where', () => {
  const refused = expect.toSatisfy((error) => isError(error, 'STATE_VALUE_INVALID') && error.message.endsWith('n: must not be negative') && error.hint?.includes('migration') === true);
  expect(() => migrateCell(listState({ schema }), 1, decodeCell('list', false, [{ n: 1 }, { n: -1 }]))).toThrow(refused);
});

test('a schema that answers later is refused', () => {
  const later: StandardSchema = { '~standard': { validate: (value) => Promise.resolve({ value }) } };
  expect(() => migrateCell(valueState({ schema: later }), 1, decodeCell('value', false, 1))).toThrow(fails('STATE_VALUE_INVALID'));
});

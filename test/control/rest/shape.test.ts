import { expect, test } from 'vitest';
import { flag, fits, hex32, integer, list, location, mapOf, maybe, nullable, object, oneOf, optional, text } from '../../../lib/control/rest/shape.ts';

const SHAPE = object({ name: text, n: integer, on: maybe(flag), kind: oneOf('a', 'b'), ids: list(hex32), by: mapOf(integer), last: nullable(text), at: optional(location) });
const RIGHT = { name: 'x', n: 1, kind: 'a', ids: ['0'.repeat(32)], by: { k: 2 }, last: null };

test('what fits, with fields that are absent, null or unknown', () => {
  for (const value of [RIGHT, { ...RIGHT, on: null }, { ...RIGHT, on: true, at: '/x', further: [] }]) expect(SHAPE.problemWith(value, 'it')).toBeNull();
});

test.each([
  [{ ...RIGHT, name: 1 }, "'name' of it is not a text"],
  [{ ...RIGHT, n: 1.5 }, "'n' of it is not a whole number"],
  [{ ...RIGHT, n: undefined }, "'n' of it is not a whole number"],
  [{ ...RIGHT, on: 'true' }, "'on' of it is not true or false"],
  [{ ...RIGHT, kind: 'c' }, "'kind' of it is not one of a, b"],
  [{ ...RIGHT, ids: ['0'.repeat(32), '0'.repeat(31)] }, "'ids' of it[1] is not an id of 32 lower-case hexadecimal digits"],
  [{ ...RIGHT, ids: {} }, "'ids' of it is not a list"],
  [{ ...RIGHT, by: { k: '2' } }, "'by' of it.k is not a whole number"],
  [{ ...RIGHT, by: [] }, "'by' of it is not an object"],
  [{ ...RIGHT, last: undefined }, "'last' of it is not a text"],
  [{ ...RIGHT, at: null }, "'at' of it is not a path of 1 to 4096 characters"],
  [{ ...RIGHT, at: 'x'.repeat(4097) }, "'at' of it is not a path of 1 to 4096 characters"],
  [null, 'it is not an object'],
  [[], 'it is not an object'],
  ['{}', 'it is not an object'],
])('%j does not fit', (value, problem) => {
  expect(SHAPE.problemWith(value, 'it')).toBe(problem);
  expect(fits(SHAPE, value)).toBe(false);
});

test('the schema says the same', () => {
  expect(object({ on: maybe(flag), ids: list(hex32), by: mapOf(integer) }).schema).toEqual({
    type: 'object',
    properties: {
      on: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
      ids: { type: 'array', items: { type: 'string', pattern: '^[0-9a-f]{32}$' } },
      by: { type: 'object', additionalProperties: { type: 'integer' } },
    },
    required: ['ids', 'by'],
  });
});

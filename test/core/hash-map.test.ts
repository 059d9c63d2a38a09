/** Java's hash tables, as far as they can be seen in the order of a MAP's entries. */
import { expect, test } from 'vitest';
import { binaryStringHash, capacityFor, inHashOrder, stringHash } from '../../lib/core/java/hash-map.ts';
import { valueOf } from './functions-support.ts';

test('texts have the hash codes of String and BinaryStringData', () => {
  expect(stringHash('hello')).toBe(99162322);
  // Spark documents the same function over the same bytes: hash('ABC').
  expect(binaryStringHash('ABC')).toBe(-757602832);
  expect(binaryStringHash('é😀')).not.toBe(binaryStringHash('é'));
});

test('entries stand in slots, which grow in number with them', () => {
  const numbers = [...Array(20).keys()].map((n) => n * 16);
  expect(inHashOrder(numbers.slice(0, 3), (n) => n)).toEqual([0, 16, 32]);
  expect(inHashOrder([17, 1, 16], (n) => n)).toEqual([16, 17, 1]);
  // Twenty entries need 32 slots: every second number stands in the first.
  expect(inHashOrder(numbers, (n) => n).slice(0, 3)).toEqual([0, 32, 64]);
  expect([1, 2, 3, 4, 7].map(capacityFor)).toEqual([2, 4, 4, 8, 16]);
});

test('STR_TO_MAP has that order', () => {
  expect(valueOf('STR_TO_MAP', 'z=1,a=2,k=3')).toEqual([['a', '2'], ['z', '1'], ['k', '3']]);
});

/** What lag is told in: records, or bytes where nobody can tell how many records are in them. */
import { expect, test } from 'vitest';
import { unitOfSum } from '../../lib/control/offset-unit.ts';

const KAFKA = { connector: 'kafka' } as const;
const FILES = { connector: 'filesystem' } as const;
const GENERATED = { connector: 'datagen' } as const;

test('offsets of topics are what the place says; those of files are bytes, those of generated rows are rows', () => {
  expect([unitOfSum([KAFKA], 'records'), unitOfSum([KAFKA], 'bytes')]).toEqual(['records', 'bytes']);
  expect([unitOfSum([FILES], 'records'), unitOfSum([GENERATED], 'bytes')]).toEqual(['bytes', 'records']);
});

test('a sum with bytes in it is no number of records', () => {
  expect([unitOfSum([KAFKA, FILES], 'records'), unitOfSum([KAFKA, GENERATED], 'records'), unitOfSum([], 'bytes')]).toEqual(['bytes', 'records', 'records']);
});

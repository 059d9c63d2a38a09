/** The table of errors: every code in it is thrown or asked for somewhere, says what it means, and is listed once. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { ERRORS, isError, SluiceError, StoreError } from '../../lib/core/errors.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const TABLE = 'lib/core/errors.ts';

const sources = ['lib', 'bin'].flatMap((dir) =>
  readdirSync(join(ROOT, dir), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && join(dir, file) !== TABLE)
    .map((file) => readFileSync(join(ROOT, dir, file), 'utf8')),
);

/** By `StoreError` and `assert`. */
const THROWN_IN_TABLE = ['STORE_FAILED', 'INVARIANT'];

const table = Object.entries(ERRORS);

test.each(table)('%s is used', (code) => {
  // Before anything can be imported, the code is printed as text.
  const use = new RegExp(`Error\\([^)]*'${code}'|\\[ERROR\\] ${code}:`);
  expect(THROWN_IN_TABLE.includes(code) || sources.some((text) => use.test(text))).toBe(true);
});

test.each(table)('%s has a kind, and a text that is a phrase', (_, { kind, what }) => {
  expect(['usage', 'data', 'retry', 'fenced', 'lost', 'bug']).toContain(kind);
  expect(what).toMatch(/^\S.{10,}[^.\s]$/);
});

test('no two codes mean the same', () => {
  const texts = table.map(([, { what }]) => what);
  expect(new Set(texts).size).toBe(texts.length);
});

test('what a code says of itself is in the error', () => {
  const cause = new Error('why');
  const error = new SluiceError('GAP', { message: 'm', hint: 'h', cause, details: { topic: 't' } });
  expect(error).toMatchObject({ name: 'SluiceError', code: 'GAP', kind: 'retry', message: 'm', hint: 'h', cause, details: { topic: 't' } });
  expect(isError(error)).toBe(true);
  expect(isError(error, 'CLOSED', 'GAP')).toBe(true);
  expect(isError(error, 'CLOSED')).toBe(false);
  expect(isError(new Error('GAP'))).toBe(false);
  expect(new StoreError('maybe', { message: 'm' })).toMatchObject({ code: 'STORE_FAILED', kind: 'retry', happened: 'maybe' });
});

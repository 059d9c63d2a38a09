/** The rules of state in the documentation are names of tests, and tests that are rules are in the documentation. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGE = 'docs/state.md';
/** What a file says of itself whose tests are rules. */
const RULES = `; \`${PAGE}\` lists them.`;

/** Rows `| rule | [name](../path of the test file) |`. */
const rows = [...readFileSync(join(ROOT, PAGE), 'utf8').matchAll(/^\| (.+?) \| \[[^\]]+\]\(\.\.\/([^)]+\.test\.ts)\) \|$/gm)].map(([, rule = '', file = '']) => ({ rule, file }));

/** Names of tests; of one with cases, what stands before the case. */
function testsIn(file: string): string[] {
  const names = readFileSync(join(ROOT, file), 'utf8').matchAll(/(?:^ *(?:test|it)|\))\('([^']+)', /gm);
  return Array.from(names, ([, name = '']) => name.replace(/: %.$/, ''));
}

const ruleFiles = readdirSync(join(ROOT, 'test/core'), { recursive: true, encoding: 'utf8' })
  .map((file) => join('test/core', file))
  .filter((file) => file.endsWith('.test.ts') && readFileSync(join(ROOT, file), 'utf8').slice(0, 500).includes(RULES));

test('there are rules and files of them', () => {
  expect(rows.length).toBeGreaterThan(60);
  expect(ruleFiles.length).toBeGreaterThanOrEqual(6);
});

test.each(rows)('is tested: $rule', ({ rule, file }) => {
  expect(testsIn(file)).toContain(rule);
});

test.each(ruleFiles)('all tests of %s are in the table', (file) => {
  expect(testsIn(file).toSorted()).toEqual(rows.filter((row) => row.file === file).map(({ rule }) => rule).toSorted());
});

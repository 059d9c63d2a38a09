/** Every case of the files, but for what README lists with its reason, gives what Flink gives. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compare } from './compare.ts';
import { readCases } from './read-cases.ts';
import { isListed, REMAINING } from './remaining.ts';
import { runCase } from './run-case.ts';

const DIRECTORY = new URL('cases/', import.meta.url);
const FILES = readdirSync(DIRECTORY).filter((file) => file.endsWith('.json') && !file.endsWith('.meta.json'));
const CASES = FILES.flatMap((file) => readCases(readFileSync(new URL(file, DIRECTORY), 'utf8')));
const CATEGORIES = [...new Set(CASES.map(({ category }) => category))].sort();

describe('cases of the category', () => {
  test.each(CATEGORIES)('%s', async (category) => {
    const differing: string[] = [];
    for (const given of CASES.filter((each) => each.category === category && !isListed(each.name))) {
      const { passed, notes } = compare(given, await runCase(given));
      if (!passed) differing.push(`${given.name}: ${notes.join('; ').slice(0, 300)}`);
    }
    expect(differing).toEqual([]);
  }, 180_000);
});

test('the list names cases that there are, with a reason each', () => {
  const unknown = REMAINING.filter(({ covers }) => !CASES.some(({ name }) => covers(name)));
  expect(unknown.map(({ text }) => text)).toEqual([]);
  expect(REMAINING.length).toBeGreaterThan(0);
});

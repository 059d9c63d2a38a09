/**
 * `npm run conformance -- [--category NAME] [--filter TEXT] [--words] FILE.json …`: runs files of cases and prints every difference from
 * Flink. Ends with `N passed, M failed`, and with exit code 1 if any failed. `--words` also prints where a refusal says it in other words.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { ConformanceCase } from './case.ts';
import { compare } from './compare.ts';
import { readCases } from './read-cases.ts';
import { isListed, REMAINING } from './remaining.ts';
import { runCase } from './run-case.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { category: { type: 'string' }, filter: { type: 'string' }, words: { type: 'boolean', default: false }, summary: { type: 'boolean', default: false } },
});
if (positionals.length === 0) {
  console.error('usage: npm run conformance -- [--category NAME] [--filter TEXT] [--words] [--summary] FILE.json …');
  process.exit(2);
}

const isWanted = ({ name, category }: ConformanceCase): boolean =>
  (values.category === undefined || values.category === category) && (values.filter === undefined || name.includes(values.filter));

interface Count {
  passed: number;
  failed: number;
  otherWords: number;
}

const passedNames: string[] = [];
const failedNames: string[] = [];
const counts = new Map<string, Count>();
for (const given of positionals.flatMap((file) => readCases(readFileSync(file, 'utf8'))).filter(isWanted)) {
  const { passed, notes } = compare(given, await runCase(given));
  const count = counts.get(given.category) ?? { passed: 0, failed: 0, otherWords: 0 };
  counts.set(given.category, count);
  count[passed ? 'passed' : 'failed']++;
  (passed ? passedNames : failedNames).push(given.name);
  if (passed && notes.length > 0) count.otherWords++;
  if (!values.summary && (!passed || (values.words && notes.length > 0))) {
    console.log(`${passed ? 'words' : 'FAILED'} ${given.category} ${given.name}\n  ${given.scripts.at(-1)?.text.replaceAll(/\s+/g, ' ')}`);
    for (const note of notes) console.log(`  ${note.replaceAll('\n', '\n  ')}`);
  }
}

const total = { passed: 0, failed: 0 };
for (const [category, { passed, failed, otherWords }] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
  total.passed += passed;
  total.failed += failed;
  console.log(`${category.padEnd(20)} ${String(passed).padStart(4)} of ${passed + failed}${otherWords > 0 ? ` (${otherWords} refusals in other words or places)` : ''}`);
}
const unlisted = failedNames.filter((name) => !isListed(name));
const superfluous = REMAINING.filter(({ covers }) => passedNames.some(covers) && !failedNames.some(covers)).map(({ text }) => text);
if (unlisted.length > 0) console.log(`not listed in README: ${unlisted.join(', ')}`);
if (superfluous.length > 0) console.log(`listed in README, and passed: ${superfluous.join(', ')}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;

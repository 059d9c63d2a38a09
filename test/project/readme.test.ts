/** README's commands are executed as they stand, on a copy of nothing: a fresh data directory. */
import { spawn, execFileSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const blocks = [...README.matchAll(/```(\w+)\n([^]*?)```/g)].map(([, language, text]) => ({ language, text: text ?? '' }));
const scripts: Record<string, string> = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts;

let dir = '';
let runner: ChildProcess;

const sluice = (...words: string[]): string =>
  execFileSync(process.execPath, [join(ROOT, 'bin/sluice.ts'), ...words, '--dir', dir], { cwd: ROOT, encoding: 'utf8' });

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-readme-'));
  runner = spawn(process.execPath, [join(ROOT, 'bin/sluice.ts'), 'up', '--dir', dir], { stdio: 'ignore' });
});
afterAll(() => {
  runner.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

test('the two commands of the first screen are scripts', () => {
  const npm = [...README.matchAll(/npm (?:run (?:-s )?)?(lab|test|sim|bench|sluice)\b/g)].map((m) => m[1] ?? '');
  expect(npm).toEqual(expect.arrayContaining(['lab', 'test', 'sim', 'bench', 'sluice']));
  expect(npm.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test('the lab by hand shows what README says', { timeout: 60_000 }, async () => {
  const printed = { JOB: '', PATH: '' };
  let output = '';
  for (const line of commands()) {
    const words = wordsOf(line.replace(/\bJOB\b/, printed.JOB).replace(/\bPATH\b/, printed.PATH));
    const isQuery = words.some((word) => word.endsWith('2-query.sql'));
    const rows = /(\w+) rows/.exec(line)?.[1];
    output = isQuery && rows !== undefined ? await until(words, `${String(NUMBERS.indexOf(rows))} rows in set`) : sluice(...words);
    printed.JOB = /Job ID: (\w+)/.exec(output)?.[1] ?? printed.JOB;
    printed.PATH = /Path: (\S+)/.exec(output)?.[1] ?? printed.PATH;
  }
  const shown = blocks.find((b) => b.language === 'text')?.text.trim() ?? 'README shows the last row';
  expect(output).toContain(shown);
});

test('the job in TypeScript is an example, and runs by the commands behind it', { timeout: 60_000 }, () => {
  expect(blocks.find((b) => b.language === 'ts')?.text).toBe(readFileSync(join(ROOT, 'examples/deduplication.ts'), 'utf8'));
  const lines = blocks.filter((b) => b.language === 'shell').flatMap((b) => b.text.trim().split('\n'));
  const outputs: string[] = [];
  for (const line of lines) {
    const job = /Job ID: (\w+)/.exec(outputs.at(-1) ?? '')?.[1] ?? '';
    outputs.push(sluice(...wordsOf(line.slice('sluice '.length).replace(/\bJOB\b/, job))));
  }
  expect(outputs.at(-1)).toMatch(/Path: \S+/);
});

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six'];

/** Lines of all sh blocks that call sluice; the runner is up already. */
function commands(): string[] {
  const lines = blocks.filter((b) => b.language === 'sh').flatMap((b) => b.text.split('\n'));
  return lines.filter((line) => line.startsWith('sluice ') && !line.startsWith('sluice up')).map((line) => line.slice('sluice '.length));
}

/** Shell words; comments behind ` #` are left out. */
function wordsOf(line: string): string[] {
  const command = line.replace(/\s#.*$/, '');
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => (m[1] ?? m[2] ?? '').replace(/^savepoints$/, join(dir, 'savepoints')));
}

async function until(words: readonly string[], seen: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const output = sluice(...words);
    if (output.includes(seen) || attempt > 100) {
      expect(output).toContain(seen);
      return output;
    }
    await new Promise((done) => setTimeout(done, 100));
  }
}

/**
 * The lab's steps by hand, from separate processes, while two `sluice up` work on the directory and are killed with SIGKILL and started
 * again between any two commands. A second fork from the same savepoint gives the same rows.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const BIN = join(ROOT, 'bin/sluice.ts');
const LAB = join(ROOT, 'lib/cli/lab');
const CATALOG = join(LAB, '0-catalog.sql');

let dir = '';
let runners: ChildProcess[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-lab-kills-'));
});
afterEach(() => {
  for (const runner of runners) runner.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

function restartRunners(): void {
  for (const runner of runners) runner.kill('SIGKILL');
  runners = [0, 1].map(() => spawn(process.execPath, [BIN, 'up', '--dir', dir], { stdio: 'ignore' }));
}

/** One command, with the runners killed and started before it. */
function sluice(...words: string[]): string {
  restartRunners();
  return run(words);
}

const run = (words: readonly string[]): string => execFileSync(process.execPath, [BIN, ...words, '--dir', dir], { cwd: ROOT, encoding: 'utf8' });

const produce = (file: string): string => sluice('topic', 'produce', 'savepoint-events', '-f', join(LAB, file));

async function table(rows: number): Promise<string[]> {
  const query = ['query', 'SELECT * FROM iceberg_catalog.demo.savepoint_test ORDER BY window_start, event_type', '--json'];
  for (let attempt = 0; ; attempt++) {
    const lines = run(query).trim().split('\n').filter((line) => line !== '');
    if (lines.length >= rows || attempt > 150) return lines;
    await new Promise((done) => setTimeout(done, 100));
  }
}

const jobIn = (output: string): string => /Job ID: (\w+)/.exec(output)?.[1] ?? '';

test('six rows, whatever is killed in between; a second fork writes the same', { timeout: 120_000 }, async () => {
  sluice('topic', 'create', 'savepoint-events');
  const first = jobIn(sluice('sql', '-i', CATALOG, '-f', join(LAB, '1-job.sql')));
  produce('1-before.jsonl');
  expect(await table(2)).toHaveLength(2);
  const path = /Path: (\S+)/.exec(sluice('savepoint', first, join(dir, 'savepoints')))?.[1] ?? '';
  expect(sluice('cancel', first)).toContain(`Cancelled job ${first}.`);
  produce('2-while-stopped.jsonl');
  expect(await table(2)).toHaveLength(2);
  const fork = ['sql', '-i', CATALOG, '-e', `SET 'execution.savepoint.path' = '${path}'`, '-f', join(LAB, '6-resume.sql')];
  const second = jobIn(sluice(...fork));
  expect(await table(5)).toHaveLength(5);
  produce('3-close.jsonl');
  const rows = await table(6);
  expect(rows).toHaveLength(6);
  expect(JSON.parse(rows[5] ?? '{}')).toMatchObject({ event_type: 'click', event_count: 1 });

  const third = jobIn(sluice(...fork));
  expect(third).not.toBe(second);
  // Four rows are those of the second fork, and now of the third, too.
  expect((await table(10)).toSorted()).toEqual([...rows, ...rows.slice(2)].toSorted());
});

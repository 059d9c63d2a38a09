/** What commands say that they wait for. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withPlace } from '../../lib/cli/context.ts';
import { run } from '../../lib/cli/main.ts';
import { withProgress } from '../../lib/cli/progress.ts';
import { ReadSoFar } from '../../lib/cli/read-so-far.ts';
import { storeOperations, type Wait } from '../../lib/control/operations.ts';
import { jobId } from '../../lib/core/numbers.ts';
import { LAB, place, submitLab } from './sluice.ts';

/** A console that keeps what is shown in the line of progress. */
function watched(): { shown: string[]; console: Parameters<typeof run>[1] } {
  const shown: string[] = [];
  return { shown, console: { out: () => {}, err: () => {}, progress: (text) => void shown.push(text), input: async () => null, terminal: () => null } };
}

test('a savepoint says what it waits for and for how long, and leaves no line behind; with --json it says nothing', async () => {
  const { dir, sluice } = place();
  const job = await submitLab(sluice);
  const { shown, console } = watched();
  expect(await run(['--dir', dir, 'savepoint', job], console)).toBe(0);
  expect(shown.pop()).toBe('');
  expect(shown.length).toBeGreaterThan(0);
  for (const line of shown) expect(line).toMatch(/^Waiting for the barrier \.\.\. \d+\.\d s$/);
  const silent = watched();
  expect(await run(['--dir', dir, '--json', 'stop', job], silent.console)).toBe(0);
  expect(silent.shown).toEqual([]);
});

test('operations tell of their steps as they come, and of their end', async () => {
  const { dir, sluice } = place();
  const job = jobId(await submitLab(sluice));
  await sluice('topic', 'produce', 'savepoint-events', '-f', `${LAB}1-before.jsonl`);
  await sluice('up', '--once');
  const { console } = watched();
  const told: (Wait | null)[] = [];
  await withPlace({ dir, given: {}, stack: null, kafkaConfig: null, json: false, console }, { create: false }, async ({ workshop }) => {
    const files: number[] = [];
    const operations = storeOperations({ ...workshop, onWait: (wait) => told.push(wait), onExported: (bytes) => files.push(bytes) });
    const savepoint = await operations.stop(job, { directory: `${dir}/savepoints`, drain: false });
    expect(told.splice(0)).toEqual(['freeze', 'barrier', 'export', 'detach', null]);
    expect(files).toEqual([expect.any(Number)]);
    expect(readdirSync(savepoint)).toHaveLength(2);
    await operations.resume(job, { savepoint, plan: null, allowNonRestored: false, allowOffsetGap: false });
    expect(told.splice(0)).toEqual(['close', 'fence', 'start', 'attach', null]);
    await operations.cancel(job);
    expect(told.splice(0)).toEqual(['close', 'detach', null]);
    await expect(operations.cancel(job)).rejects.toMatchObject({ code: 'JOB_STATE' });
    expect(told).toEqual([null]);
  });
});

test('a line that changes is read again each time', async () => {
  const { shown, console } = watched();
  const soFar = new ReadSoFar();
  soFar.count({ kind: 'hosting', job: jobId('0'.repeat(32)), name: 'a', generation: 0 });
  await withProgress({ console, json: false }, soFar.text, async () => {
    await expect.poll(() => shown.at(-1)).toMatch(/^Reading to the end: 0 records of 1 job so far \.\.\. 0\.\d s$/);
    soFar.count({ kind: 'committed', job: jobId('0'.repeat(32)), source: 0, records: 7, lagMs: null });
    await expect.poll(() => shown.at(-1)).toContain('7 records of 1 job');
  });
  expect(shown.at(-1)).toBe('');
});

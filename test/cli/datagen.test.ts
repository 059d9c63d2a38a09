/** Generated tables by the command line: a runner is killed, a job goes on from a savepoint, and every row is there once, as it was. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { rowText } from '../../lib/adapters/datagen/values.ts';
import { Runners } from '../local/runners.ts';
import { Shop, until } from './shop.ts';

const ROWS = 3000;

const sql = (shop: Shop, options = ''): string => `
CREATE TABLE clicks (id BIGINT, word STRING) WITH ('connector' = 'datagen', 'rows-per-second' = '1500',
  'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '${ROWS}', 'fields.word.length' = '6'${options});
CREATE TABLE seen (id BIGINT, word STRING) WITH ('connector' = 'filesystem', 'path' = '${join(shop.home, 'seen')}', 'format' = 'json');
INSERT INTO seen SELECT id, word FROM clicks`;

/** What the table is to give, in the order of the ids. */
function generated(): string[] {
  const text = rowText('datagen:source-clicks', [
    { name: 'id', values: { kind: 'sequence', start: '1', as: 'number' } },
    { name: 'word', values: { kind: 'text', length: 6 } },
  ]);
  return Array.from({ length: ROWS }, (_, row) => text({ row, now: 0 }));
}

/** The rows that were written, in the order of their ids. */
function written(shop: Shop): string[] {
  const dir = join(shop.home, 'seen');
  const files = readdirSync(dir).filter((name) => name.endsWith('.ndjson'));
  const lines = files.flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n')).filter((line) => line !== '');
  return lines.map((line): { id: number } => JSON.parse(line)).sort((a, b) => a.id - b.id).map((row) => JSON.stringify(row));
}

const nextOf = async (shop: Shop, job: string): Promise<number> => {
  const { state } = await shop.describe(job);
  return state?.sources[0]?.partitions.reduce((sum, { next }) => sum + next, 0) ?? 0;
};

test('behind a runner that was killed every row is read once, and the job ends with the sequence', async () => {
  const shop = new Shop();
  const job = await shop.submit(sql(shop, ", 'scan.parallelism' = '2'"));
  const runners = new Runners(shop.dir);
  onTestFinished(() => runners.end());
  runners.start(0);
  await until(() => nextOf(shop, job), (next) => next > 0);
  await runners.end();
  expect(runners.kills).toBe(1);
  expect(await nextOf(shop, job)).toBeLessThan(ROWS);
  expect(await shop.up()).toEqual([]);
  expect((await shop.describe(job)).status).toBe('FINISHED');
  expect(written(shop)).toEqual(generated());
});

test('a savepoint is gone on from at the row behind it, with the rows that were to come', async () => {
  const shop = new Shop();
  const job = await shop.submit(sql(shop));
  const runner = shop.start();
  await until(() => nextOf(shop, job), (next) => next > 0);
  await shop.sluice('stop', job, '-p', join(shop.home, 'savepoints'));
  await runner.stop();
  const stopped = written(shop);
  expect(stopped.length).toBeGreaterThan(0);
  expect(stopped.length).toBeLessThan(ROWS);
  const wider = shop.file('wider.sql', sql(shop, ", 'scan.parallelism' = '2'"));
  expect(await shop.refused('STATE_INCOMPATIBLE', 'resume', job, '-f', wider, '--allow-non-restored-state')).toContain("set 'scan.parallelism' back to 1");
  await shop.sluice('resume', job);
  expect(await shop.up()).toEqual([]);
  expect(written(shop)).toEqual(generated());
});

test('a table whose rows come seldom is read to its end', async () => {
  const shop = new Shop();
  const job = await shop.submit(sql(shop, ", 'number-of-rows' = '4', 'scan.parallelism' = '2'").replace("'1500'", "'3'"));
  expect(await shop.up()).toEqual([]);
  expect((await shop.describe(job)).status).toBe('FINISHED');
  expect(written(shop)).toEqual(generated().slice(0, 4));
});

test('metadata columns are refused', async () => {
  const declared = sql(new Shop()).replace('word STRING) WITH', 'word STRING, seen_at TIMESTAMP_LTZ(3) METADATA) WITH');
  expect(await new Shop().refused('SQL_VALIDATE', 'sql', '-e', declared)).toContain("doesn't implement the SupportsReadingMetadata interface");
});

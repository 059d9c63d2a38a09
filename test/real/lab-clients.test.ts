/** The savepoint lab, all eight steps, by Flink's own clients alone: `sql-client.sh gateway` and `flink`, against `sluice up`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { LAB, place } from '../cli/sluice.ts';
import { startUp } from '../cli/up-process.ts';
import { flink as command, JARS_WITHIN_MS, sqlClient, sqlClientJars } from './flink-clients.ts';

const LAB_WITHIN_MS = 480_000;
const QUERIES_MAX = 10;

/** The table as the client prints it when Flink has answered. */
const RULE = '+----------------------------+----------------------------+------------+-------------+';
const HEAD = '|               window_start |                 window_end | event_type | event_count |';
const row = (minute: number, type: string, count: number): string =>
  `| 2025-12-30 10:0${minute}:00.000000 | 2025-12-30 10:0${minute + 1}:00.000000 | ${type.padStart(10)} | ${String(count).padStart(11)} |`;
const tableOf = (rows: readonly string[]): string => [RULE, HEAD, RULE, ...rows, RULE, `${rows.length} rows in set`].join('\n');

const BEFORE = [row(0, 'click', 2), row(0, 'view', 1)];
const RESTORED = [...BEFORE, row(1, 'click', 1), row(1, 'purchase', 1), row(1, 'view', 1)];
const CLOSED = [...RESTORED, row(2, 'click', 1)];

let lib: string;

beforeAll(async () => {
  lib = await sqlClientJars();
}, JARS_WITHIN_MS);

test('eight steps', { timeout: LAB_WITHIN_MS }, async () => {
  const { dir, sluice } = place();
  await sluice('topic', 'create', 'savepoint-events', '--partitions', '1');
  const send = (file: string): Promise<unknown> => sluice('topic', 'produce', 'savepoint-events', '-f', `${LAB}${file}`);
  const address = /http:\/\/(127\.0\.0\.1:\d+)/.exec(await startUp(dir, '--rest-port', '0').says('REST API is served'))?.[1] ?? '';
  const script = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const sql = (file: string): Promise<string> => sqlClient(lib, { address, dir, words: ['-i', `${LAB}0-catalog.sql`, '-f', file] });
  const flink = (name: string, ...words: string[]): Promise<string> => command(lib, [name, '-m', address, ...words]);
  const query = script('query.sql', `SET 'sql-client.execution.result-mode' = 'TABLEAU';\nSET 'execution.runtime-mode' = 'batch';\nSELECT * FROM iceberg_catalog.demo.savepoint_test ORDER BY window_start, event_type;`);
  /** Asks until the rows are there. */
  const seen = async (rows: readonly string[]): Promise<string> => {
    for (let queries = 1; ; queries++) {
      const printed = await sql(query);
      if (printed.includes(tableOf(rows)) || queries === QUERIES_MAX) return printed;
      await sleep(1000);
    }
  };
  const jobIn = (printed: string): string => /Job ID: ([0-9a-f]{32})/.exec(printed)?.[1] ?? printed;

  const job = jobIn(await sql(`${LAB}1-job.sql`));
  expect(await flink('list')).toMatch(new RegExp(`: ${job} : insert-into_iceberg_catalog\\.demo\\.savepoint_test \\(RUNNING\\)`));

  await send('1-before.jsonl');
  expect(await seen(BEFORE)).toContain(tableOf(BEFORE));

  const path = /Savepoint completed\. Path: file:(\S+\/savepoint-[0-9a-f]{6}-[0-9a-f]{12})/.exec(await flink('savepoint', job, join(dir, 'savepoints')))?.[1] ?? '';
  expect(existsSync(join(path, '_metadata'))).toBe(true);
  expect(await flink('list')).toContain(`${job} : insert-into_iceberg_catalog.demo.savepoint_test (RUNNING)`);

  expect(await flink('cancel', job)).toContain(`Cancelled job ${job}.`);
  expect(await flink('list', '-a')).toContain('(CANCELED)');

  await send('2-while-stopped.jsonl');
  expect(await sql(query)).toContain(tableOf(BEFORE));

  const resume = script('resume.sql', `SET 'execution.savepoint.path' = '${path}';\n${readFileSync(`${LAB}6-resume.sql`, 'utf8')}`);
  const resumed = jobIn(await sql(resume));
  expect(resumed).not.toBe(job);
  expect(await flink('list')).toContain(`${resumed} : insert-into_iceberg_catalog.demo.savepoint_test (RUNNING)`);

  expect(await seen(RESTORED)).toContain(tableOf(RESTORED));

  await send('3-close.jsonl');
  expect(await seen(CLOSED)).toContain(tableOf(CLOSED));

  expect(await flink('checkpoint', resumed)).toMatch(/Checkpoint \d+ for job .{32} completed\./);
  expect(await flink('stop', '--savepointPath', join(dir, 'savepoints'), resumed)).toContain(`Savepoint completed. Path: file:${dir}/savepoints/savepoint-`);
  expect(await flink('savepoint', '--dispose', `file:${path}`)).toContain(`Savepoint 'file:${path}' disposed.`);
  expect(await sql(query)).toContain(tableOf(CLOSED));
});

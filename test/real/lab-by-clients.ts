/** The savepoint lab, all eight steps, by Flink's own clients alone: `sql-client.sh gateway` and `flink`, wherever the jobs run. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { LAB } from '../cli/sluice.ts';
import { flink as command, sqlClient } from './flink-clients.ts';

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

const QUERY = `SET 'sql-client.execution.result-mode' = 'TABLEAU';
SET 'execution.runtime-mode' = 'batch';
SELECT * FROM iceberg_catalog.demo.savepoint_test ORDER BY window_start, event_type;`;

export interface LabPlace {
  /** Jars of the clients. */
  readonly lib: string;
  /** Of the server: `127.0.0.1:PORT`. */
  readonly address: string;
  /** For scripts, and the history of statements. */
  readonly dir: string;
  /** Directory of savepoints. */
  readonly savepoints: string;
  /** Puts a file of the lab on its topic. */
  send(file: string): Promise<unknown>;
}

/** Throws what is not as it was to be. */
export async function labByClients({ lib, address, dir, savepoints, send }: LabPlace): Promise<void> {
  const script = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const sql = (file: string): Promise<string> => sqlClient(lib, { address, dir, words: ['-i', `${LAB}0-catalog.sql`, '-f', file] });
  const flink = (name: string, ...words: string[]): Promise<string> => command(lib, [name, '-m', address, ...words]);
  const query = script('query.sql', QUERY);
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

  const savepoint = (printed: string): string => /Savepoint completed\. Path: (\S+\/savepoint-[0-9a-f]{6}-[0-9a-f]{12})/.exec(printed)?.[1] ?? printed;
  const path = savepoint(await flink('savepoint', job, savepoints));
  expect(path).toContain('/savepoint-');
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
  expect(savepoint(await flink('stop', '--savepointPath', savepoints, resumed))).toContain('/savepoint-');
  expect(await flink('savepoint', '--dispose', path)).toContain(`Savepoint '${path}' disposed.`);
  expect(await flink('savepoint', '--dispose', path)).toContain('SAVEPOINT_NOT_FOUND');
  expect(await sql(query)).toContain(tableOf(CLOSED));
}

/** What one session is told about jobs, and a statement set that comes in pieces. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { SqlSession } from '../../lib/control/session.ts';
import type { StatementResult } from '../../lib/control/statement-result.ts';
import type { Workshop } from '../../lib/engine/lifecycle/job-control.ts';
import { cancelJob } from '../../lib/control/operations.ts';
import { listJobs } from '../../lib/control/jobs.ts';
import { workshopOf } from '../../lib/place/embedded-settings.ts';
import { jobId } from '../../lib/core/numbers.ts';
import { openEmbedded } from '../../lib/place/embedded.ts';
import { temporaryDirectory } from '../adapters/temporary.ts';

const TABLES = [
  "CREATE TABLE events (id INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'k:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json')",
  "CREATE TABLE a (id INT) WITH ('connector' = 'blackhole')",
  "CREATE TABLE b (id INT) WITH ('connector' = 'blackhole')",
];

async function startSession(properties: Readonly<Record<string, string>> = {}): Promise<{ dir: string; workshop: Workshop; session: SqlSession; sql(...texts: string[]): Promise<StatementResult> }> {
  const dir = temporaryDirectory();
  const ports = openEmbedded(join(dir, 'data'), { create: true });
  onTestFinished(() => ports.close());
  await ports.topics.createTopic('t', 1);
  const openTableCatalog = (): never => {
    throw new Error('no catalog is opened');
  };
  const workshop = workshopOf(ports);
  const session = new SqlSession({ workshop, openTableCatalog, warehouse: join(dir, 'warehouse'), resolvePath: (path) => path }, properties);
  const sql = async (...texts: string[]): Promise<StatementResult> => {
    let last: StatementResult = { kind: 'ok' };
    for (const text of texts) last = await session.execute(text);
    return last;
  };
  await sql(...TABLES);
  return { dir, workshop, session, sql };
}

const rowsOf = (result: StatementResult): readonly unknown[] => ('table' in result ? result.table.rows : []);
const jobOf = (result: StatementResult): string => (result.kind === 'job' ? String(result.job) : 'no job');

test('DESCRIBE JOB and STOP JOB', async () => {
  const { dir, sql } = await startSession();
  const job = jobOf(await sql('INSERT INTO a SELECT id FROM events;'));
  expect(rowsOf(await sql(`DESCRIBE JOB '${job}'`))).toEqual([[job, 'insert-into_default_catalog.default_database.a', 'RUNNING', expect.any(BigInt)]]);
  await expect(sql(`STOP JOB '${job}' WITH SAVEPOINT`)).rejects.toMatchObject({ code: 'OPTION_INVALID', hint: expect.stringContaining('execution.checkpointing.savepoint-dir') });
  const [[url]] = rowsOf(await sql(`SET 'state.savepoints.dir' = '${dir}/savepoints'`, `STOP JOB '${job}' WITH SAVEPOINT`)) as [[string]];
  expect(url).toMatch(new RegExp(`^file:${dir}/savepoints/savepoint-${job.slice(0, 6)}-`));
  expect(existsSync(url.slice('file:'.length))).toBe(true);
  const other = jobOf(await sql('INSERT INTO a SELECT id FROM events'));
  expect(await sql(`STOP JOB '${other}'`)).toEqual({ kind: 'ok' });
  expect(rowsOf(await sql('SHOW JOBS'))).toEqual([[job, expect.anything(), 'FINISHED', expect.anything()], [other, expect.anything(), 'CANCELED', expect.anything()]]);
  await expect(sql("STOP JOB 'ff'")).rejects.toMatchObject({ code: 'JOB_UNKNOWN' });
});

test('a statement set, statement by statement', async () => {
  const { sql } = await startSession();
  await sql('BEGIN STATEMENT SET;', 'INSERT INTO a SELECT id FROM events;');
  await expect(sql('SHOW TABLES')).rejects.toMatchObject({ message: expect.stringContaining("Only 'INSERT") });
  await expect(sql('INSERT INTO b SELECT nope FROM events')).rejects.toMatchObject({ code: 'SQL_VALIDATE' });
  const job = jobOf(await sql('INSERT INTO b SELECT id FROM events', 'END;'));
  expect(rowsOf(await sql(`DESCRIBE JOB '${job}'`))).toEqual([[job, expect.stringContaining('a'), 'RUNNING', expect.anything()]]);
  await expect(sql('END')).rejects.toMatchObject({ message: expect.stringContaining('No Statement Set to submit') });
  expect(await sql('BEGIN STATEMENT SET', 'END')).toEqual({ kind: 'ok' });
});

test('a session has the properties that it was opened with: what it does not know is kept, and does nothing', async () => {
  const { session, sql } = await startSession({ 'taskmanager.numberOfTaskSlots': '2', 'env.java.opts.all': '--x', 'state.savepoints.dir': '/s', 'sql-client.verbose': 'true' });
  await sql("SET 'sql-client.verbose' = 'false'", "SET 'parallelism.default' = '2'");
  expect(session.properties).toEqual({ 'env.java.opts.all': '--x', 'execution.checkpointing.savepoint-dir': '/s', 'parallelism.default': '2', 'sql-client.verbose': 'false', 'taskmanager.numberOfTaskSlots': '2' });
  await sql('RESET');
  expect(session.properties).toMatchObject({ 'sql-client.verbose': 'true', 'execution.checkpointing.savepoint-dir': '/s' });
  expect(session.properties).not.toHaveProperty('parallelism.default');
  await expect(startSession({ 'table.dml-sync': 'perhaps' })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
});

test('with table.dml-sync an INSERT ends with its job, or with whoever waits', async () => {
  const { workshop, session, sql } = await startSession({ 'table.dml-sync': 'true' });
  const waiting = session.execute('INSERT INTO a SELECT id FROM events');
  for (let looks = 0; looks < 100 && (await listJobs(workshop)).length === 0; looks++) await sleep(10);
  const [job] = await listJobs(workshop);
  await cancelJob(workshop, job?.id ?? jobId('0'));
  expect(jobOf(await waiting)).toBe(job?.id);
  expect(jobOf(await session.execute('INSERT INTO b SELECT id FROM events', AbortSignal.abort()))).toMatch(/^[0-9a-f]{32}$/);
  expect(rowsOf(await sql('SHOW JOBS'))).toHaveLength(2);
});

test('one statement at a time, and what configures a session', async () => {
  const { session, sql } = await startSession();
  await expect(sql('SHOW TABLES; SHOW VIEWS')).rejects.toMatchObject({ code: 'SQL_PARSE' });
  await expect(sql('EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT id FROM events;')).rejects.toMatchObject({ message: expect.stringContaining('Encountered "<EOF>"') });
  await session.configure("SET 'parallelism.default' = '2';");
  await session.configure('DROP TABLE b;');
  expect(rowsOf(await sql('SHOW TABLES'))).toEqual([['a'], ['events']]);
  await expect(session.configure('SHOW TABLES')).rejects.toMatchObject({ code: 'SQL_UNSUPPORTED', hint: expect.stringContaining('SET') });
});

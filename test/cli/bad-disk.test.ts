/** Topics that change under a running job, and disks that fail: the error is seen, nothing is acknowledged, and work goes on behind it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openEmbedded } from '../../lib/place/embedded.ts';
import type { Store } from '../../lib/adapters/embedded/store.ts';
import { stopJob, takeSavepoint } from '../../lib/control/operations.ts';
import { resolveJob } from '../../lib/control/jobs.ts';
import { StoreError } from '../../lib/core/errors.ts';
import { workshopOf } from '../../lib/place/embedded-settings.ts';
import type { Blob } from '../../lib/ports/blob.ts';
import { labRecord } from '../engine/lab-plan.ts';
import { Outage } from './outage.ts';
import { Shop, until, type JobJson, type Runner } from './shop.ts';
import { ROOT } from './sluice.ts';

const FIRST = [labRecord('click', 1), labRecord('view', 2)];
const MORE = [labRecord('click', 3), labRecord('click', 70), labRecord('click', 140)];
const ROWS = ['10:00|click|2', '10:00|view|1', '10:01|click|1'];
const bytes = (lines: readonly string[]): number => Buffer.byteLength(`${lines.join('\n')}\n`);

const isRead = ({ state }: JobJson): boolean => state?.sources.every((s) => s.partitions.every((p) => p.lag === 0)) === true;
const hasError = (code: string) => (job: JobJson): boolean => job.recordErrors.some((e) => e.code === code);

describe('a topic under a running job', () => {
  /** A job that has read the first records, and its runner. */
  async function reading(): Promise<{ shop: Shop; job: string; runner: Runner; topic: string; aside: string }> {
    const shop = new Shop();
    await shop.topic();
    const job = await shop.submit(shop.sql());
    await shop.produce(FIRST);
    const runner = shop.start();
    await until(() => shop.describe(job), (seen) => isRead(seen) && seen.state?.sources[0]?.partitions[0]?.next === bytes(FIRST));
    return { shop, job, runner, topic: join(shop.dir, 'topics', 'events'), aside: join(shop.home, 'aside') };
  }

  /** The error is seen where operators look; the job waits at the position that it has read. */
  async function waiting(shop: Shop, job: string, code: string): Promise<void> {
    const seen = await until(() => shop.describe(job), hasError(code));
    expect(seen).toMatchObject({ status: 'RESTARTING', failure: null, recordErrors: [{ topic: 'events', partition: 0, offset: bytes(FIRST), code }] });
    expect(seen.state?.sources[0]?.partitions).toMatchObject([{ next: bytes(FIRST) }]);
    expect(await shop.sluice('list')).toMatch(new RegExp(`events-0 at offset ${bytes(FIRST)}: ${code}: .*\\n +hint: `));
  }

  async function goesOn(shop: Shop, job: string): Promise<void> {
    await shop.produce(MORE);
    await until(async () => shop.rows(), (rows) => rows.length >= ROWS.length);
    expect(shop.rows()).toEqual(ROWS);
    expect(await shop.describe(job)).toMatchObject({ status: 'RUNNING', recordErrors: [] });
  }

  test('truncated, then put back', async () => {
    const { shop, job } = await reading();
    const original = readFileSync(shop.partitionFile());
    truncateSync(shop.partitionFile(), 0);
    await waiting(shop, job, 'TOPIC_TRUNCATED');
    writeFileSync(shop.partitionFile(), original);
    await goesOn(shop, job);
  });

  test('created again, with less and with more than was read: nothing of it is taken', async () => {
    const { shop, job, topic, aside, runner } = await reading();
    renameSync(topic, aside);
    await shop.topic();
    await waiting(shop, job, 'TOPIC_RECREATED');
    await shop.produce([...FIRST, ...FIRST, labRecord('other', 300)]);
    const other = join(shop.home, 'other');
    cpSync(topic, other, { recursive: true });
    rmSync(topic, { recursive: true });
    renameSync(aside, topic);
    await until(() => shop.describe(job), ({ status }) => status === 'RUNNING');
    rmSync(topic, { recursive: true });
    renameSync(other, topic);
    await waiting(shop, job, 'TOPIC_RECREATED');

    const path = /Path: (.*)/.exec(await shop.sluice('savepoint', job))?.[1] ?? '';
    await runner.stop();
    const text = await shop.refused('TOPIC_RECREATED', 'sql', '-e', `SET 'execution.savepoint.path' = '${path}'; ${shop.sql()}`);
    expect(text).toContain('deleted and created again');
    expect(shop.rows()).toEqual([]);
  });

  test('removed, while the runner is up and before one comes up', async () => {
    const { shop, job, topic, aside, runner } = await reading();
    renameSync(topic, aside);
    await waiting(shop, job, 'TOPIC_UNKNOWN');
    await runner.stop();
    expect(await shop.up()).toMatchObject([{ code: 'TOPIC_UNKNOWN' }]);
    expect(await shop.refused('TOPIC_UNKNOWN', 'sql', '-e', shop.sql())).toContain('events');
    renameSync(aside, topic);
    expect(await shop.up()).toEqual([]);
    shop.start();
    await goesOn(shop, job);
  });
});

/** A directory that has room for a probe, and for nothing else. */
function withoutSpace(blob: Blob): Blob {
  return {
    put: (key, data) => (data.length > 1 ? Promise.reject(new StoreError('no', { message: `${key}: ENOSPC: no space left on device` })) : blob.put(key, data)),
    renew: (key, data) => blob.renew(key, data),
    get: (key, range) => blob.get(key, range),
    list: (prefix, page) => blob.list(prefix, page),
    remove: (key) => blob.remove(key),
  };
}

describe('a disk', () => {
  /** A job whose runner stands behind an outage. */
  async function behind(outage: Outage): Promise<{ shop: Shop; job: string; runner: Runner }> {
    const shop = new Shop();
    await shop.topic(2);
    const job = await shop.submit(`SET 'execution.checkpointing.interval' = '100 ms'; ${shop.sql()}`);
    const runner = shop.start((ports) => outage.before(ports));
    await shop.produce(FIRST, 0);
    await until(() => shop.describe(job), isRead);
    return { shop, job, runner };
  }

  test.each(['full', 'gone'] as const)('that is %s for a while: the results are complete, once it works again', async (state) => {
    const outage = new Outage();
    const { shop, job, runner } = await behind(outage);
    outage.state = state;
    await shop.produce(MORE, 0);
    await shop.produce([labRecord('click', 140)], 1);
    await until(async () => outage.refused, (refused) => refused > 20);
    expect(runner.events).toContainEqual(expect.objectContaining({ error: expect.objectContaining({ code: 'STORE_FAILED' }) }));
    expect(shop.rows()).toEqual([]);
    expect(await shop.describe(job)).toMatchObject({ status: 'RUNNING', failure: null });
    outage.state = 'none';
    await until(async () => shop.rows(), (rows) => rows.length >= ROWS.length);
    expect(shop.rows()).toEqual(ROWS);
    await shop.sluice('stop', job, '--drain');
    expect(shop.rows()).toEqual([...ROWS, '10:02|click|2'].sort());
  });

  /** What the system itself answers: pages that SQLite may not add, a file that it may not write. */
  const BROKEN = [
    { state: 'full', pragma: 'max_page_count = 1', repair: 'max_page_count = 1000000', says: 'the disk is full' },
    { state: 'read-only', pragma: 'query_only = ON', repair: 'query_only = OFF', says: 'the file is read-only' },
  ];

  test.each(BROKEN)('that is $state for the store of a runner: it says so, loses nothing and goes on when it is repaired', async ({ pragma, repair, says }) => {
    const shop = new Shop();
    await shop.topic(2);
    const job = await shop.submit(`SET 'execution.checkpointing.interval' = '100 ms'; ${shop.sql()}`);
    const stores: Store[] = [];
    const runner = shop.start((ports) => {
      stores.push(ports.store);
      return ports;
    });
    await shop.produce(FIRST, 0);
    await until(() => shop.describe(job), isRead);
    for (const store of stores) store.exec(`PRAGMA ${pragma}`);
    // More than the free pages of the file hold.
    for (let round = 0; round < 3; round++) await shop.produce(Array.from({ length: 20_000 }, (_, i) => labRecord(`type${i}`, 4)), 1);
    await shop.produce(MORE, 0);
    const error = expect.objectContaining({ code: 'STORE_FAILED', message: expect.stringContaining(says) });
    await until(async () => runner.events, (events) => events.some((event) => 'error' in event && event.error?.message.includes(says) === true));
    expect(runner.events).toContainEqual(expect.objectContaining({ error }));
    expect(await shop.describe(job)).toMatchObject({ status: 'RUNNING', failure: null });
    for (const store of stores) store.exec(`PRAGMA ${repair}`);
    await shop.produce([labRecord('click', 140)], 1);
    await until(async () => shop.rows(), (rows) => rows.length >= ROWS.length);
    expect(shop.rows().filter((row) => !row.includes('type'))).toEqual(ROWS);
    expect(shop.rows().filter((row) => row.includes('type'))).toHaveLength(20_000);
    expect(shop.rows()).toContain('10:00|type7|3');
  });

  test('that ends in the middle of a write: the runner goes on asking, and its successor has everything', async () => {
    const shop = new Shop();
    await shop.topic(1);
    const job = await shop.submit(shop.sql());
    // Files end at 64 KB: SQLite's write-ahead log is cut in the middle of a transaction (SQLITE_IOERR), not refused at its beginning.
    const limited = `ulimit -f 64; exec "${process.execPath}" "${ROOT}bin/sluice.ts" up --dir "${shop.dir}"`;
    const runner = spawn('bash', ['-c', limited], { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => void runner.kill('SIGKILL'));
    let said = '';
    runner.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    for (let round = 0; round < 20; round++) {
      await shop.produce(Array.from({ length: 500 }, (_, i) => labRecord(`type${i}`, 4)));
      if (said.includes('STORE_FAILED')) break;
      await until(() => shop.describe(job), (seen) => isRead(seen) || said.includes('STORE_FAILED'));
    }
    await shop.produce(MORE);
    await until(async () => said, (text) => text.includes('STORE_FAILED') && text.includes('disk I/O error'));
    expect(runner.exitCode).toBeNull();
    runner.kill('SIGKILL');
    await once(runner, 'exit');
    expect(await shop.up()).toEqual([]);
    expect(await shop.describe(job)).toMatchObject({ status: 'RUNNING', failure: null });
    const rows = shop.rows();
    expect(rows).toContain('10:01|click|1');
    expect(rows.filter((row) => row.includes('type'))).toHaveLength(500);
    const counts = new Set(rows.filter((row) => row.includes('type')).map((row) => row.split('|')[2]));
    expect([...counts]).toEqual([String(readFileSync(shop.partitionFile(), 'utf8').split('type7"').length - 1)]);
  });

  test('that a table lies on takes no rows: the runner says so, and writes them when it does', async () => {
    const shop = new Shop();
    await shop.topic(1);
    const job = await shop.submit(shop.sql());
    const runner = shop.start();
    const table = join(shop.home, 'counts');
    writeFileSync(table, 'a file where the directory was');
    await shop.produce([...FIRST, ...MORE]);
    const isTold = (events: Runner['events']): boolean => events.some((event) => event.kind === 'firer' && event.error.code === 'SINK_UNAVAILABLE');
    await until(async () => runner.events, isTold);
    expect(runner.events.filter((event) => event.kind === 'firer')).toHaveLength(1);
    expect(await shop.describe(job)).toMatchObject({ status: 'RUNNING', failure: null });
    rmSync(table);
    await until(async () => shop.rows(), (rows) => rows.length >= ROWS.length);
    expect(shop.rows()).toEqual(ROWS);
  });

  test('that is full when the runner ends: nothing is lost', async () => {
    const outage = new Outage();
    const { shop, job, runner } = await behind(outage);
    outage.state = 'full';
    await shop.produce(MORE, 0);
    await until(async () => outage.refused, (refused) => refused > 5);
    await runner.stop();
    await shop.produce([labRecord('click', 140)], 1);
    expect(await shop.up()).toEqual([]);
    expect(shop.rows()).toEqual(ROWS);
    expect(await shop.describe(job)).toMatchObject({ status: 'RUNNING' });
  });

  test('that is full when a savepoint is written: the job goes on', async () => {
    const { shop, job, runner } = await behind(new Outage());
    await runner.stop();
    const ports = openEmbedded(shop.dir, { create: false });
    const full = workshopOf({ ...ports, openDirectory: (url) => withoutSpace(ports.openDirectory(url)) });
    const id = await resolveJob(ports, job);
    const directory = join(shop.home, 'savepoints');
    for (const take of [() => takeSavepoint(full, id, directory), () => stopJob(full, id, { directory, drain: false })]) {
      await expect(take()).rejects.toMatchObject({ code: 'SAVEPOINT_UNWRITABLE', message: expect.stringContaining('ENOSPC') });
      expect(await until(() => shop.describe(job), ({ status }) => status === 'RUNNING')).toMatchObject({ status: 'RUNNING' });
    }
    ports.close();
    shop.start();
    await shop.produce(MORE, 0);
    await shop.produce([labRecord('click', 140)], 1);
    await until(async () => shop.rows(), (rows) => rows.length >= ROWS.length);
    expect(shop.rows()).toEqual(ROWS);
    await shop.sluice('stop', job, '-p', directory);
  });
});

/** Queries without an end: what they show, what they hold, and how they end. */
import { expect, test } from 'vitest';
import { BOUNDED, LiveWorld, take, text } from './live-world.ts';

const at = (second: number): string => `2026-01-01 00:00:${String(second).padStart(2, '0')}`;

test('a result that changes shows each change, as Flink does', async () => {
  const world = new LiveWorld();
  world.produce([{ kind: 'a' }, { kind: 'b' }, { kind: 'a' }, { kind: 'a' }]);
  const query = await world.query(`SELECT kind, COUNT(*) AS c FROM ${BOUNDED} GROUP BY kind`);
  expect(query.columns.map(({ name }) => name)).toEqual(['kind', 'c']);
  expect(await take(query)).toEqual(['+I a 1', '+I b 1', '-U a 1', '+U a 2', '-U a 2', '+U a 3']);
});

test('rows come as their records do, and go on coming', async () => {
  const world = new LiveWorld();
  const { changes } = await world.query('SELECT n * 2 FROM events WHERE n > 1');
  const rows = changes[Symbol.asyncIterator]();
  world.produce([{ n: 1 }, { n: 2 }]);
  const next = async (): Promise<string[]> => ((await rows.next()).value ?? []).map(text);
  expect(await next()).toEqual(['+I 4']);
  world.produce([{ n: 3 }]);
  expect(await next()).toEqual(['+I 6']);
  await rows.return?.();
  expect(await rows.next()).toEqual({ done: true, value: undefined });
});

test('a windowed query gives its windows as they close, and all of them at the end of its input', async () => {
  const world = new LiveWorld(2);
  world.produce([{ n: 1, ts: at(1) }, { n: 2, ts: at(12) }]);
  world.produce([{ n: 5, ts: at(3) }, { n: 7, ts: at(22) }], 1);
  const sql = `SELECT window_start, SUM(n) FROM TABLE(TUMBLE(TABLE ${BOUNDED}, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end`;
  const start = Date.UTC(2026, 0, 1);
  expect(await take(await world.query(sql))).toEqual([`+I ${start} 6`, `+I ${start + 10_000} 2`, `+I ${start + 20_000} 7`]);
});

test('ORDER BY the row time, and LIMIT', async () => {
  const world = new LiveWorld();
  world.produce([{ n: 2, ts: at(1) }, { n: 3, ts: at(3) }]);
  expect(await take(await world.query(`SELECT n FROM ${BOUNDED} ORDER BY ts`))).toEqual(['+I 2', '+I 3']);
  expect(await take(await world.query(`SELECT n FROM ${BOUNDED} LIMIT 1`))).toEqual(['+I 2']);
});

test.each([
  ['SELECT 1 AS x', ['+I 1']],
  ["SELECT x FROM (VALUES ('a'), ('b')) AS t (x)", ['+I a', '+I b']],
  ["CREATE TABLE made (i INT) WITH ('connector' = 'datagen', 'number-of-rows' = '3', 'fields.i.kind' = 'sequence', 'fields.i.start' = '1', 'fields.i.end' = '3'); SELECT SUM(i) FROM made", ['+I 1', '-U 1', '+U 3', '-U 3', '+U 6']],
])('%s', async (sql, rows) => {
  expect(await take(await new LiveWorld().query(sql))).toEqual(rows);
});

test("it reads from where 'scan.startup.mode' says, and records that come later are not part of a bounded one", async () => {
  const world = new LiveWorld();
  world.produce([{ n: 1 }]);
  const newest = await world.query(`SELECT n FROM events /*+ OPTIONS('scan.startup.mode' = 'latest-offset') */`);
  const bounded = await world.query(`SELECT n FROM ${BOUNDED}`);
  world.produce([{ n: 2 }]);
  expect(await take(newest, 1)).toEqual(['+I 2']);
  expect(await take(bounded)).toEqual(['+I 1']);
});

test('nothing of it is in the stores of the place', async () => {
  const world = new LiveWorld();
  world.produce([{ n: 1 }]);
  await take(await world.query(`SELECT COUNT(*) FROM ${BOUNDED}`));
  expect(world.ports.log.logs()).toEqual([]);
  expect(await world.ports.control.list('JOBS', '', { after: '', limit: 10 })).toEqual([]);
});

test('nobody reads ahead of a consumer that has stopped asking', async () => {
  const world = new LiveWorld();
  const { source } = world.ports;
  for (let i = 0; i < 8; i++) world.produce(Array.from({ length: 1000 }, () => ({ kind: 'x'.repeat(400), n: i })));
  let fetched = 0;
  const fetch = source.fetch.bind(source);
  source.fetch = async (...parameters) => {
    const batch = await fetch(...parameters);
    fetched += batch?.offsets.length ?? 0;
    return batch;
  };
  const rows = (await world.query('SELECT n FROM events')).changes[Symbol.asyncIterator]();
  await rows.next();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const read = fetched;
  expect(read).toBeLessThan(2000);
  for (let i = 0; i < 3; i++) await rows.next();
  expect(fetched).toBeGreaterThan(read);
  await rows.return?.();
});

test('what it holds is its state, however long it runs', async () => {
  const world = new LiveWorld();
  for (let i = 0; i < 5; i++) world.produce(Array.from({ length: 1000 }, (_, n) => ({ kind: `${'k'.repeat(500)}${n % 10}`, n: 1 })));
  const { changes } = await world.query(`SELECT kind, SUM(n) FROM ${BOUNDED} GROUP BY kind`, 200_000);
  let most = 0;
  const totals = new Map<unknown, unknown>();
  for await (const batch of changes) {
    for (const { kind, row } of batch) if (kind !== 'UPDATE_BEFORE') totals.set(row[0], row[1]);
    most = Math.max(most, world.scratch.bytes);
  }
  expect(most).toBeLessThan(1_000_000);
  expect([...totals.values()]).toEqual(Array.from({ length: 10 }, () => 500));
});

test('a state that is too large says what to do instead', async () => {
  const world = new LiveWorld();
  for (let i = 0; i < 4; i++) world.produce(Array.from({ length: 500 }, (_, n) => ({ kind: `${'k'.repeat(500)}${i * 500 + n}` })));
  const query = await world.query(`SELECT kind, COUNT(*) FROM ${BOUNDED} GROUP BY kind`, 200_000);
  await expect(take(query)).rejects.toMatchObject({ code: 'QUERY_TOO_LARGE', hint: expect.stringContaining('INSERT INTO') });
});

test('it ends at once, also for a consumer that waits for a row', async () => {
  const { changes, end } = await new LiveWorld().query('SELECT n FROM events');
  const waiting = changes[Symbol.asyncIterator]().next();
  const begun = performance.now();
  await end();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(performance.now() - begun).toBeLessThan(300);
  await end();
});

test('it ends at once, also where the topics do not answer', async () => {
  const world = new LiveWorld();
  const { changes, end } = await world.query('SELECT n FROM events');
  world.ports.source.fetch = () => new Promise(() => {});
  const waiting = changes[Symbol.asyncIterator]().next();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await end();
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test('a record that cannot be read ends it with what is wrong, behind the rows before', async () => {
  const world = new LiveWorld();
  world.produce([{ n: 1 }]);
  world.ports.source.produce('events', ['{"n": nonsense']);
  const { changes } = await world.query('SELECT n FROM events');
  const rows: string[] = [];
  const reading = async (): Promise<void> => {
    for await (const batch of changes) rows.push(...batch.map(text));
  };
  await expect(reading()).rejects.toMatchObject({ code: 'RECORD_MALFORMED' });
  expect(rows).toEqual(['+I 1']);
});

test('where bad records would go into a table, a query leaves them out', async () => {
  const world = new LiveWorld();
  world.ports.source.produce('events', ['nonsense']);
  world.produce([{ n: 1 }]);
  const query = await world.query(`SET 'sluice.on-record-error' = 'dlq'; SELECT n FROM ${BOUNDED}`);
  expect(await take(query)).toEqual(['+I 1']);
});

test('a topic that is not there is told before anything runs', async () => {
  await expect(new LiveWorld().query(`SELECT n FROM events /*+ OPTIONS('topic' = 'other') */`)).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' });
});

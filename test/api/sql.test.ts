/** SQL and streams in one job. */
import { expect, test } from 'vitest';
import { build, nodeOf, payments, refusal, rowsAt, streamRow } from './jobs.ts';
import { catalogTable, table } from '../../lib/api/index.ts';
import { compileDataflow } from '../../lib/core/dataflow.ts';
import { Raw } from '../../lib/core/types.ts';

const ORDERS = `CREATE TABLE orders (id BIGINT, price DECIMAL(10, 2), ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'kafka', 'topic' = 'orders', 'properties.bootstrap.servers' = 's:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');`;
const OUT = "CREATE TABLE written_rows (id BIGINT, price DECIMAL(10, 2)) WITH ('connector' = 'blackhole');";
const sums = table({ columns: { account: 'STRING', total: 'DOUBLE' }, with: { connector: 'blackhole' } });

test('rows of a query are objects, at the time of the column that is named', () => {
  const job = build((b) => {
    b.sql(ORDERS);
    b.query<{ id: bigint; price: string }>('SELECT id, price, ts FROM orders WHERE id > 1', { time: 'ts' }).keyBy(({ id }) => id).process('p', { onEvent: ({ price }) => [{ price }] }).print('out');
  });
  const rows: unknown[] = [];
  job.code.transforms.get('query-1')?.([2n, 1250n, 99], (row) => void rows.push(row));
  expect(rows).toEqual([[new Raw({ id: 2n, price: '12.50', ts: new Date(99) }), 99]]);
  expect(nodeOf(job, 'query-1', 'code').input).toBe('calc-query-1');
  expect(nodeOf(job, 'source-orders', 'source').format.kind).toBe('json');
});

test('INSERTs are part of the job, and a table that SQL and streams read is read once', () => {
  const job = build((b) => {
    b.sql(ORDERS + OUT + 'INSERT INTO written_rows SELECT id, price FROM orders;');
    b.table<{ id: bigint }>('orders').map(({ id }) => ({ account: String(id), total: 1 })).to('sums', sums);
  });
  expect(job.plan.nodes.filter(({ kind }) => kind === 'source')).toHaveLength(1);
  expect(job.plan.nodes.filter(({ kind }) => kind === 'sink').map(({ uid }) => uid)).toEqual(['sink-written_rows', 'sums']);
  expect(rowsAt(job, 'sums', [[3n, 1n, 0]])).toEqual([['3', 1]]);
});

test('a stream is a table of SQL, whose windows go by the event time of the stream', () => {
  const job = build((b) => {
    b.from('payments', payments()).asTable('p', { columns: { account: 'STRING', amount: 'DOUBLE', ts: 'TIMESTAMP(3)' }, rowtime: 'ts' });
    b.sql("CREATE TABLE totals (account STRING, total DOUBLE) WITH ('connector' = 'blackhole');");
    b.sql("INSERT INTO totals SELECT account, SUM(amount) FROM TABLE(TUMBLE(TABLE p, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY account, window_start, window_end");
  });
  const { sources } = compileDataflow(job.plan, job.code);
  expect(job.plan.nodes.filter(({ kind }) => kind === 'source').map(({ uid }) => uid)).toEqual(['payments']);
  const [path] = sources[0]?.paths ?? [];
  const rows: unknown[] = [];
  path?.into((row) => void rows.push([...row]))(streamRow({ account: 'a', amount: 2 }, 1234));
  expect(path?.to.kind).not.toBe('sink');
  expect(rows).toEqual([['a', 2, 1234]]);
});

test('a table that SQL has created takes a stream, by the names of its columns', () => {
  const job = build((b) => {
    b.sql(OUT);
    b.from('payments', payments()).map(({ amount }) => ({ price: amount, id: 1 })).to('written', catalogTable('written_rows'));
  });
  expect(rowsAt(job, 'written', [streamRow({ amount: 0.5 })])).toEqual([[1n, 50n]]);
  expect(nodeOf(job, 'written', 'sink').table).toBe('default_catalog.default_database.written_rows');
});

test('a query whose rows change is no stream', () => {
  const act = (): unknown => build((b) => {
    b.sql(ORDERS);
    b.query('SELECT id, COUNT(*) FROM orders GROUP BY id').print('out');
  });
  expect(refusal(act)).toMatchObject({ code: 'SQL_UNSUPPORTED', message: expect.stringContaining('A query whose rows change') });
});

test('a time of a query is one of its columns', () => {
  const act = (): unknown => build((b) => {
    b.sql(ORDERS);
    b.query('SELECT id FROM orders', { time: 'ts' }).print('out');
  });
  expect(refusal(act)).toMatchObject({ code: 'JOB_DEFINITION', message: "job.query: 'ts' is no column of type TIMESTAMP(3) or TIMESTAMP_LTZ(3)", hint: 'Its columns are id.' });
});

test.each([
  ['that is nearly the name of one', OUT, 'writen_rows', "Did you mean 'written_rows'?"],
  ['that is like none', OUT, 'nope', "create it before: job.sql('CREATE TABLE …'); so far there is written_rows"],
  ['where there are two others', `${OUT}; ${ORDERS}`, 'nope', "create it before: job.sql('CREATE TABLE …'); so far there are orders, written_rows"],
  ['where there is none', '', 'nope', "create it before: job.sql('CREATE TABLE …')"],
])('a catalog table that is not there, %s', (_, sql, name, hint) => {
  const refused = refusal(() => build((b) => {
    if (sql !== '') b.sql(sql);
    b.from('payments', payments()).map(({ amount }) => ({ price: amount, id: 1 })).to('out', catalogTable(name));
  }));
  expect(refused).toMatchObject({ code: 'SQL_VALIDATE', hint });
  expect(refused.message).toMatch(/^sink out: at line 1, column 1: Cannot find table /);
});

test('two streams into one table are refused', () => {
  const act = (): unknown => build((b) => {
    b.sql(OUT);
    const stream = b.from('payments', payments()).map(({ amount }) => ({ price: amount, id: 1 }));
    stream.to('one', catalogTable('written_rows'));
    stream.to('two', catalogTable('written_rows'));
  });
  expect(refusal(act).message).toContain("'one' writes the same table");
});

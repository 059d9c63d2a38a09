/** What the functions of a plan do with rows, without an engine. */
import { expect, test } from 'vitest';
import { connectedJob, pipelineJob } from './examples.ts';
import { build, numbers, payments, refusal, rowsAt, streamRow, type Payment } from './jobs.ts';
import { collect, combine, count, avg, generator, kafka, max, min, sideOutput, sum, table, tumbling, type AggregateFunction, type StandardSchema } from '../../lib/api/index.ts';
import { Raw, type Row } from '../../lib/core/types.ts';

const BLACKHOLE = { connector: 'blackhole' };
const out = table({ columns: { n: 'BIGINT' }, with: BLACKHOLE });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('map, filter and flatMap make values of values, and keep their time', () => {
  const job = build((b) => {
    b.from('n', numbers()).filter((n) => n % 2 === 0).map((n) => n * 10).flatMap((n) => [n, n + 1]).map((n) => ({ n })).to('out', out);
  });
  expect(rowsAt(job, 'out', [streamRow(1), streamRow(2), streamRow(4)])).toEqual([[20n], [21n], [40n], [41n]]);
  const rows: Row[] = [];
  job.code.transforms.get('n-filter-map')?.(streamRow(4, 99), (row) => void rows.push(row));
  expect(rows).toEqual([streamRow(40, 99)]);
});

test('printed are values as JSON, with dates as ISO 8601, and what only looks like one as it is', () => {
  const job = build((b) => b.from('n', numbers()).map((n) => ({ at: new Date(n), all: [new Date(0)], own: { $date: 1 }, big: 1n })).print('out'));
  const [[text = null] = []] = rowsAt(job, 'out', [streamRow(1000)]);
  expect(text).toBe('{"at":"1970-01-01T00:00:01.000Z","all":["1970-01-01T00:00:00.000Z"],"own":{"$$date":1},"big":{"$bigint":"1"}}');
  const bare = build((b) => b.from('n', numbers()).map((n) => new Date(n)).print('out'));
  expect(rowsAt(bare, 'out', [streamRow(1000)])).toEqual([['"1970-01-01T00:00:01.000Z"']]);
});

test('a function that throws is named by its node, and errors of others pass', () => {
  const job = build((b) => b.from('n', numbers()).map((): { n: number } => { throw new TypeError('no such luck'); }).to('out', out));
  expect(refusal(() => rowsAt(job, 'out', [streamRow(1)]))).toMatchObject({ code: 'FUNCTION_THREW', message: 'the function of n-map fails: no such luck' });
});

test('keys are values of the program, undefined being null, and inputs are numbered', () => {
  const { code } = connectedJob.build();
  const rows: Row[] = [];
  for (const uid of ['ours-key', 'theirs-key']) code.transforms.get(uid)?.(streamRow({ account: 'a', amount: 1 }, 7), (row) => void rows.push(row));
  expect(rows).toEqual([[new Raw('a'), new Raw({ account: 'a', amount: 1 }), 7, 0], [new Raw('a'), new Raw({ account: 'a', amount: 1 }), 7, 1]]);
  code.transforms.get('ours-key')?.(streamRow({}), (row) => void rows.push(row));
  expect(rows[2]?.[0]).toEqual(new Raw(null));
});

test('results of windows are made of key, result and window, at the last millisecond of the window', () => {
  const rows: Row[] = [];
  pipelineJob.build().code.transforms.get('totals-results')?.([new Raw('a'), new Raw({ total: 3, n: 2 }), 0, 60_000, 59_999], (row) => void rows.push(row));
  expect(rows).toEqual([[new Raw({ account: 'a', total: 3, n: 2, end: 60_000 }), 59_999]]);
});

test('records are JSON unless the program decodes them; tombstones are passed over', () => {
  const decoded = (job: ReturnType<typeof build>, record: string | null): Row | null | undefined => job.code.decoders.get('p')?.(record === null ? null : bytes(record));
  const json = build((b) => b.from('p', payments()).print('out'));
  expect(decoded(json, '{"account":"a","at":5}')).toEqual([new Raw({ account: 'a', at: 5 }), 5]);
  expect(decoded(json, null)).toBeNull();
  expect(decoded(json, '{}')?.[1]).toBeNull();
  const own = build((b) => b.from('p', kafka<string>({ topic: 't', servers: 's:1', decode: (record) => new TextDecoder().decode(record).toUpperCase() })).print('out'));
  expect(decoded(own, 'abc')).toEqual([new Raw('ABC'), null]);
});

test.each([
  ['no JSON', '{"account"', 'the record cannot be read: '],
  ['no text at all', '\ud800', 'the record cannot be read: '],
  ['what the schema refuses, naming the path', '{"amount":"1"}', 'amount: expected a number'],
  ['an event time that is none', '{"amount":1,"at":"soon"}', 'its event time cannot be read: "soon" is no time'],
])('a record is malformed: %s', (_, record, message) => {
  const schema: StandardSchema<Payment> = {
    '~standard': {
      validate: (value) => (JSON.stringify(value).includes('"1"') ? { issues: [{ message: 'expected a number', path: [{ key: 'amount' }] }] } : { value: JSON.parse(JSON.stringify(value)) }),
    },
  };
  const { code } = build((b) => b.from('p', kafka({ topic: 't', servers: 's:1', schema, eventTime: ({ at }) => at })).print('out'));
  expect(refusal(() => code.decoders.get('p')?.(bytes(record)))).toMatchObject({ code: 'RECORD_MALFORMED', message: expect.stringContaining(message) });
});

test.each<[string | number | Date, number]>([
  [1500.7, 1500],
  [new Date(1500), 1500],
  ['1970-01-01T00:00:01.5Z', 1500],
  ['1970-01-01T01:00:01.5+01:00', 1500],
  ['1970-01-01 00:00:01.5', 1500],
  ['1970-01-02', 86_400_000],
])('an event time may be %s', (at, ms) => {
  const { code } = build((b) => b.from('p', kafka<object>({ topic: 't', servers: 's:1', eventTime: () => at })).print('out'));
  expect(code.decoders.get('p')?.(bytes('{}'))?.[1]).toBe(ms);
});

test('a generator makes a value of every number', () => {
  const { code } = build((b) => b.from('g', generator((i) => ({ id: `n${i}` }), { eventTime: ({ id }) => id.length })).print('out'));
  expect(code.decoders.get('g')?.(bytes('{"index":12}'))).toEqual([new Raw({ id: 'n12' }), 3]);
});

const TYPES = {
  flag: 'BOOLEAN NOT NULL', small: 'TINYINT', whole: 'INT', big: 'BIGINT', real: 'DOUBLE', price: 'DECIMAL(10, 2)', text: 'VARCHAR(3)', raw: 'BYTES', day: 'DATE', clock: 'TIME(3)',
  at: 'TIMESTAMP(3)', nanos: 'TIMESTAMP_LTZ(9)', list: 'ARRAY<INT>', map: 'MAP<STRING, INT>', row: 'ROW<`a` INT, `b` STRING>',
} as const;
const FULL = {
  flag: true, small: -128, whole: 7, big: 8, real: 0.5, price: '12.5', text: 'abc', raw: new Uint8Array([1]), day: '1970-01-02', clock: '00:00:01', at: new Date(5), nanos: 5, list: [1, null], map: { k: 1 }, row: { a: 1, b: 'x' },
};

/** The row that a value becomes. */
const rowOf = (value: unknown): Row | undefined => rowsAt(build((b) => b.from('v', kafka<typeof FULL>({ topic: 't', servers: 's:1' })).to('typed', table({ columns: TYPES, with: { ...BLACKHOLE } }))), 'typed', [streamRow(value)])[0];

test('objects become rows by the names and types of the columns', () => {
  expect(rowOf(FULL)).toEqual([true, -128, 7, 8n, 0.5, 1250n, 'abc', new Uint8Array([1]), 1, 1000, 5, 5_000_000n, [1, null], [['k', 1]], [1, 'x']]);
  expect(rowOf({ flag: false, map: new Map([['m', 2]]), price: 3n, big: 9n })).toEqual([false, null, null, 9n, null, 300n, ...Array(7).fill(null), [['m', 2]], null]);
});

test.each<[string, Partial<Record<keyof typeof TYPES, unknown>>]>([
  ['typed: column flag is NOT NULL, and there is no value', { flag: null }],
  ['typed: column flag is NOT NULL, and there is no value', { flag: undefined }],
  ['typed: column flag is BOOLEAN, which "yes" is not', { flag: 'yes' }],
  ['column small is TINYINT, which 128 is not', { small: 128 }],
  ['column whole is INT, which 1.5 is not', { whole: 1.5 }],
  ['column big is BIGINT', { big: 2 ** 60 }],
  ['column big is BIGINT, which 9223372036854775808n is not', { big: 2n ** 63n }],
  ['column real is DOUBLE', { real: '1' }],
  ['column price is DECIMAL(10, 2)', { price: 1e9 }],
  ['column text is VARCHAR(3), which "abcd" is not', { text: 'abcd' }],
  ['column raw is BYTES', { raw: 'AQ==' }],
  ['column at is TIMESTAMP(3), which "yesterday" is not', { at: 'yesterday' }],
  ['column clock is TIME', { clock: '25:00' }],
  ['column list[1] is INT, which "x" is not', { list: [1, 'x'] }],
  ['column map[k] is INT, which "x" is not', { map: { k: 'x' } }],
  ['column row.a is INT, which "x" is not', { row: { a: 'x' } }],
])('a value that its column cannot hold is refused, by name: %s', (message, part) => {
  expect(refusal(() => rowOf({ ...FULL, ...part }))).toMatchObject({ code: 'FUNCTION_THREW', message: expect.stringContaining(message) });
});

test('what is no object is no row', () => {
  expect(refusal(() => rowOf([1])).message).toBe('typed: a row is an object with the names of columns, and not [1]');
});

const VALUES = [3, 1, 2];
const run = <Acc, R>(fn: AggregateFunction<number, Acc, R>, values: readonly number[]): Acc => values.reduce((acc, value) => fn.add(acc, value), fn.createAccumulator());

test.each<[string, AggregateFunction<number, unknown, unknown>, unknown]>([
  ['count', count(), 3],
  ['sum', sum((n: number) => n), 6],
  ['avg', avg((n: number) => n), 2],
  ['min', min((n: number) => n), 1],
  ['max', max((n: number) => n), 3],
  ['collect', collect<number>(), VALUES],
  ['combine', combine({ n: count<number>(), top: max((n: number) => n) }), { n: 3, top: 3 }],
])('%s gives the same whether values come in one part or in two', (_, fn, result) => {
  expect(fn.getResult(run(fn, VALUES))).toEqual(result);
  expect(fn.getResult(fn.merge(run(fn, [3]), run(fn, [1, 2])))).toEqual(result);
  expect(fn.getResult(fn.merge(run(fn, []), run(fn, VALUES)))).toEqual(result);
});

test('a part that combine gets later begins with what comes then', () => {
  const fn = combine({ n: count<number>(), total: sum((n: number) => n) });
  const before = { n: 2 };
  expect(fn.getResult(fn.add(before, 5))).toEqual({ n: 3, total: 5 });
  expect(fn.getResult(fn.merge(before, { n: 1, total: 4 }))).toEqual({ n: 3, total: 4 });
});

test('what is late for all its windows goes to the side output, and only that', () => {
  const late = sideOutput<Payment>('late');
  const job = build((b) => {
    const windows = b.from('p', payments()).keyBy(({ account }) => account).window(tumbling('1 min'), { allowedLateness: '10 s', lateOutput: late }).aggregate('n', count(), (_, n) => ({ n }));
    windows.to('out', out);
    windows.sideOutput(late).map(({ amount }) => ({ n: amount })).to('late-rows', out);
  });
  const fn = job.code.functions.get('n-late');
  const given = (timestamp: number | null, watermark: number | null): string => {
    const sides: unknown[] = [];
    const nothing = (): void => {};
    const timers = { currentWatermark: () => watermark, currentProcessingTime: () => 0, registerEventTimeTimer: nothing, registerProcessingTimeTimer: nothing, deleteEventTimeTimer: nothing, deleteProcessingTimeTimer: nothing };
    const main = [...(fn?.inputs[0]?.('v', { key: 'a', state: {}, timers, timestamp, output: ({ name }) => void sides.push(name) }) ?? [])];
    return [...main, ...sides].join();
  };
  expect(fn?.sideOutputs).toEqual(['late']);
  expect([given(1, null), given(1, 59_999), given(1, 69_998), given(1, 69_999), given(60_000, 69_999)]).toEqual(['v', 'v', 'v', 'late', 'v']);
});

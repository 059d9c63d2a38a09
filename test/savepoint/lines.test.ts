/** The lines of a savepoint, character by character (protocol 14.2). */
import { describe, expect, test } from 'vitest';
import type { Key } from '../../lib/core/key.ts';
import type { JsonValue } from '../../lib/core/plan.ts';
import { BIGINT, BOOLEAN, DOUBLE, INT, STRING, TIMESTAMP3, type SqlType } from '../../lib/core/types.ts';
import { SESSIONS } from '../../lib/core/window/pane.ts';
import type { SavepointContent } from '../../lib/savepoint/model.ts';
import { call, column, contentOf, countAll, decimal, END, linesOf, ordersContent, sinkNode, throughFiles, windowNode } from './fixture.ts';

test('lines are those of the specification, sorted by window and key, NULL first', async () => {
  const line = (key: string, window: string, value: string): string => `{"op":"orders-per-country","state":"acc","key":{"country":${key}},${window},"value":{${value}}}`;
  const first = '"window_start":"2026-11-20T10:00:00.000Z","window_end":"2026-11-20T10:05:00.000Z"';
  const second = '"window_start":"2026-11-20T10:05:00.000Z","window_end":"2026-11-20T10:10:00.000Z"';
  expect(await linesOf(ordersContent)).toEqual([
    line('null', first, '"rows":2,"cnt":2,"sum":"99999999999999999999.99"'),
    line('"DE"', first, '"rows":3,"cnt":3,"sum":"12.50"'),
    line('"FR"', first, '"rows":1,"cnt":1,"sum":"-0.10"'),
    line('"DE"', second, '"rows":1,"cnt":0,"sum":null'),
  ]);
});

const timestamp = (kind: 'TIMESTAMP' | 'TIMESTAMP_LTZ', precision: number): SqlType => ({ kind, precision });

describe('a key', () => {
  const contentWith = (type: SqlType, key: Key): SavepointContent =>
    contentOf(windowNode([column('k', type)], [countAll]), [{ end: END, keys: [key], rows: [1], accumulators: [] }]);

  const keyText = async (type: SqlType, key: Key): Promise<string | undefined> => {
    const content = contentWith(type, key);
    return /"key":\{"k":(.*)\},"window_start/.exec((await linesOf(content))[0] ?? '')?.[1];
  };

  test.each<[string, SqlType, Key, string]>([
    ['text is escaped as JSON', STRING, 'ä"\n\\😀', '"ä\\"\\n\\\\😀"'],
    ['an integer is an integer', INT, -7, '-7'],
    ['a BIGINT is exact beyond 2^53', BIGINT, '9223372036854775807', '9223372036854775807'],
    ['so is a negative one', BIGINT, '-9223372036854775808', '-9223372036854775808'],
    ['a DECIMAL is text with its scale', decimal(38, 3), '12.500', '"12.500"'],
    ['a DOUBLE is a number', DOUBLE, 0.1, '0.1'],
    ['what is not a JSON number is text', DOUBLE, '-Infinity', '"-Infinity"'],
    ['a negative zero is text', DOUBLE, '-0', '"-0"'],
    ['a large DOUBLE has no exponent', DOUBLE, 1e20, '100000000000000000000'],
    ['a larger one has', DOUBLE, 1e300, '1e+300'],
    ['a BOOLEAN', BOOLEAN, true, 'true'],
    ['bytes are base64', { kind: 'VARBINARY', length: 9 }, 'AP8=', '"AP8="'],
    ['a DATE', { kind: 'DATE' }, 20412, '"2025-11-20"'],
    ['a TIME', { kind: 'TIME', precision: 3 }, 3_723_004, '"01:02:03.004"'],
    ['a TIMESTAMP(3) is UTC', TIMESTAMP3, END, '"2026-11-20T10:05:00.000Z"'],
    ['a TIMESTAMP_LTZ(9) has all its digits', timestamp('TIMESTAMP_LTZ', 9), '1795169100000000001', '"2026-11-20T10:05:00.000000001Z"'],
    ['a time before 1970', timestamp('TIMESTAMP', 6), -1, '"1969-12-31T23:59:59.999999999Z"'],
    ['a time beyond the year 9999 is a number', TIMESTAMP3, 253402300800000, '253402300800000'],
    ['an interval is a number', { kind: 'INTERVAL_DAY' }, 1500, '1500'],
  ])('%s', async (_, type, key, text) => {
    expect(await keyText(type, key)).toBe(text);
    const { content } = await throughFiles(contentWith(type, key));
    expect(content.operators[0]?.panes[0]?.keys).toStrictEqual([key]);
  });

  test('that is a number sorts as one, on both sides of 2^53', async () => {
    const sorted = [null, '-9223372036854775808', '-9007199254740993', -10, -9, 9, 10, '9007199254740993', '9223372036854775807'];
    const keys = [3, 8, 1, 6, 0, 5, 7, 2, 4].map((i) => sorted[i] ?? null);
    const content = contentOf(windowNode([column('k', BIGINT)], [countAll]), [{ end: END, keys, rows: keys.map(() => 1), accumulators: [] }]);
    expect((await linesOf(content)).map((line) => /"k":([^}]*)/.exec(line)?.[1])).toEqual(sorted.map(String));
  });

  test('of several columns names them all', async () => {
    const node = windowNode([column('a', STRING), column('b', BIGINT), column('c', TIMESTAMP3)], [countAll]);
    const [line] = await linesOf(contentOf(node, [{ end: END, keys: [JSON.stringify(['x', '9007199254740993', null])], rows: [1], accumulators: [] }]));
    expect(line).toContain('"key":{"a":"x","b":9007199254740993,"c":null}');
  });

  test('of no column is empty', async () => {
    const [line] = await linesOf(contentOf(windowNode([], [countAll]), [{ end: END, keys: ['[]'], rows: [5], accumulators: [] }]));
    expect(line).toContain('"key":{},');
  });
});

describe('a value', () => {
  const valueText = async (aggregates: Parameters<typeof windowNode>[1], stored: readonly JsonValue[]): Promise<string | undefined> => {
    const content = contentOf(windowNode([], aggregates), [{ end: END, keys: ['[]'], rows: [5], accumulators: stored.map((s) => [s]) }]);
    return /"value":(.*)\}$/.exec((await linesOf(content))[0] ?? '')?.[1];
  };

  test('of AVG is sum and count', async () => {
    expect(await valueText([call('a', 'AVG', INT)], [{ sum: '9223372036854775807', count: 2 }])).toBe('{"rows":5,"a":{"sum":9223372036854775807,"count":2}}');
    expect(await valueText([call('a', 'AVG', decimal(5, 1))], [null])).toBe('{"rows":5,"a":null}');
  });

  test('of MIN over times is a time', async () => {
    expect(await valueText([call('m', 'MIN', TIMESTAMP3)], [END])).toBe('{"rows":5,"m":"2026-11-20T10:05:00.000Z"}');
  });

  test('has one field per aggregate, whatever they are called', async () => {
    const sums = [call('rows', 'SUM', INT), call('x', 'SUM', INT), countAll, call('x', 'SUM', INT)];
    expect(await valueText(sums, [1, 2, 3])).toBe('{"rows":5,"rows_2":1,"x":2,"x_2":3}');
  });
});

test('rows that a sink has not confirmed lie in a file of their own, in their order (F14)', async () => {
  const sink = sinkNode([column('country', STRING), column('n', BIGINT), column('at', TIMESTAMP3)]);
  const base = contentOf(windowNode([], [countAll]), [], sink);
  const pendingRows = [['FR', '9007199254740993', END], [null, 2, null]];
  const content = { ...base, sinks: base.sinks.map((s) => ({ ...s, pending: true, pendingRows })) };
  expect(await linesOf(content)).toEqual([
    '{"country":"FR","n":9007199254740993,"at":"2026-11-20T10:05:00.000Z"}',
    '{"country":null,"n":2,"at":null}',
  ]);
  const { content: opened, metadata } = await throughFiles(content);
  expect(opened.sinks).toEqual(content.sinks);
  expect(metadata.chunks[0]?.file).toMatch(/^out\.pending\.[0-9a-f]{16}\.ndjson$/);
});

describe('the window of a line', () => {
  const windowsOf = async (content: SavepointContent): Promise<(string | undefined)[]> =>
    (await linesOf(content)).map((line) => /"key":(.*),"value"/.exec(line)?.[1]?.replaceAll('2026-11-20T10:', ''));

  test('is the slice for windows that overlap', async () => {
    const node = { ...windowNode([column('k', STRING)], [countAll]), window: { kind: 'hop', sizeMs: 600_000, slideMs: 150_000, offsetMs: 0 } } as const;
    const content = contentOf(node, [{ end: END, keys: ['a'], rows: [1], accumulators: [] }]);
    expect(await windowsOf(content)).toEqual(['{"k":"a"},"window_start":"02:30.000Z","window_end":"05:00.000Z"']);
    expect((await throughFiles(content)).content.operators).toEqual(content.operators);
  });

  test('is the session itself, in order of end, start and key; a key may have several', async () => {
    const node = { ...windowNode([column('k', STRING)], [countAll]), window: { kind: 'session', gapMs: 30_000 } } as const;
    const spans = [[END, END + 60_000], [END - 60_000, END], [END - 60_000, END], [END - 90_000, END]] as const;
    const content = contentOf(node, [{ end: SESSIONS, keys: ['a', 'b', 'a', 'c'], rows: [1, 2, 3, 4], accumulators: [], spans }]);
    expect(await windowsOf(content)).toEqual([
      '{"k":"c"},"window_start":"03:30.000Z","window_end":"05:00.000Z"',
      '{"k":"a"},"window_start":"04:00.000Z","window_end":"05:00.000Z"',
      '{"k":"b"},"window_start":"04:00.000Z","window_end":"05:00.000Z"',
      '{"k":"a"},"window_start":"05:00.000Z","window_end":"06:00.000Z"',
    ]);
    const [opened] = (await throughFiles(content)).content.operators;
    expect(opened?.panes).toEqual([{ end: SESSIONS, keys: ['c', 'a', 'b', 'a'], rows: [4, 3, 2, 1], accumulators: [], spans: [spans[3], spans[1], spans[2], spans[0]] }]);
  });

  test('is refused if it is shorter than the gap', async () => {
    const node = { ...windowNode([column('k', STRING)], [countAll]), window: { kind: 'session', gapMs: 60_001 } } as const;
    const short = contentOf(node, [{ end: SESSIONS, keys: ['a'], rows: [1], accumulators: [], spans: [[END, END + 60_000]] }]);
    await expect(throughFiles(short)).rejects.toMatchObject({ code: 'SAVEPOINT_CORRUPT' });
  });
});

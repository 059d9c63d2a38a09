/** Generated rows: a function of topic, partition and offset, which come at their rate and end where they are to end. */
import { describe, expect, test } from 'vitest';
import { GeneratedSource } from '../../lib/adapters/datagen/source.ts';
import { rowText } from '../../lib/adapters/datagen/values.ts';
import type { FieldGenerator, GeneratedRows } from '../../lib/core/generated-rows.ts';
import { offset, wallTime } from '../../lib/core/numbers.ts';
import { valuesOf } from '../contracts/source.ts';

/** A clock that moves by sleeping. */
function clock() {
  let now = 0;
  const sleep = async (ms: number): Promise<void> => void (now += ms);
  return { now: () => wallTime(1_700_000_000_000 + now), elapsed: () => now, sleep };
}

const SEQUENCE: FieldGenerator = { kind: 'sequence', start: '1', as: 'number' };
const FIELDS = [{ name: 'n', values: SEQUENCE }, { name: 'word', values: { kind: 'text', length: 8 } }] as const;
const rows = (changes: Partial<GeneratedRows> = {}): GeneratedRows => ({ rowsPerSecond: 1000, partitions: 1, count: 300, fields: FIELDS, ...changes });
const LARGE = 1e6;

/** All records of a partition from an offset on, by batches of this size. */
async function read(source: GeneratedSource, partition: number, maxBytes = LARGE, from = 0): Promise<string[]> {
  const values: string[] = [];
  for (let at = offset(from); ; ) {
    const batch = await source.fetch('t', partition, at, maxBytes);
    if (batch === null) return values;
    expect(batch.offsets).toEqual(batch.offsets.map((_, i) => at + i));
    values.push(...valuesOf(batch));
    at = batch.next;
  }
}

describe('the laws of a source', () => {
  test('batches of any size tile the partition, in every process alike', async () => {
    const whole = await read(new GeneratedSource('t', rows(), clock()), 0);
    expect(whole).toHaveLength(300);
    expect(new Set(whole).size).toBe(300);
    for (const maxBytes of [1, 100, 5000]) expect(await read(new GeneratedSource('t', rows(), clock()), 0, maxBytes)).toEqual(whole);
    for (const from of [0, 1, 17, 299]) expect(await read(new GeneratedSource('t', rows(), clock()), 0, 700, from)).toEqual(whole.slice(from));
  });

  test('a field has the same values whatever is read beside it, and another table has others', async () => {
    const wordsOf = async (topic: string, fields: GeneratedRows['fields']): Promise<unknown[]> => {
      const batch = await new GeneratedSource(topic, rows({ fields }), clock()).fetch(topic, 0, offset(0), 1);
      return valuesOf(batch).map((text) => JSON.parse(text).word);
    };
    const alone = await wordsOf('t', FIELDS.slice(1));
    expect(await wordsOf('t', FIELDS)).toEqual(alone);
    expect(await wordsOf('other', FIELDS)).not.toEqual(alone);
  });

  test('each value is followed by a newline, the first one begins the buffer', async () => {
    const batch = await new GeneratedSource('t', rows({ fields: FIELDS.slice(0, 1), count: 2, rowsPerSecond: 1e6 }), clock()).fetch('t', 0, offset(1), LARGE);
    expect([new TextDecoder().decode(batch?.bytes), batch?.starts, batch?.ends, batch?.next]).toEqual(['{"n":2}\n', [0], [7], 2]);
  });

  test('partitions deal the rows of sequences and of the number of rows among them', async () => {
    const source = new GeneratedSource('t', rows({ partitions: 3, count: 7, fields: FIELDS.slice(0, 1) }), clock());
    expect((await source.topic('t'))?.partitions.map(({ end }) => end)).toEqual([3, 2, 2]);
    const parts = await Promise.all([0, 1, 2].map((partition) => read(source, partition)));
    expect(parts.map((values) => values.map((text) => JSON.parse(text).n))).toEqual([[1, 4, 7], [2, 5], [3, 6]]);
  });

  test('there is no other topic or partition, and nothing behind the end', async () => {
    const source = new GeneratedSource('t', rows(), clock());
    expect(await source.topic('u')).toBeNull();
    await expect(source.fetch('t', 1, offset(0), 1)).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' });
    await expect(source.startOffset('u', 0, { kind: 'earliest-offset' })).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' });
    await expect(source.fetch('t', 0, offset(301), 1)).rejects.toMatchObject({ code: 'TOPIC_TRUNCATED', details: { end: 300 } });
    expect(await source.startOffset('t', 0, { kind: 'latest-offset' })).toBe(300);
  });
});

describe('the pace', () => {
  /** How many rows have come after these times, ms. */
  async function counts(rowsPerSecond: number, partitions: number, at: readonly number[]): Promise<number[]> {
    const time = clock();
    const source = new GeneratedSource('t', rows({ rowsPerSecond, partitions, count: null }), time);
    const seen: number[] = [];
    for (let next = offset(0); seen.length < at.length; ) {
      const batch = await source.fetch('t', 0, next, LARGE);
      for (const limit of at.slice(seen.length)) if (time.elapsed() > limit) seen.push(next);
      next = batch?.next ?? next;
    }
    return seen;
  }

  test.each([
    [1, 1],
    [20, 1],
    [1000, 1],
    [1000, 4],
    [33_333, 8],
  ])('%i rows per second in %i partitions', async (rate, partitions) => {
    const expected = [1000, 5000, 20_000].map((ms) => 1 + (rate / partitions) * (ms / 1000));
    const seen = await counts(rate, partitions, [1000, 5000, 20_000]);
    for (const [i, count] of seen.entries()) expect(Math.abs(count - (expected[i] ?? 0))).toBeLessThanOrEqual(1 + (rate / partitions) * 0.1);
  });

  test('a reader that has paused does not get what it has missed at once', async () => {
    const time = clock();
    const source = new GeneratedSource('t', rows({ count: null }), time);
    const { next } = (await source.fetch('t', 0, offset(0), LARGE)) ?? { next: offset(0) };
    await time.sleep(3_600_000);
    expect(valuesOf(await source.fetch('t', 0, next, LARGE)).length).toBeLessThanOrEqual(1000);
  });

  test('nobody waits long for a row that is due later, and it comes when it is due', async () => {
    const time = clock();
    const source = new GeneratedSource('t', rows({ rowsPerSecond: 1, partitions: 100, count: 200, fields: FIELDS.slice(0, 1) }), time);
    expect(valuesOf(await source.fetch('t', 7, offset(0), LARGE))).toEqual(['{"n":8}']);
    expect(await source.fetch('t', 7, offset(1), LARGE)).toBeNull();
    expect(time.elapsed()).toBe(100);
    expect(await source.hasMore('t', 7, offset(1))).toBe(true);
    await time.sleep(99_800);
    expect(await source.fetch('t', 7, offset(1), LARGE)).not.toBeNull();
    expect(time.elapsed()).toBe(100_000);
    expect(await source.hasMore('t', 7, offset(2))).toBe(false);
  });

  test('a reader that goes on elsewhere does not wait for the rows in between', async () => {
    const time = clock();
    const source = new GeneratedSource('t', rows({ count: null }), time);
    await source.fetch('t', 0, offset(0), 1);
    await source.fetch('t', 0, offset(1_000_000), 1);
    expect(time.elapsed()).toBeLessThan(200);
  });
});

describe('values', () => {
  const NOW = Date.parse('2026-01-02T03:04:05.678Z');
  /** The values of the first thousand rows. */
  const valuesFor = (values: FieldGenerator): unknown[] => {
    const text = rowText('t', [{ name: 'f', values }]);
    return Array.from({ length: 1000 }, (_, row) => JSON.parse(text({ row, now: NOW })).f);
  };
  const numbers = (values: FieldGenerator): number[] => valuesFor(values).map(Number);

  test('whole numbers reach both bounds', () => {
    const seen = numbers({ kind: 'integer', min: '-2', max: '3' });
    expect([...new Set(seen)].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
    const text = rowText('t', [{ name: 'f', values: { kind: 'integer', min: '-9223372036854775808', max: '9223372036854775807' } }]);
    const longs = Array.from({ length: 1000 }, (_, row) => BigInt(/-?\d+/.exec(text({ row, now: NOW }))?.[0] ?? ''));
    expect(longs.every((n) => BigInt.asIntN(64, n) === n)).toBe(true);
    expect(longs.some((n) => n < -(2n ** 62n)) && longs.some((n) => n > 2n ** 62n)).toBe(true);
  });

  test('doubles and decimals keep their bounds, and are spread over them', () => {
    const doubles = numbers({ kind: 'double', min: 10, max: 20 });
    expect(Math.min(...doubles)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...doubles)).toBeLessThan(20);
    const mean = doubles.reduce((sum, n) => sum + n, 0) / doubles.length;
    expect(Math.abs(mean - 15)).toBeLessThan(0.5);
    const text = rowText('t', [{ name: 'f', values: { kind: 'decimal', min: -1e308, max: 1e308, precision: 5, scale: 2 } }]);
    for (let row = 0; row < 100; row++) expect(text({ row, now: NOW })).toMatch(/^\{"f":-?\d{1,3}\.\d{2}\}$/);
    expect(numbers({ kind: 'double', min: Number.MIN_VALUE, max: Number.MAX_VALUE }).every(Number.isFinite)).toBe(true);
  });

  test('texts have their length, and differ', () => {
    const texts = valuesFor({ kind: 'text', length: 21 }).map(String);
    expect(texts.every((text) => /^[0-9a-f]{21}$/.test(text))).toBe(true);
    expect(new Set(texts).size).toBe(1000);
    const lengths = valuesFor({ kind: 'text', length: 3, varies: true }).map((text) => String(text).length);
    expect([...new Set(lengths)].sort()).toEqual([1, 2, 3]);
    expect(new Set(valuesFor({ kind: 'bytes', length: 4 }).map((text) => Buffer.from(String(text), 'base64').length))).toEqual(new Set([4]));
  });

  test('NULL as often as the rate says', () => {
    const nulls = valuesFor({ kind: 'boolean', nullRate: 0.25 }).filter((value) => value === null).length;
    expect(nulls).toBeGreaterThan(180);
    expect(nulls).toBeLessThan(320);
    expect(new Set(valuesFor({ kind: 'boolean' }))).toEqual(new Set([true, false]));
  });

  test('times are those of the clock', () => {
    expect(valuesFor({ kind: 'date' })[0]).toBe('2026-01-02');
    expect(valuesFor({ kind: 'time', precision: 0 })[0]).toBe('03:04:05');
    expect(valuesFor({ kind: 'timestamp', precision: 3, isLocal: false, maxPastMs: 0 })[0]).toBe('2026-01-02 03:04:05.678');
    expect(valuesFor({ kind: 'timestamp', precision: 0, isLocal: true, maxPastMs: 0 })[0]).toBe('2026-01-02 03:04:05Z');
    const past = valuesFor({ kind: 'timestamp', precision: 3, isLocal: true, maxPastMs: 10_000 }).map((text) => NOW - Date.parse(String(text)));
    expect(Math.min(...past)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...past)).toBeLessThanOrEqual(10_000);
    expect(Math.max(...past)).toBeGreaterThan(9000);
  });

  test('sequences as numbers, texts and bytes', () => {
    expect(valuesFor({ kind: 'sequence', start: '9', as: 'number' }).slice(0, 2)).toEqual([9, 10]);
    expect(valuesFor({ kind: 'sequence', start: '9', as: 'text' }).slice(0, 2)).toEqual(['9', '10']);
    expect(valuesFor({ kind: 'sequence', start: '-1', as: 'bytes' }).slice(0, 2)).toEqual(['//////////8=', 'AAAAAAAAAAA=']);
  });

  test('nested values', () => {
    const values: FieldGenerator = {
      kind: 'row',
      fields: [
        { name: 'a', values: { kind: 'array', length: 3, element: { kind: 'integer', min: '0', max: '9999' } } },
        { name: 'm', values: { kind: 'map', length: 2, key: { kind: 'text', length: 6 }, value: { kind: 'boolean' } } },
      ],
    };
    const seen = valuesFor(values);
    expect(seen[0]).toEqual({ a: [expect.any(Number), expect.any(Number), expect.any(Number)], m: expect.any(Object) });
    expect(new Set(seen.map((value) => JSON.stringify(value))).size).toBe(1000);
  });
});

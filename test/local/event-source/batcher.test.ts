/** Where events are cut, and what they weigh. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Batcher, type BatchLimits, type EventBatch } from '../../../lib/local/event-source/batcher.ts';
import type { SourceRecord } from '../../../lib/local/event-source/group-consumer.ts';
import { encode, passedOver, PAYLOAD_BYTES_MAX, type EncodedRecord } from '../../../lib/local/event-source/event-text.ts';

const ORIGIN = { topic: 'events', eventSourceArn: null, bootstrapServers: 'b-1:9092,b-2:9092' };
const LIMITS: BatchLimits = { batchSize: 10, windowMs: 500, payloadBytesMax: PAYLOAD_BYTES_MAX };

const source = (offset: number, more: Partial<SourceRecord> = {}): SourceRecord => ({
  offset,
  timestamp: 1,
  timestampType: 'CREATE_TIME',
  key: null,
  value: Buffer.from(`v${offset}`),
  headers: [],
  ...more,
});
const records = (partition: number, from: number, to: number, more: Partial<SourceRecord> = {}): EncodedRecord[] =>
  Array.from({ length: to - from }, (_, i) => encode('events', partition, source(from + i, more)));
const shapeOf = (batch: EventBatch | null): unknown => batch?.slices.map((s) => [s.partition, s.records[0]?.offset, s.records.length]) ?? null;

describe('cutting', () => {
  test('a full event is cut at once, the rest when its oldest record has waited for the window', () => {
    const batcher = new Batcher(ORIGIN, LIMITS);
    batcher.add(0, records(0, 0, 12), 1000);
    const first = batcher.cut(1000);
    expect(shapeOf(first)).toEqual([[0, 0, 10]]);
    if (first !== null) batcher.end(first);
    expect(batcher.cut(1499)).toBeNull();
    expect(batcher.cut(1500, { onlyFull: true })).toBeNull();
    expect(shapeOf(batcher.cut(1500))).toEqual([[0, 10, 2]]);
    expect(batcher.cut(9999)).toBeNull();
  });

  test('partitions meet in one event, those that have waited longest first', () => {
    const batcher = new Batcher(ORIGIN, LIMITS);
    batcher.add(3, records(3, 0, 4), 20);
    batcher.add(1, records(1, 0, 4), 10);
    batcher.add(2, records(2, 0, 4), 30);
    const batch = batcher.cut(30);
    expect(shapeOf(batch)).toEqual([[1, 0, 4], [3, 0, 4], [2, 0, 2]]);
    expect(batch?.next).toEqual(new Map([[1, 4], [3, 4], [2, 2]]));
  });

  test('a partition is in one event at a time, the others go on', () => {
    const batcher = new Batcher(ORIGIN, { ...LIMITS, windowMs: 0 });
    batcher.add(0, records(0, 0, 15), 0);
    const first = batcher.cut(0);
    batcher.add(1, records(1, 0, 3), 0);
    expect(shapeOf(batcher.cut(0))).toEqual([[1, 0, 3]]);
    expect(batcher.cut(0)).toBeNull();
    if (first !== null) batcher.end(first);
    expect(shapeOf(batcher.cut(0))).toEqual([[0, 10, 5]]);
  });

  test('an assignment forgets what waits, and what is under way stays closed until it ends', () => {
    const batcher = new Batcher(ORIGIN, { ...LIMITS, windowMs: 0 });
    batcher.add(0, records(0, 0, 15), 0);
    const old = batcher.cut(0);
    batcher.reset();
    batcher.add(0, records(0, 0, 3), 0);
    expect(batcher.cut(0)).toBeNull();
    if (old !== null) batcher.end(old);
    expect(shapeOf(batcher.cut(0))).toEqual([[0, 0, 3]]);
  });

  test('what is put back comes first, and may be cut smaller', () => {
    const batcher = new Batcher(ORIGIN, { ...LIMITS, windowMs: 0 });
    batcher.add(0, records(0, 0, 12), 0);
    const batch = batcher.cut(0);
    if (batch !== null) batcher.putBack(batch, 0);
    const smaller = batcher.cut(0, { batchSize: 4 });
    expect(shapeOf(smaller)).toEqual([[0, 0, 4]]);
    if (smaller !== null) batcher.end(smaller);
    expect(shapeOf(batcher.cut(0))).toEqual([[0, 4, 8]]);
  });

  test('there is room until two events wait', () => {
    const batcher = new Batcher(ORIGIN, LIMITS);
    expect(batcher.hasRoom(0)).toBe(true);
    batcher.add(0, records(0, 0, 19), 0);
    expect(batcher.hasRoom(0)).toBe(true);
    batcher.add(0, records(0, 19, 20), 0);
    expect(batcher.hasRoom(0)).toBe(false);
    expect(batcher.hasRoom(1)).toBe(true);
    batcher.cut(0);
    expect(batcher.hasRoom(0)).toBe(true);
  });

  test('a record that is passed over is committed with the others, and is no reason to invoke anything', () => {
    const batcher = new Batcher(ORIGIN, { ...LIMITS, windowMs: 0 });
    batcher.add(0, [passedOver(7)], 0);
    expect(batcher.cut(0)).toMatchObject({ payload: null, next: new Map([[0, 8]]) });
    batcher.add(1, [...records(1, 0, 1), passedOver(1)], 0);
    const batch = batcher.cut(0);
    expect(batch?.next).toEqual(new Map([[1, 2]]));
    expect(JSON.parse(batch?.payload ?? '').records['events-1']).toHaveLength(1);
  });
});

describe('the payload', () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  const anyRecord = fc.record({
    timestamp: fc.nat(),
    timestampType: fc.constantFrom('CREATE_TIME' as const, 'LOG_APPEND_TIME' as const),
    key: fc.option(bytes),
    value: fc.option(bytes),
    headers: fc.array(fc.record({ name: fc.string({ unit: 'grapheme', maxLength: 5 }), value: fc.option(bytes) }), { maxLength: 3 }),
  });

  test('never exceeds its limit, is cut only where the next record would, and holds every record once', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 3 }), anyRecord), { minLength: 1, maxLength: 60 }), fc.integer({ min: 700, max: 3000 }), (input, payloadBytesMax) => {
        const batcher = new Batcher(ORIGIN, { batchSize: 1000, windowMs: 0, payloadBytesMax });
        const sent: string[] = [];
        input.forEach(([partition, record], i) => {
          const encoded = encode('events', partition, { ...record, offset: i });
          if (encoded.bytes > batcher.recordBytesMax(partition)) return;
          batcher.add(partition, [encoded], 0);
          sent.push(`${partition}@${i}`);
        });
        const got: string[] = [];
        let last: { payload: string } | null = null;
        for (let batch = batcher.cut(0); batch !== null; batch = batcher.cut(0)) {
          const { payload } = batch;
          if (payload === null) throw new Error('every record fits');
          expect(Buffer.byteLength(payload)).toBeLessThanOrEqual(payloadBytesMax);
          const lists: { partition: number; offset: number }[][] = Object.values(JSON.parse(payload).records);
          const [first] = lists.flat().map((r) => JSON.stringify(r).length);
          // The event before could not take this one's first record, with the text around a partition.
          if (last !== null) expect(Buffer.byteLength(last.payload) + 2 * (first ?? 0) + 40).toBeGreaterThan(payloadBytesMax);
          for (const { partition, offset } of lists.flat()) got.push(`${partition}@${offset}`);
          batcher.end(batch);
          last = { payload };
        }
        expect(got.toSorted()).toEqual(sent.toSorted());
      }),
      { numRuns: 300 },
    );
  });

  test('may be exactly as large as the limit, and not one byte larger', () => {
    const whole = new Batcher(ORIGIN, { ...LIMITS, windowMs: 0 });
    whole.add(0, records(0, 0, 2), 0);
    whole.add(1, records(1, 0, 1), 0);
    const size = Buffer.byteLength(whole.cut(0)?.payload ?? '');
    for (const [payloadBytesMax, shape] of [[size, [[0, 0, 2], [1, 0, 1]]], [size - 1, [[0, 0, 2]]]] as const) {
      const batcher = new Batcher(ORIGIN, { ...LIMITS, payloadBytesMax });
      batcher.add(0, records(0, 0, 2), 0);
      batcher.add(1, records(1, 0, 1), 0);
      expect(shapeOf(batcher.cut(500))).toEqual(shape);
    }
  });

  test('a record of 6 MB less the event around it fits, one byte more does not', () => {
    const batcher = new Batcher(ORIGIN, { ...LIMITS, windowMs: 0 });
    const empty = encode('events', 0, source(0, { value: Buffer.alloc(0) })).bytes;
    const room = Math.floor((batcher.recordBytesMax(0) - empty) / 4) * 3;
    const largest = encode('events', 0, source(0, { value: Buffer.alloc(room) }));
    expect(largest.bytes).toBeLessThanOrEqual(batcher.recordBytesMax(0));
    expect(encode('events', 0, source(0, { value: Buffer.alloc(room + 1) })).bytes).toBeGreaterThan(batcher.recordBytesMax(0));
    batcher.add(0, [largest], 0);
    expect(Buffer.byteLength(batcher.cut(0)?.payload ?? '')).toBeGreaterThan(PAYLOAD_BYTES_MAX - 4);
  });

  test('names an MSK cluster by its ARN', () => {
    const batcher = new Batcher({ ...ORIGIN, eventSourceArn: 'arn:aws:kafka:us-east-1:000000000000:cluster/c/1' }, { ...LIMITS, windowMs: 0 });
    batcher.add(0, records(0, 0, 1), 0);
    expect(JSON.parse(batcher.cut(0)?.payload ?? '')).toMatchObject({
      eventSource: 'aws:kafka',
      eventSourceArn: 'arn:aws:kafka:us-east-1:000000000000:cluster/c/1',
      bootstrapServers: 'b-1:9092,b-2:9092',
    });
  });
});

import { expect } from 'vitest';
import { offset, type Offset } from '../../lib/core/numbers.ts';
import type { Offsets, RecordBatch, Source } from '../../lib/ports/source.ts';
import { type Closable, type Gaps, type Make, opened, suite } from './suite.ts';

/** A source, and the means to make things happen to its topics. */
export interface SourceWorld extends Closable {
  readonly source: Source;
  readonly offsets: Offsets;
  create(topic: string, partitions: number): Promise<void>;
  /** Deletes the topic and creates it again. */
  recreate(topic: string, partitions: number): Promise<void>;
  produce(topic: string, partition: number, values: readonly string[]): Promise<void>;
}

const LARGE = 1e6;
const START = offset(0);

/** Values of a batch as text. */
export function valuesOf(batch: RecordBatch | null): string[] {
  if (batch === null) return [];
  return batch.starts.map((start, i) => new TextDecoder().decode(batch.bytes.subarray(start, batch.ends[i])));
}

/** Every batch from `from` to the end. */
async function batchesFrom(source: Source, from: Offset, maxBytes: number): Promise<RecordBatch[]> {
  const batches: RecordBatch[] = [];
  for (let at = from; ; ) {
    const batch = await source.fetch('t', 0, at, maxBytes);
    if (batch === null) return batches;
    batches.push(batch);
    at = batch.next;
  }
}

/** A topic `t` with one partition that holds `values`. */
async function topicOf(make: Make<SourceWorld>, values: readonly string[]): Promise<SourceWorld> {
  const world = await opened(make);
  await world.create('t', 1);
  await world.produce('t', 0, values);
  return world;
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `{"n":${i},"pad":"${'é'.repeat((i * 7) % 40)}"}`);

/** The laws of `Source` and `Offsets`. */
export function sourceContract(name: string, make: Make<SourceWorld>, gaps: Gaps = {}): void {
  suite(`Source: ${name}`, gaps, (law) => {
    law('a topic that does not exist is null; reading it is TOPIC_UNKNOWN with the nearest name', async () => {
      const { source } = await topicOf(make, []);
      expect(await source.topic('T')).toBeNull();
      await expect(source.fetch('T', 0, START, 100)).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN', hint: "Did you mean 't'?" });
      await expect(source.startOffset('none-like-it', 0, { kind: 'earliest-offset' })).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' });
      await expect(source.fetch('t', 1, START, 100)).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' });
    });

    law('a new topic has all its partitions, empty', async () => {
      const world = await opened(make);
      await world.create('t', 12);
      const info = await world.source.topic('t');
      expect(info?.partitions.map((p) => p.partition)).toEqual(Array.from({ length: 12 }, (_, i) => i));
      expect(info?.partitions.every((p) => p.earliest === p.end)).toBe(true);
      expect(await world.source.fetch('t', 11, START, 100)).toBeNull();
    });

    law('records come back in order, byte for byte', async () => {
      const values = ['{"a":1}', '{"ä":"😀"}', 'not json', ' '];
      const { source } = await topicOf(make, values);
      expect(valuesOf(await source.fetch('t', 0, START, LARGE))).toEqual(values);
    });

    law('each value is followed by one newline byte, the first one begins the buffer', async () => {
      const { source } = await topicOf(make, ['a', 'bb', 'c']);
      const batch = await source.fetch('t', 0, START, LARGE);
      expect(new TextDecoder().decode(batch?.bytes)).toBe('a\nbb\nc\n');
      expect([batch?.starts, batch?.ends]).toEqual([[0, 2, 5], [1, 4, 6]]);
    });

    law('fetch at the offset of a record begins with it, one further with the record behind it', async () => {
      const values = numbered(20);
      const { source } = await topicOf(make, values);
      const { offsets } = (await source.fetch('t', 0, START, LARGE)) ?? { offsets: [] };
      expect(offsets).toHaveLength(20);
      for (const [i, at] of offsets.entries()) {
        expect(valuesOf(await source.fetch('t', 0, offset(at), LARGE))).toEqual(values.slice(i));
        expect(valuesOf(await source.fetch('t', 0, offset(at + 1), LARGE))).toEqual(values.slice(i + 1));
      }
    });

    law('batches of any size tile the partition: none twice, none missing, ascending offsets', async () => {
      const values = numbered(300);
      const { source } = await topicOf(make, values);
      for (const maxBytes of [1, 64, 1000, LARGE]) {
        const batches = await batchesFrom(source, START, maxBytes);
        expect(batches.flatMap(valuesOf)).toEqual(values);
        const positions = batches.flatMap((batch) => [...batch.offsets, batch.next - 0.5]);
        expect(positions).toEqual(positions.toSorted((a, b) => a - b));
      }
    });

    law('a batch is about maxBytes long, but holds at least one record', async () => {
      const long = 'x'.repeat(5000);
      const { source } = await topicOf(make, [long, ...numbered(200)]);
      const first = await source.fetch('t', 0, START, 100);
      expect(valuesOf(first)[0]).toBe(long);
      for (const batch of await batchesFrom(source, first?.next ?? START, 1000)) expect(batch.bytes.length).toBeLessThan(1200);
    });

    law('repeated fetches return the same', async () => {
      const { source } = await topicOf(make, numbered(10));
      const fetched = async () => {
        const batch = await source.fetch('t', 0, START, 200);
        return { ...batch, metadata: batch?.metadata?.(), nameOf: batch?.nameOf?.(0) };
      };
      expect(await fetched()).toEqual(await fetched());
    });

    law('at the end there is nothing, until something is produced', async () => {
      const world = await topicOf(make, ['a']);
      const { next } = (await world.source.fetch('t', 0, START, LARGE)) ?? { next: START };
      expect((await world.source.topic('t'))?.partitions[0]?.end).toBe(next);
      expect(await world.source.fetch('t', 0, next, LARGE)).toBeNull();
      await world.produce('t', 0, ['b']);
      expect(valuesOf(await world.source.fetch('t', 0, next, LARGE))).toEqual(['b']);
    });

    law('partitions do not meet', async () => {
      const world = await opened(make);
      await world.create('t', 2);
      await world.produce('t', 1, ['b']);
      expect(await world.source.fetch('t', 0, START, LARGE)).toBeNull();
      expect(valuesOf(await world.source.fetch('t', 1, START, LARGE))).toEqual(['b']);
    });

    law('earliest and end never go back, and the id stays the same', async () => {
      const world = await topicOf(make, []);
      const id = (await world.source.topic('t'))?.id;
      let end = -1;
      for (const value of numbered(5)) {
        await world.produce('t', 0, [value]);
        const info = await world.source.topic('t');
        expect(info?.id).toBe(id);
        expect(info?.partitions[0]?.end).toBeGreaterThan(end);
        end = info?.partitions[0]?.end ?? 0;
      }
    });

    law('a topic that was deleted and created again has another id and its own records (W6)', async () => {
      const world = await topicOf(make, ['a', 'b']);
      const before = await world.source.topic('t');
      await world.source.fetch('t', 0, START, LARGE);
      await world.recreate('t', 1);
      expect((await world.source.topic('t'))?.id).not.toBe(before?.id);
      await world.produce('t', 0, ['c']);
      expect(valuesOf(await world.source.fetch('t', 0, START, LARGE))).toEqual(['c']);
    });

    law('a position behind the end is TOPIC_TRUNCATED with both positions', async () => {
      const { source } = await topicOf(make, ['a']);
      const end = (await source.topic('t'))?.partitions[0]?.end ?? START;
      await expect(source.fetch('t', 0, offset(end + 1), LARGE)).rejects.toMatchObject({
        code: 'TOPIC_TRUNCATED',
        details: { topic: 't', partition: 0, from: end + 1, end },
      });
    });

    law('startup: earliest, latest and specific offsets', async () => {
      const { source } = await topicOf(make, ['a', 'b']);
      const { earliest, end } = (await source.topic('t'))?.partitions[0] ?? { earliest: START, end: START };
      expect(await source.startOffset('t', 0, { kind: 'earliest-offset' })).toBe(earliest);
      expect(await source.startOffset('t', 0, { kind: 'latest-offset' })).toBe(end);
      expect(await source.startOffset('t', 0, { kind: 'specific-offsets', offsets: { 0: end } })).toBe(end);
      expect(await source.startOffset('t', 0, { kind: 'specific-offsets', offsets: { 1: 1 } })).toBe(earliest);
      const outside = { kind: 'specific-offsets', offsets: { 0: end + 1 } } as const;
      await expect(source.startOffset('t', 0, outside)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    });

    law('startup: group offsets, or the reset strategy where there are none', async () => {
      const { source, offsets } = await topicOf(make, ['a', 'b']);
      const end = (await source.topic('t'))?.partitions[0]?.end ?? START;
      const from = (reset: 'earliest' | 'latest' | 'none') => source.startOffset('t', 0, { kind: 'group-offsets', group: 'g', reset });
      expect(await from('earliest')).toBe(0);
      expect(await from('latest')).toBe(end);
      await expect(from('none')).rejects.toMatchObject({ code: 'OPTION_INVALID' });
      await offsets.commit('g', 't', 0, end);
      expect(await from('earliest')).toBe(end);
      expect(await from('none')).toBe(end);
      await offsets.commit('g', 't', 0, offset(end + 100));
      expect(await from('earliest')).toBe(0);
    });

    law('Offsets: the newest commit per group, topic and partition', async () => {
      const { offsets } = await opened(make);
      expect(await offsets.committed('g', 't', 0)).toBeNull();
      await offsets.commit('g', 't', 0, offset(7));
      await offsets.commit('g', 't', 0, offset(9_007_199_254_740_991));
      await offsets.commit('g', 't', 1, offset(8));
      await offsets.commit('g2', 't', 0, offset(1));
      expect(await offsets.committed('g', 't', 0)).toBe(9_007_199_254_740_991);
      expect(await offsets.committed('g', 't', 1)).toBe(8);
      expect(await offsets.committed('g', 't2', 0)).toBeNull();
    });
  });
}

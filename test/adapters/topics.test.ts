/** Embedded topics keep the laws of Source, and survive dead producers, edits by hand and full disks. */
import fs, { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { EmbeddedOffsets } from '../../lib/adapters/embedded/offsets.ts';
import type { AppendCalls } from '../../lib/adapters/embedded/producer.ts';
import { openStore } from '../../lib/adapters/embedded/store.ts';
import { EmbeddedTopics } from '../../lib/adapters/embedded/topics.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { offset } from '../../lib/core/numbers.ts';
import { sourceUnderFaults } from '../contracts/faults/source.ts';
import { sourceContract, valuesOf, type SourceWorld } from '../contracts/source.ts';
import { systemError, temporaryDirectory } from './temporary.ts';

const START = offset(0);

interface World {
  readonly topics: EmbeddedTopics;
  readonly offsets: EmbeddedOffsets;
  /** Path below `topics`. */
  readonly path: (...parts: string[]) => string;
}

function open(dir = temporaryDirectory(), appendCalls?: AppendCalls): World {
  const store = openStore(dir, { create: true });
  const offsets = new EmbeddedOffsets(store);
  const topics = new EmbeddedTopics({ dir, store, offsets, runtime: nodeRuntime, ...(appendCalls && { appendCalls }) });
  onTestFinished(() => {
    topics.close();
    store.close();
  });
  return { topics, offsets, path: (...parts) => join(dir, 'topics', ...parts) };
}

/** A topic `t` with one partition whose file holds `content`. */
async function topicWith(content: string): Promise<World> {
  const world = open();
  await world.topics.createTopic('t', 1);
  writeFileSync(world.path('t', '0.jsonl'), content);
  return world;
}

const valuesFrom = async (topics: EmbeddedTopics, from: number, maxBytes = 1e6): Promise<string[]> =>
  valuesOf(await topics.fetch('t', 0, offset(from), maxBytes));

const sourceWorld = (): SourceWorld => {
  const { topics, offsets, path } = open();
  return {
    source: topics,
    offsets,
    create: (topic, partitions) => topics.createTopic(topic, partitions),
    recreate: async (topic, partitions) => {
      rmSync(path(topic), { recursive: true });
      await topics.createTopic(topic, partitions);
    },
    produce: async (topic, partition, values) => {
      // The contract has a record of one space, which `produce` takes for a blank line.
      for (const value of values) {
        if (value.trim() === '') appendFileSync(path(topic, `${partition}.jsonl`), `${value}\n`);
        else await topics.produce(topic, [value], { partition });
      }
    },
  };
};

sourceContract('embedded', sourceWorld);
sourceUnderFaults('embedded', sourceWorld);

test('an offset inside a line means the next line, one behind a newline that line', async () => {
  const { topics } = await topicWith('aaa\nbb\nc\n');
  const expected = [['aaa', 'bb', 'c'], ['bb', 'c'], ['bb', 'c'], ['bb', 'c'], ['bb', 'c'], ['c'], ['c'], ['c'], [], []];
  for (const [from, values] of expected.entries()) {
    for (const maxBytes of [1, 2, 1e6]) {
      const found = await valuesFrom(topics, from, maxBytes);
      expect(found).toEqual(values.slice(0, found.length));
      expect(found.length).toBe(maxBytes === 1e6 ? values.length : Math.min(found.length || 1, values.length));
    }
  }
});

test('offsets are the bytes at which lines start', async () => {
  const { topics } = await topicWith('ä\nbb\nc\n');
  expect(await topics.fetch('t', 0, offset(1), 1e6)).toMatchObject({ offsets: [3, 6], starts: [0, 3], ends: [2, 4], next: 8 });
});

test('a torn last line is not a record, nor part of the topic', async () => {
  const { topics } = await topicWith('aaa\nto');
  expect(await valuesFrom(topics, 0)).toEqual(['aaa']);
  expect(await topics.fetch('t', 0, offset(4), 1e6)).toBeNull();
  expect((await topics.topic('t'))?.partitions[0]?.end).toBe(4);
  await expect(topics.fetch('t', 0, offset(5), 1e6)).rejects.toMatchObject({ code: 'TOPIC_TRUNCATED', details: { end: 4 } });
});

test('a file that is one torn line holds nothing', async () => {
  const { topics } = await topicWith('torn');
  expect(await topics.fetch('t', 0, START, 2)).toBeNull();
  expect((await topics.topic('t'))?.partitions[0]?.end).toBe(0);
});

test('the next producer cuts a torn tail, of any length, before it appends', async () => {
  const { topics, path } = await topicWith(`aaa\n${'x'.repeat(200_000)}`);
  expect(await topics.produce('t', ['bb'])).toEqual([{ partition: 0, records: 1, next: 7 }]);
  expect(readFileSync(path('t', '0.jsonl'), 'utf8')).toBe('aaa\nbb\n');
});

test('a file that lost its tail is TOPIC_TRUNCATED, with both positions', async () => {
  const { topics, path } = await topicWith('aaa\nbb\n');
  expect(await valuesFrom(topics, 0)).toEqual(['aaa', 'bb']);
  truncateSync(path('t', '0.jsonl'), 4);
  await expect(topics.fetch('t', 0, offset(7), 10)).rejects.toMatchObject({
    code: 'TOPIC_TRUNCATED',
    details: { topic: 't', partition: 0, from: 7, end: 4 },
  });
});

test('a line longer than maxBytes comes back whole', async () => {
  const long = `"${'x'.repeat(3_000_000)}"`;
  const { topics } = await topicWith(`${long}\nb\n`);
  expect((await valuesFrom(topics, 0, 1000))[0]).toBe(long);
  expect(await valuesFrom(topics, 5, 1000)).toEqual(['b']);
});

test('a line beyond the bound is RECORD_MALFORMED, with its place', async () => {
  const { topics, path } = await topicWith('a\n');
  fs.writeFileSync(path('t', '0.jsonl'), Buffer.alloc(70 * 1024 * 1024, 'x'));
  await expect(topics.fetch('t', 0, START, 1000)).rejects.toMatchObject({ code: 'RECORD_MALFORMED', details: { offset: 0 } });
});

test('records go to the partitions in turn, beginning with the shortest', async () => {
  const { topics, path } = open();
  await topics.createTopic('t', 3);
  await topics.produce('t', ['1', '2', '3', '4']);
  await topics.produce('t', ['5', '6']);
  await topics.produce('t', ['7'], { partition: 0 });
  expect([0, 1, 2].map((p) => readFileSync(path('t', `${p}.jsonl`), 'utf8'))).toEqual(['1\n4\n7\n', '2\n5\n', '3\n6\n']);
});

test('blank lines are skipped; a value with a newline refuses them all, with its line number', async () => {
  const { topics } = open();
  await topics.createTopic('t', 1);
  expect(await topics.produce('t', ['', '  ', '\t\r'])).toEqual([]);
  expect(await topics.produce('t', ['a', '', 'b'])).toMatchObject([{ records: 2 }]);
  await expect(topics.produce('t', ['c', '', 'd\ne'])).rejects.toMatchObject({ code: 'RECORD_MALFORMED', details: { line: 3 } });
  expect(await valuesFrom(topics, 0)).toEqual(['a', 'b']);
});

test('producing to what does not exist is TOPIC_UNKNOWN', async () => {
  const { topics } = open();
  await topics.createTopic('orders', 2);
  await expect(topics.produce('order', ['a'])).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN', hint: "Did you mean 'orders'?" });
  await expect(topics.produce('orders', ['a'], { partition: 2 })).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' });
});

test('a topic is created once, whole, and under a name that stays in its directory', async () => {
  const { topics, path } = open();
  await Promise.all([topics.createTopic('b', 2), topics.createTopic('a.B_c-1', 1)]);
  await expect(topics.createTopic('b', 1)).rejects.toMatchObject({ code: 'TOPIC_EXISTS' });
  for (const name of ['', '.', '..', '../x', 'a/b', 'a b', 'ä', 'x'.repeat(250)]) {
    await expect(topics.createTopic(name, 1)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    expect(await topics.topic(name)).toBeNull();
  }
  for (const count of [0, -1, 1.5, 1025]) await expect(topics.createTopic('c', count)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  expect(await topics.listTopics()).toEqual(['a.B_c-1', 'b']);
  expect(readdirSync(path('b')).toSorted()).toEqual(['0.jsonl', '1.jsonl', 'id']);
  expect(readdirSync(path())).toHaveLength(2);
});

test('what a killed createTopic left is not a topic', async () => {
  const { topics, path } = await topicWith('');
  mkdirSync(path('+building-0011'));
  writeFileSync(path('+building-0011', '0.jsonl'), '');
  expect(await topics.listTopics()).toEqual(['t']);
});

test('startup from a time is refused: records carry none', async () => {
  const { topics } = await topicWith('a\n');
  await expect(topics.startOffset('t', 0, { kind: 'timestamp', epochMs: 0 })).rejects.toThrow('carry no time');
});

test('two handles produce alternately, and a third one reads every record once', async () => {
  const dir = temporaryDirectory();
  const worlds = [open(dir), open(dir)];
  const reader = open(dir).topics;
  await reader.createTopic('t', 1);
  for (let i = 0; i < 20; i++) await worlds[i % 2]?.topics.produce('t', [`{"n":${i}}`]);
  expect(await valuesFrom(reader, 0)).toEqual(Array.from({ length: 20 }, (_, i) => `{"n":${i}}`));
});

test('more partitions than descriptors are read all the same', async () => {
  const { topics } = open();
  await topics.createTopic('t', 300);
  await topics.produce('t', Array.from({ length: 600 }, (_, i) => String(i)));
  for (let round = 0; round < 2; round++) {
    for (let p = 0; p < 300; p++) expect(valuesOf(await topics.fetch('t', p, START, 100))).toEqual([`${p}`, `${p + 300}`]);
  }
});

test('a disk that is full at once: nothing happened', async () => {
  const writeSync = (): never => {
    throw systemError('ENOSPC');
  };
  const { topics } = open(undefined, { writeSync, fsyncSync: fs.fsyncSync });
  await topics.createTopic('t', 1);
  await expect(topics.produce('t', ['a'])).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'no' });
  expect(await topics.fetch('t', 0, START, 10)).toBeNull();
});

test('a disk that fills up on the way: whole lines stay, the torn one is cut, and the caller knows', async () => {
  const dir = temporaryDirectory();
  let isFull = false;
  const writeSync = (fd: number, bytes: Uint8Array): number => {
    if (isFull) throw systemError('ENOSPC');
    isFull = true;
    return fs.writeSync(fd, bytes, 0, 4, 0);
  };
  const { topics } = open(dir, { writeSync, fsyncSync: fs.fsyncSync });
  await topics.createTopic('t', 1);
  await expect(topics.produce('t', ['aa', 'bb'])).rejects.toMatchObject({ happened: 'maybe', details: { written: 4 } });
  const { topics: after } = open(dir);
  expect(await valuesFrom(after, 0)).toEqual(['aa']);
  await after.produce('t', ['cc']);
  expect(await valuesFrom(after, 0)).toEqual(['aa', 'cc']);
});

test('a sync that fails: perhaps', async () => {
  const fsyncSync = (): never => {
    throw systemError('EIO');
  };
  const { topics } = open(undefined, { writeSync: fs.writeSync, fsyncSync });
  await topics.createTopic('t', 1);
  await expect(topics.produce('t', ['a'])).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'maybe' });
});

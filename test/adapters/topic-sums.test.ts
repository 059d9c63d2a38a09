/** Records of embedded topics carry checksums: damage is STORE_CORRUPT, what is appended by others or edited on purpose is not. */
import fs from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { EmbeddedOffsets } from '../../lib/adapters/embedded/offsets.ts';
import { nodeAppendCalls, type AppendCalls } from '../../lib/adapters/embedded/producer.ts';
import { openStore } from '../../lib/adapters/embedded/store.ts';
import { EmbeddedTopics } from '../../lib/adapters/embedded/topics.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { isError } from '../../lib/core/errors.ts';
import { offset } from '../../lib/core/numbers.ts';
import { valuesOf } from '../contracts/source.ts';
import { systemError, temporaryDirectory } from './temporary.ts';

interface World {
  readonly topics: EmbeddedTopics;
  /** The partition's file, and that of its sums. */
  readonly file: string;
  readonly sums: string;
}

async function world(appendCalls = nodeAppendCalls): Promise<World> {
  const dir = temporaryDirectory();
  const store = openStore(dir, { create: true });
  const topics = new EmbeddedTopics({ dir, store, offsets: new EmbeddedOffsets(store), runtime: nodeRuntime, appendCalls });
  onTestFinished(() => {
    topics.close();
    store.close();
  });
  await topics.createTopic('t', 1);
  return { topics, file: join(dir, 'topics/t/0.jsonl'), sums: join(dir, 'topics/t/0.sums') };
}

/** Three producers, and so three blocks. */
const RECORDS = [['aaa', 'b'], ['cc', 'dddd', 'e'], ['ff']];
const ALL = RECORDS.flat();

async function produced(appendCalls?: AppendCalls): Promise<World> {
  const made = await world(appendCalls);
  for (const values of RECORDS) await made.topics.produce('t', values);
  return made;
}

const valuesFrom = async (topics: EmbeddedTopics, from = 0): Promise<string[]> => valuesOf(await topics.fetch('t', 0, offset(from), 1e6));

/** All values, as a reader gets them that goes on until there are no more. */
async function readAll(topics: EmbeddedTopics): Promise<string[]> {
  const values: string[] = [];
  for (let from = offset(0); ; ) {
    const batch = await topics.fetch('t', 0, from, 1e6);
    if (batch === null) return values;
    values.push(...valuesOf(batch));
    from = batch.next;
  }
}

const corrupt = { code: 'STORE_CORRUPT', kind: 'lost' };

/** Every way to flip one bit of a file; it is as before in the end. */
async function eachFlip(path: string, look: (at: number) => Promise<void>): Promise<void> {
  const bytes = fs.readFileSync(path);
  for (let at = 0; at < bytes.length * 8; at++) {
    const damaged = Buffer.from(bytes);
    damaged[at >> 3] = (damaged[at >> 3] ?? 0) ^ (1 << (at & 7));
    fs.writeFileSync(path, damaged);
    await look(at >> 3);
  }
  fs.writeFileSync(path, bytes);
}

test('a flipped bit of a record is STORE_CORRUPT with the file, from every offset that meets it; the others read what was produced', async () => {
  const { topics, file } = await produced();
  const { offsets } = (await topics.fetch('t', 0, offset(0), 1e6)) ?? { offsets: [] };
  await eachFlip(file, async () => {
    await expect(readAll(topics)).rejects.toMatchObject({ ...corrupt, details: { path: file } });
    for (const [i, from] of offsets.entries()) {
      const found = await valuesFrom(topics, from).catch((error: unknown) => error);
      // Of a last record without its newline a reader knows only when it comes to it.
      if (!isError(found, 'STORE_CORRUPT')) expect([ALL.slice(i), ALL.slice(i, -1)]).toContainEqual(found);
    }
  });
  expect(await valuesFrom(topics)).toEqual(ALL);
});

test('a flipped bit of a checksum is STORE_CORRUPT, with the file to delete', async () => {
  const { topics, sums } = await produced();
  await eachFlip(sums, async () => {
    await expect(topics.fetch('t', 0, offset(0), 1e6)).rejects.toMatchObject({ ...corrupt, hint: expect.stringContaining(sums) });
  });
  fs.rmSync(sums);
  expect(await valuesFrom(topics)).toEqual(ALL);
});

test('a producer cuts no record that is damaged and not torn', async () => {
  const { topics, file } = await produced();
  const bytes = fs.readFileSync(file);
  fs.writeFileSync(file, Buffer.from([...bytes.subarray(0, -1), 0x0b]));
  await expect(topics.produce('t', ['g'])).rejects.toMatchObject(corrupt);
  await expect(topics.fetch('t', 0, offset(bytes.length - 3), 10)).rejects.toMatchObject(corrupt);
  fs.writeFileSync(file, bytes);
  await topics.produce('t', ['g']);
  expect(await valuesFrom(topics)).toEqual([...ALL, 'g']);
});

test('lines that nobody has covered, of a killed producer or by hand, are read, and covered by the next producer', async () => {
  const { topics, file } = await produced();
  fs.appendFileSync(file, 'by hand\nto');
  expect(await valuesFrom(topics)).toEqual([...ALL, 'by hand']);
  await topics.produce('t', ['g']);
  expect(await valuesFrom(topics)).toEqual([...ALL, 'by hand', 'g']);
  await eachFlip(file, async () => expect(readAll(topics)).rejects.toMatchObject(corrupt));
});

test('a file that was cut is read up to there, and goes on', async () => {
  const { topics, file } = await produced();
  fs.truncateSync(file, 'aaa\nb\ncc\n'.length);
  expect(await valuesFrom(topics)).toEqual(['aaa', 'b', 'cc']);
  await topics.produce('t', ['other', 'records']);
  expect(await valuesFrom(topics)).toEqual(['aaa', 'b', 'cc', 'other', 'records']);
  await eachFlip(file, async () => expect(readAll(topics)).rejects.toMatchObject(corrupt));
});

test('a file that was edited is taken as it is when its sums are deleted', async () => {
  const { topics, file, sums } = await produced();
  fs.writeFileSync(file, 'aaa\nbbb\n');
  await expect(topics.fetch('t', 0, offset(0), 1e6)).rejects.toMatchObject({ ...corrupt, hint: expect.stringContaining(`delete ${sums}`) });
  fs.rmSync(sums);
  await topics.produce('t', ['c']);
  expect(await valuesFrom(topics)).toEqual(['aaa', 'bbb', 'c']);
});

test('blocks are bounded, whole records, and cover the file; a reader at the end looks at the last one only', async () => {
  const { topics, file, sums } = await world();
  const values = Array.from({ length: 3000 }, (_, i) => `${i}-${'x'.repeat((i * 31) % 200)}`);
  await topics.produce('t', [...values, 'y'.repeat(300_000), ...values]);
  const text = fs.readFileSync(file, 'utf8');
  let covered = 0;
  for (const line of fs.readFileSync(sums, 'latin1').trimEnd().split('\n')) {
    const [start = 0, end = 0] = line.split(' ').map(Number);
    expect(start).toBe(covered);
    expect(text[end - 1]).toBe('\n');
    expect(end - start <= 65_536 || !text.slice(start, end - 1).includes('\n')).toBe(true);
    covered = end;
  }
  expect(covered).toBe(text.length);
  fs.writeFileSync(file, `z${text.slice(1)}`);
  expect(await valuesFrom(topics, text.length - 100_000)).toEqual(text.slice(text.indexOf('\n', text.length - 100_001) + 1).trimEnd().split('\n'));
  await expect(topics.fetch('t', 0, offset(0), 10)).rejects.toMatchObject(corrupt);
});

test('records are there although their checksums cannot be written', async () => {
  const { writeSync } = fs;
  const { topics, sums } = await produced({ writeSync, fsyncSync: fs.fsyncSync });
  const before = fs.readFileSync(sums);
  fs.writeSync = (): never => {
    throw systemError('ENOSPC');
  };
  await topics.produce('t', ['g']).finally(() => (fs.writeSync = writeSync));
  expect(fs.readFileSync(sums)).toEqual(before);
  await topics.produce('t', ['h']);
  expect(await readAll(topics)).toEqual([...ALL, 'g', 'h']);
  const covered = fs.readFileSync(sums, 'latin1').trimEnd().split('\n').at(-1)?.split(' ').map(Number);
  expect(covered?.[1]).toBe('aaa\nb\ncc\ndddd\ne\nff\ng\nh\n'.length);
});

/** Files as a source: the laws that one partition can keep, and what becomes of files that do not stay as they are. */
import { mkdirSync, readdirSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FileSource } from '../../lib/adapters/filesystem/source.ts';
import { memoryPorts } from '../../lib/adapters/memory/index.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { offset, wallTime, type Offset } from '../../lib/core/numbers.ts';
import type { FileTable } from '../../lib/core/plan.ts';
import { sourceUnderFaults } from '../contracts/faults/source.ts';
import { sourceContract, valuesOf, type SourceWorld } from '../contracts/source.ts';
import { temporaryDirectory } from './temporary.ts';

const LARGE = 1e6;
const START = offset(0);
const table = (path: string, changes: Partial<FileTable> = {}): FileTable => ({ path, monitorIntervalMs: null, partitionedBy: [], defaultPartition: '__DEFAULT_PARTITION__', ...changes });

/** A clock on which every look is due, and every file has settled. */
function impatient() {
  let looks = 0;
  return { now: () => wallTime(nodeRuntime.now() + 60_000), elapsed: () => looks++ };
}

/** One topic is one directory, and every call of `produce` one file more. */
function world(): SourceWorld {
  const path = temporaryDirectory();
  const { offsets } = memoryPorts({ runtime: nodeRuntime, codec: nodeCodec });
  let files = 0;
  const produce = async (_: string, __: number, values: readonly string[]): Promise<void> => writeFileSync(join(path, String(files++).padStart(4, '0')), values.join('\n'));
  return { source: new FileSource('t', table(path, { monitorIntervalMs: 1 }), impatient()), offsets, create: async () => {}, recreate: async () => {}, produce };
}

const ONE = 'a directory is one topic of one partition, which is there from the beginning';
sourceContract('files', world, {
  'a topic that does not exist is null; reading it is TOPIC_UNKNOWN with the nearest name': ONE,
  'a new topic has all its partitions, empty': ONE,
  'partitions do not meet': ONE,
  'a topic that was deleted and created again has another id and its own records (W6)': 'the id is the path; another list of files is TOPIC_TRUNCATED',
  'startup: group offsets, or the reset strategy where there are none': 'tables of files start with their first line',
});
sourceUnderFaults('files', world);

/** A directory with files that came one behind the other, and sources over it as different processes have them. */
class Directory {
  readonly path = temporaryDirectory();
  readonly #changes: Partial<FileTable>;

  constructor(changes: Partial<FileTable> = {}) {
    this.#changes = changes;
  }

  write(name: string, text: string): void {
    mkdirSync(join(this.path, name, '..'), { recursive: true });
    writeFileSync(join(this.path, name), text);
  }

  source(): FileSource {
    return new FileSource('t', table(this.path, this.#changes), impatient());
  }
}

async function read(source: FileSource, from: Offset = START, maxBytes = LARGE): Promise<{ values: string[]; next: Offset }> {
  const values: string[] = [];
  for (let next = from; ; ) {
    const batch = await source.fetch('t', 0, next, maxBytes);
    if (batch === null) return { values, next };
    values.push(...valuesOf(batch));
    next = batch.next;
  }
}

describe('what is read', () => {
  test('the lines of all files below the path, whole and without blank ones', async () => {
    const files = new Directory();
    files.write('a.json', '1\r\n2\n\n3');
    files.write('b/c/d.json', '\n4\n');
    files.write('b/empty', '');
    expect((await read(files.source())).values).toEqual(['1', '2', '3', '4']);
    expect((await read(files.source(), START, 1)).values).toEqual(['1', '2', '3', '4']);
    const file = join(files.path, 'a.json');
    expect((await read(new FileSource('t', table(file), impatient()))).values).toEqual(['1', '2', '3']);
    expect((await read(new FileSource('t', table(file, { blankLines: true }), impatient()))).values).toEqual(['1', '2', '', '3']);
  });

  test('nothing that is hidden', async () => {
    const files = new Directory();
    for (const name of ['.a', '_b', '_manifest/c', '.tmp/d', 'e']) files.write(name, name);
    expect((await read(files.source())).values).toEqual(['e']);
  });

  test('partitions are folders, and what lies elsewhere is none of them', async () => {
    const files = new Directory({ partitionedBy: ['dt', 'kind'] });
    files.write('dt=2026-01-01/kind=a%2Fb/x', '1\n2');
    files.write('dt=__DEFAULT_PARTITION__/kind=c/deep/y', '3');
    for (const name of ['x', 'dt=1/x', 'kind=c/dt=1/x']) files.write(name, 'elsewhere');
    const source = files.source();
    const keys: unknown[] = [];
    for (let next = START; ; ) {
      const batch = await source.fetch('t', 0, next, LARGE);
      if (batch === null) break;
      const metadata = batch.metadata?.();
      keys.push(...(metadata?.keys.starts.map((start, i) => JSON.parse(new TextDecoder().decode(metadata.keys.bytes.subarray(start, metadata.keys.ends[i])))) ?? []));
      next = batch.next;
    }
    const first = { dt: '2026-01-01', kind: 'a/b', 'file.name': 'x', 'file.path': join(files.path, 'dt=2026-01-01/kind=a%2Fb/x'), 'file.size': 3, 'file.modification-time': expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z$/) };
    expect(keys).toEqual([first, first, expect.objectContaining({ dt: null, kind: 'c', 'file.name': 'y' })]);
  });

  test('a path where nothing is, and a compressed file, are errors', async () => {
    await expect(new FileSource('t', table('/nowhere/at/all'), impatient()).topic('t')).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    const files = new Directory();
    files.write('a.json.gz', 'x');
    await expect(files.source().topic('t')).rejects.toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining('a.json.gz') });
  });
});

describe('files that come', () => {
  test('are read behind all others, by name first or not, moved in or written', async () => {
    const files = new Directory({ monitorIntervalMs: 1 });
    files.write('m', 'm1\nm2\n');
    const source = files.source();
    const { values, next } = await read(source);
    expect(values).toEqual(['m1', 'm2']);
    writeFileSync(join(files.path, '.old'), 'old\n');
    utimesSync(join(files.path, '.old'), 1, 1);
    renameSync(join(files.path, '.old'), join(files.path, 'a'));
    const more = await read(source, next);
    expect(more.values).toEqual(['old']);
    files.write('z', 'z1\n');
    expect((await read(source, more.next)).values).toEqual(['z1']);
    expect((await read(files.source(), next)).values).toEqual(['old', 'z1']);
  });

  test('are not seen before they have settled, nor before it is time to look', async () => {
    const files = new Directory();
    files.write('a', 'a\n');
    const time: { now: number; elapsed: number } = { now: nodeRuntime.now(), elapsed: 0 };
    const source = new FileSource('t', table(files.path, { monitorIntervalMs: 5000 }), { now: () => wallTime(time.now), elapsed: () => time.elapsed });
    expect((await read(source)).values).toEqual([]);
    time.now += 2000;
    expect((await read(source)).values).toEqual([]);
    time.elapsed += 5000;
    expect((await read(source)).values).toEqual(['a']);
  });

  test('are nothing to a bounded table that has looked', async () => {
    const files = new Directory();
    files.write('a', 'a\n');
    const source = files.source();
    const end = await source.startOffset('t', 0, { kind: 'latest-offset' });
    files.write('b', 'b\n');
    expect((await read(source)).values).toEqual(['a']);
    await expect(files.source().verify('t', 0, end)).resolves.toBeUndefined();
  });
});

describe('files that do not stay as they were', () => {
  const LINES = Array.from({ length: 100 }, (_, i) => `${i}`);

  /** Three files, read up to the middle of the second one. */
  async function halfRead(changes: Partial<FileTable> = {}) {
    const files = new Directory(changes);
    for (const name of ['a', 'b', 'c']) files.write(name, LINES.map((line) => `${name}${line}\n`).join(''));
    const source = files.source();
    let next = START;
    for (let batch = await source.fetch('t', 0, next, 50); batch !== null; batch = await source.fetch('t', 0, next, 50)) {
      next = batch.next;
      if (valuesOf(batch).includes('b50')) break;
    }
    const rest = (await read(source, next)).values;
    return { files, source, next, rest };
  }

  test('a reader that goes on finds what was left', async () => {
    const { files, next, rest } = await halfRead();
    expect((await read(files.source(), next)).values).toEqual(rest);
    expect(rest.at(-1)).toBe('c99');
  });

  test.each<[string, (path: string) => void]>([
    ['grown', (path) => writeFileSync(join(path, 'a'), 'more\n', { flag: 'a' })],
    ['shrunk', (path) => truncateSync(join(path, 'b'), 10)],
    ['removed', (path) => rmSync(join(path, 'a'))],
    ['renamed', (path) => renameSync(join(path, 'a'), join(path, 'aa'))],
    ['replaced by another of the same size', (path) => writeFileSync(join(path, 'b'), LINES.map((line) => `x${line}\n`).join(''))],
    ['touched', (path) => utimesSync(join(path, 'b'), 1, 1)],
  ])('one that was read and is %s is an error, in this process and in the next', async (_, change) => {
    const { files, next } = await halfRead();
    const monitored = await halfRead({ monitorIntervalMs: 1 });
    change(files.path);
    change(monitored.files.path);
    const refused = { code: 'TOPIC_TRUNCATED', message: expect.stringMatching(/changed/), hint: expect.stringContaining('put them back, or start a new job') };
    await expect(read(files.source(), next)).rejects.toMatchObject(refused);
    await expect(files.source().verify('t', 0, next)).rejects.toMatchObject(refused);
    await expect(read(monitored.source, monitored.next)).rejects.toMatchObject(refused);
  });

  test('one that changes while it is read is an error, not half of each', async () => {
    const { files, source, next } = await halfRead();
    writeFileSync(join(files.path, 'c'), 'c is new\n');
    await expect(read(source, next)).rejects.toMatchObject({ code: 'TOPIC_TRUNCATED', message: expect.stringContaining("c' was changed while it was read") });
    expect(readdirSync(files.path)).toEqual(['a', 'b', 'c']);
  });

  test('the end of a bounded table is verified', async () => {
    const files = new Directory();
    files.write('a', 'a\n');
    const end = await files.source().startOffset('t', 0, { kind: 'latest-offset' });
    files.write('a', 'a\nb\n');
    await expect(files.source().verify('t', 0, end)).rejects.toMatchObject({ code: 'TOPIC_TRUNCATED' });
  });
});

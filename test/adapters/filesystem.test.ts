/** `filesystem` tables keep the laws of Sink that need no fence, in every format, on directories and on objects, and whatever requests get lost. */
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, afterAll, describe, expect, test } from 'vitest';
import { FileBlob } from '../../lib/adapters/file/blob.ts';
import { nodeFileCalls, type FileCalls } from '../../lib/adapters/file/durable.ts';
import { lineDrafts, type Drafts } from '../../lib/adapters/filesystem/drafts.ts';
import { openFilesystemSink } from '../../lib/adapters/filesystem/open.ts';
import { FilesystemSink } from '../../lib/adapters/filesystem/sink.ts';
import { MemoryBlob } from '../../lib/adapters/memory/blob.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { isError } from '../../lib/core/errors.ts';
import { jobId, type JobId } from '../../lib/core/numbers.ts';
import type { SinkNode } from '../../lib/core/plan.ts';
import { manifestKey, tableFormatOf, visibleFiles } from '../../lib/core/table-files.ts';
import { BIGINT, BOOLEAN, DOUBLE, INT, STRING, TIMESTAMP3, type Column, type Row, type SqlType } from '../../lib/core/types.ts';
import { openDirectory } from '../../lib/place/directories.ts';
import { openSinks } from '../../lib/place/sinks.ts';
import type { Blob } from '../../lib/ports/blob.ts';
import type { Emission, Sink } from '../../lib/ports/sink.ts';
import { eachNetwork } from '../contracts/faults/network.ts';
import { sinkUnderFaults } from '../contracts/faults/sink.ts';
import { emission, sinkContract, sinkNode, type SinkWorld } from '../contracts/sink.ts';
import { useTestCredentials } from '../servers/listening.ts';
import { startS3, type S3Server } from '../servers/s3.ts';
import { countedFiles, keysOf, parquetRows, textsIn } from './table-reader.ts';
import { systemError, temporaryDirectory } from './temporary.ts';

useTestCredentials();

const JOB = jobId('0123456789abcdef0123456789abcdef');
const OPTIONS = { path: '/table', format: 'json' };

interface Table {
  readonly node: SinkNode;
  open(job?: JobId, blob?: Blob): Promise<Sink>;
  readonly blob: Blob;
}

function tableOf(node: SinkNode, blob: Blob = new MemoryBlob(nodeRuntime)): Table {
  return { node, blob, open: (job = JOB, through = blob) => openFilesystemSink({ job, node, openDirectory: () => through }) };
}

const column = (name: string, type: SqlType): Column => ({ name, type, nullable: true });

/** A table of these columns, and an emission of these rows. */
const nodeOf = (columns: readonly Column[], changes: Partial<SinkNode> = {}): SinkNode => ({ ...sinkNode('filesystem', OPTIONS), columns, ...changes });
const firing = (f: number, rows: readonly Row[], g = 0): Emission => ({ ...emission(g, f, null, []), rows });

/** Values of a table with the column `v`, of any format. */
async function valuesIn(blob: Blob, options: SinkNode['options']): Promise<string[]> {
  const format = tableFormatOf(options);
  if (format.kind === 'parquet') {
    const files = await Promise.all((await countedFiles(blob, format)).map(async (key) => (await blob.get(key)) ?? new Uint8Array()));
    return (await parquetRows(files)).map(({ v }) => String(v));
  }
  const lines = (await textsIn(blob, format)).flatMap((text) => text.trimEnd().split('\n'));
  return format.kind === 'csv' ? lines : lines.map((line) => JSON.parse(line).v);
}

const worldOf = (options: SinkNode['options'], blobOf: () => Blob): (() => SinkWorld) => () => {
  const table = tableOf(sinkNode('filesystem', options), blobOf());
  return { open: (job) => table.open(job), effects: () => valuesIn(table.blob, options) };
};

const NO_POSITION = { 'X2: an emission whose predecessor has not taken effect is refused': 'files have no position to compare with' };
const NO_FENCE = {
  'X3: after a fence nothing of an older generation takes effect': 'a directory has no fence',
  'X3: a fence returns the newest position that took effect, and can be repeated': 'a directory has no fence',
};
const NO_FENCE_UNDER_FAULTS = {
  'X3: of the old generation nothing takes effect behind a fence, however late it lands; the new one goes on at its answer':
    'a directory has no fence, and does not know its newest position',
};

function laws(name: string, world: () => SinkWorld): void {
  sinkContract(name, world, { ...NO_POSITION, ...NO_FENCE });
  sinkUnderFaults(name, world, NO_FENCE_UNDER_FAULTS);
}

laws('files, json in a directory', worldOf(OPTIONS, () => openDirectory(pathToFileURL(temporaryDirectory()).href, nodeRuntime)));
laws('files, csv', worldOf({ ...OPTIONS, format: 'csv' }, () => new MemoryBlob(nodeRuntime)));
sinkContract('files, parquet', worldOf({ ...OPTIONS, format: 'parquet' }, () => new MemoryBlob(nodeRuntime)), { ...NO_POSITION, ...NO_FENCE });

/** Two partitions of every FIRE, so that every FIRE has a manifest; the values are in the order of their files. */
const severalFiles = (): SinkWorld => {
  const node = nodeOf([column('v', STRING), column('part', INT)], { partitionedBy: ['part'] });
  const table = tableOf(node);
  const open = async (job: JobId): Promise<Sink> => {
    const sink = await table.open(job);
    return { fences: sink.fences, fence: (g) => sink.fence(g), emit: (e) => sink.emit({ ...e, rows: e.rows.map((row, i) => [...row, i]) }) };
  };
  return { open, effects: () => valuesIn(table.blob, OPTIONS) };
};
laws('files, several of a FIRE', severalFiles);

describe('on S3', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3();
    server.createBucket('tables');
  });
  afterAll(() => server.stop());
  const blobOf = (): Blob => openDirectory(`s3://tables/${nodeRuntime.randomHex(6)}?endpoint=${server.endpoint}&region=us-east-1`, nodeRuntime);
  sinkContract('files, csv on S3', worldOf({ ...OPTIONS, format: 'csv' }, blobOf), { ...NO_POSITION, ...NO_FENCE });

  test('a bucket that is not there is SINK_UNAVAILABLE with its hint', async () => {
    const blob = openDirectory(`s3://missing/t?endpoint=${server.endpoint}&region=us-east-1`, nodeRuntime);
    const emitting = (await tableOf(nodeOf([column('v', STRING)]), blob).open()).emit(emission(0, 1, null, ['a']));
    await expect(emitting).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining('NoSuchBucket'), hint: expect.stringContaining('create the bucket') });
  });
});

describe('names', () => {
  test('job, uid, generation and FIRE', async () => {
    const path = temporaryDirectory();
    const sinks = openSinks(nodeRuntime, () => {});
    const sink = await sinks.open(JOB, sinkNode('filesystem', { path: pathToFileURL(path).href }));
    await sink.emit(emission(2, 17, null, ['a', 'b']));
    expect(await fs.readdir(path)).toEqual([`${JOB}-out-g2-f17-0.ndjson`]);
    expect(await fs.readFile(join(path, `${JOB}-out-g2-f17-0.ndjson`), 'utf8')).toBe('{"v":"a"}\n{"v":"b"}\n');
  });

  test('partitions as Flink writes them: escaped, NULL and the empty text under the default name, their columns in no file', async () => {
    const columns = [column('day', { kind: 'DATE' }), column('v', STRING), column('at', TIMESTAMP3), column('kind', STRING)];
    const table = tableOf(nodeOf(columns, { partitionedBy: ['kind', 'day', 'at'] }));
    const at = Date.UTC(2026, 10, 20, 10);
    const rows = [[20_000, 'a', at, 'x/y=1'], [null, 'b', null, ''], [20_000, 'c', at, 'x/y=1'], [0, 'd', at + 1500, 'é']] as const;
    await (await table.open()).emit(firing(1, rows));
    const fire = `${JOB}-out-g0-f1`;
    expect(await keysOf(table.blob)).toEqual([
      `_manifest/${fire}.json`,
      `kind=__DEFAULT_PARTITION__/day=__DEFAULT_PARTITION__/at=__DEFAULT_PARTITION__/${fire}-2.ndjson`,
      `kind=x%2Fy%3D1/day=2024-10-04/at=2026-11-20T10%3A00/${fire}-1.ndjson`,
      `kind=é/day=1970-01-01/at=2026-11-20T10%3A00%3A01.500/${fire}-3.ndjson`,
    ]);
    expect(await textsIn(table.blob, { kind: 'json' })).toEqual(['{"v":"a"}\n{"v":"c"}\n', '{"v":"b"}\n', '{"v":"d"}\n']);
    const manifest = await table.blob.get(`_manifest/${fire}.json`);
    expect(JSON.parse(Buffer.from(manifest ?? []).toString()).files[0]).toEqual({ path: `kind=x%2Fy%3D1/day=2024-10-04/at=2026-11-20T10%3A00/${fire}-1.ndjson`, rows: 2, bytes: 20 });
  });

  test('which files count, spelt out: whole ones, those that a manifest names, those of other writers, and nothing hidden', () => {
    const fire = (f: number): string => `${'0123456789abcdef'.repeat(2)}-out-g2-f${f}`;
    const keys = [
      `${fire(1)}-0.ndjson`,
      `day=1/${fire(2)}-0.ndjson`,
      `day=1/${fire(3)}-1.ndjson`,
      `day=2/${fire(3)}-2.ndjson`,
      `day=1/${fire(4)}-1.ndjson`,
      'part-0-17.ndjson',
      'part-0.csv',
      '_temporary/0/part-0.ndjson',
      'day=1/.part-0.ndjson',
      '_x=1/part-0.ndjson',
      `_manifest/${fire(3)}.json`,
    ];
    expect(visibleFiles(keys, [`_manifest/${fire(3)}.json`], { kind: 'json' })).toEqual({
      files: [`${fire(1)}-0.ndjson`, `day=1/${fire(2)}-0.ndjson`, 'part-0-17.ndjson', '_x=1/part-0.ndjson'],
      several: [fire(3)],
    });
    expect(visibleFiles(keys, [], { kind: 'json' }).several).toEqual([]);
    expect(manifestKey(fire(3))).toBe('_manifest/0123456789abcdef0123456789abcdef-out-g2-f3.json');
  });

  test('a FIRE of one partition is one file; partition.default-name is used', async () => {
    const table = tableOf(nodeOf([column('v', STRING), column('k', INT)], { partitionedBy: ['k'], options: { ...OPTIONS, 'partition.default-name': 'none' } }));
    await (await table.open()).emit(firing(1, [['a', null]]));
    expect(await keysOf(table.blob)).toEqual([`k=none/${JOB}-out-g0-f1-0.ndjson`]);
  });
});

describe('size and cost', () => {
  /** Calls of a blob, with the bytes that were put. */
  function counting(blob: Blob): { blob: Blob; calls: string[]; bytes: () => number } {
    const calls: string[] = [];
    let bytes = 0;
    const counted = new Proxy(blob, {
      get: (target, member) => {
        const value: unknown = Reflect.get(target, member, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          calls.push(String(member));
          if (args[1] instanceof Uint8Array) bytes += args[1].length;
          return Reflect.apply(value, target, args);
        };
      },
    });
    return { blob: counted, calls, bytes: () => bytes };
  }

  test('many rows are one file and one request; a repetition is a request more', async () => {
    const { blob, calls, bytes } = counting(new MemoryBlob(nodeRuntime));
    const values = Array.from({ length: 25_001 }, (_, i) => `v${i}`);
    const table = tableOf(sinkNode('filesystem', OPTIONS), blob);
    await (await table.open()).emit(emission(0, 1, null, values));
    expect(calls).toEqual(['put']);
    expect(bytes()).toBe(values.reduce((sum, v) => sum + `{"v":"${v}"}\n`.length, 0));
    calls.length = 0;
    await (await table.open()).emit(emission(0, 1, null, values));
    expect(calls).toEqual(['put', 'get']);
    expect(await valuesIn(blob, OPTIONS)).toEqual(values);
  });

  test('no rows, no request', async () => {
    const { blob, calls } = counting(new MemoryBlob(nodeRuntime));
    await (await tableOf(sinkNode('filesystem', OPTIONS), blob).open()).emit(emission(0, 1, null, []));
    expect(calls).toEqual([]);
  });

  test.each(['json', 'csv', 'parquet'])('%s files end at sink.rolling-policy.file-size: one request each, and the manifest', async (format) => {
    const { blob, calls } = counting(new MemoryBlob(nodeRuntime));
    const options = { ...OPTIONS, format, 'sink.rolling-policy.file-size': '40kb' };
    const values = Array.from({ length: 10_000 }, (_, i) => `value${String(i).padStart(5, '0')}`);
    const table = tableOf(sinkNode('filesystem', options), blob);
    await (await table.open()).emit(emission(0, 1, null, values));
    const files = await countedFiles(blob, tableFormatOf(options));
    expect(files.length).toBeGreaterThan(2);
    expect(calls.filter((call) => call === 'put')).toHaveLength(files.length + 1);
    expect(await valuesIn(blob, options)).toEqual(values);
  });
});

describe('in memory', () => {
  const MB = 2 ** 20;

  test('one file, and a piece of the next one, are encoded before the first one is written', () => {
    let encoded = 0;
    const drafts = lineDrafts(([v]) => (encoded++, String(v)));
    const files = drafts(Array.from({ length: 50_000 }, (_, i) => [i]), 60_000)[Symbol.iterator]();
    const first = files.next().value;
    expect(first).toMatchObject({ isOnly: false });
    expect(encoded).toBeLessThanOrEqual((first?.rows ?? 0) + 1000);
  });

  test.each(['json', 'parquet'])('wide rows do not make large files (%s)', async (format) => {
    const table = tableOf(sinkNode('filesystem', { ...OPTIONS, format, 'parquet.compression': 'UNCOMPRESSED', 'sink.rolling-policy.file-size': '3mb' }));
    await (await table.open()).emit(emission(0, 1, null, Array.from({ length: 8 }, (_, i) => String(i).repeat(MB))));
    const sizes = (await table.blob.list('', { after: '', limit: 100 })).filter(({ key }) => !key.startsWith('_manifest')).map(({ bytes }) => bytes / MB);
    expect(sizes.length).toBeGreaterThan(2);
    expect(Math.max(...sizes)).toBeLessThan(3.5);
  });

  test.each([[40, 1], [20, 3], [1, 8]])('files of %i MB: %i at once', async (megabytes, atOnce) => {
    const drafts: Drafts = function* () {
      for (let i = 0; i < 10; i++) yield { bytes: new Uint8Array(megabytes * MB), rows: 1, digest: null, isOnly: false };
    };
    let [under, most] = [0, 0];
    const blob = new Proxy(new MemoryBlob(nodeRuntime), {
      get: (target, member) =>
        member !== 'put'
          ? Reflect.get(target, member, target)
          : async () => {
              most = Math.max(most, ++under);
              await nodeRuntime.sleep(1);
              under--;
              return { kind: 'created' };
            },
    });
    const table = { place: 't', blob, format: { kind: 'json' }, columns: [], partitions: [], nullName: '', drafts, digestIn: async () => null, fileBytes: 1 } as const;
    await new FilesystemSink(table, JOB, sinkNode('filesystem', OPTIONS)).emit(firing(1, [['a']]));
    expect(most).toBe(atOnce);
  });
});

describe('a repetition of Parquet', () => {
  const options = (codec: string): SinkNode['options'] => ({ ...OPTIONS, format: 'parquet', 'parquet.compression': codec });
  const columns = [column('v', STRING), column('k', INT)];
  const rows = Array.from({ length: 3000 }, (_, i): Row => [`value ${i}`, i % 2]);
  const bytesOf = (blob: Blob): Promise<unknown> => keysOf(blob).then((keys) => Promise.all(keys.map((key) => blob.get(key))));

  test.each([[[]], [['k']]])('is known by its rows, whatever compressed them; PARTITIONED BY %j', async (partitionedBy) => {
    const table = tableOf(nodeOf(columns, { options: options('SNAPPY'), partitionedBy }));
    await (await table.open()).emit(firing(1, rows));
    const before = await bytesOf(table.blob);
    const newer = tableOf(nodeOf(columns, { options: options('ZSTD'), partitionedBy }), table.blob);
    expect(await (await newer.open()).emit(firing(1, rows))).toEqual({ kind: 'durable' });
    expect(await bytesOf(table.blob)).toEqual(before);
    const others = rows.map(([v, k]): Row => [`${String(v)}!`, k ?? null]);
    await expect((await newer.open()).emit(firing(1, others))).rejects.toMatchObject({ code: 'REPLAY_DIFFERS' });
  });

  test('a file of somebody else under the name is REPLAY_DIFFERS', async () => {
    const table = tableOf(nodeOf(columns, { options: options('SNAPPY') }));
    await table.blob.put(`${JOB}-out-g0-f1-0.parquet`, Buffer.from('neither Parquet nor ours'));
    await expect((await table.open()).emit(firing(1, rows))).rejects.toMatchObject({ code: 'REPLAY_DIFFERS' });
  });
});

describe('what goes wrong', () => {
  test('a time that Parquet cannot hold is named with its column', async () => {
    const table = tableOf(nodeOf([column('at', { kind: 'TIMESTAMP', precision: 9 })], { options: { ...OPTIONS, format: 'parquet' } }));
    const sink = await table.open();
    await expect(sink.emit(firing(1, [[0n], [253_402_300_799_000_000_000n]]))).rejects.toMatchObject({
      code: 'SINK_UNAVAILABLE',
      message: expect.stringContaining("the value 9999-12-31 23:59:59.000000000 of column 'at'"),
      hint: expect.stringContaining('CAST(at AS TIMESTAMP(6))'),
    });
    expect(await keysOf(table.blob)).toEqual([]);
    await sink.emit(firing(2, [[2n ** 63n - 1n], [-(2n ** 63n)]]));
  });

  test('whatever an encoder throws keeps the rows', async () => {
    const drafts: Drafts = () => {
      throw new RangeError('Invalid string length');
    };
    const table = { place: 't', blob: new MemoryBlob(nodeRuntime), format: { kind: 'json' }, columns: [], partitions: [], nullName: '', drafts, digestIn: async () => null, fileBytes: 1 } as const;
    const sink = new FilesystemSink(table, JOB, sinkNode('filesystem', OPTIONS));
    await expect(sink.emit(firing(1, [['a']]))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining('Invalid string length') });
  });

  const failing = (code: string) => (): never => {
    throw systemError(code);
  };

  test('a directory that cannot be written is SINK_UNAVAILABLE, and the emission can be repeated', async () => {
    const path = temporaryDirectory();
    const blobIn = (calls: Partial<FileCalls> = {}): FileBlob => new FileBlob(path, nodeRuntime, { ...nodeFileCalls, ...calls });
    const table = tableOf(sinkNode('filesystem', { ...OPTIONS, path }), blobIn());
    const broken = await table.open(JOB, blobIn({ link: failing('ENOSPC') }));
    await expect(broken.emit(emission(0, 1, null, ['a']))).rejects.toMatchObject({
      code: 'SINK_UNAVAILABLE',
      hint: expect.stringContaining('its rows are kept'),
      cause: { code: 'STORE_FAILED', happened: 'no' },
    });
    await (await table.open()).emit(emission(0, 1, null, ['a']));
    expect(await valuesIn(table.blob, OPTIONS)).toEqual(['a']);
  });

  test('a table without a path, or of another scheme, is OPTION_INVALID', async () => {
    const sinks = openSinks(nodeRuntime, () => {});
    for (const options of [{}, { path: 'hdfs:///t' }]) {
      await expect(sinks.open(JOB, sinkNode('filesystem', options))).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    }
  });

  test('requests and answers that get lost: every FIRE of several files is whole or not there, and each is there once', () =>
    eachNetwork(async (network) => {
      const node = nodeOf([column('v', INT), column('k', INT)], { partitionedBy: ['k'] });
      const table = tableOf(node);
      const sinks = await Promise.all([1, 2].map(() => table.open(JOB, network.to(table.blob))));
      const rowsOf = (f: number): Row[] => Array.from({ length: 6 }, (_, i) => [10 * f + i, i % 3]);
      const seen = async (): Promise<number[]> => (await valuesIn(table.blob, OPTIONS)).map(Number);
      for (let f = 1; f <= 2; f++) {
        await Promise.all(sinks.map((sink) => until(async () => {
          const whole = (await seen()).length;
          expect(whole % 6).toBe(0);
          return sink.emit(firing(f, rowsOf(f)));
        })));
      }
      await network.settle();
      expect((await seen()).toSorted((a, b) => a - b)).toEqual([1, 2].flatMap((f) => rowsOf(f).map(([v]) => v)));
    }));

  /** Repeats what was refused, as the engine does (F10). */
  async function until<T>(action: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await action();
      } catch (error) {
        if (!isError(error, 'SINK_UNAVAILABLE')) throw error;
      }
    }
  }
});

describe('types', () => {
  const TEN = Date.UTC(2026, 10, 20, 10);
  const columns = [
    column('b', BOOLEAN),
    column('tiny', { kind: 'TINYINT' }),
    column('small', { kind: 'SMALLINT' }),
    column('i', INT),
    column('big', BIGINT),
    column('f', { kind: 'FLOAT' }),
    column('d', DOUBLE),
    column('m', { kind: 'DECIMAL', precision: 10, scale: 2 }),
    column('huge', { kind: 'DECIMAL', precision: 38, scale: 7 }),
    column('s', STRING),
    column('bytes', { kind: 'VARBINARY', length: 10 }),
    column('day', { kind: 'DATE' }),
    column('t', { kind: 'TIME', precision: 3 }),
    column('at', TIMESTAMP3),
    column('at6', { kind: 'TIMESTAMP', precision: 6 }),
    column('at9', { kind: 'TIMESTAMP', precision: 9 }),
    column('z', { kind: 'TIMESTAMP_LTZ', precision: 3 }),
  ];
  const full: Row = [true, -128, -32768, -2147483648, -9_223_372_036_854_775_808n, Math.fround(0.1), 1e300, -1250n, -1n, 'é "x",\n', Uint8Array.of(0, 255), -1, 36_000_001, TEN + 1, BigInt(TEN) * 1_000_000n + 1000n, -1n, TEN];
  const empty: Row = columns.map(() => null);
  const emitted = async (options: SinkNode['options']): Promise<Blob> => {
    const table = tableOf(nodeOf(columns, { options: { ...OPTIONS, ...options } }));
    await (await table.open()).emit(firing(1, [full, empty]));
    return table.blob;
  };

  test('csv, as Flink writes it', async () => {
    const [text = ''] = await textsIn(await emitted({ format: 'csv' }), tableFormatOf({ format: 'csv' }));
    expect(text).toBe(
      'true,-128,-32768,-2147483648,-9223372036854775808,0.1,1.0E300,-12.5,-1E-7,"é ""x"",\n",AP8=,1969-12-31,10:00:00.001,2026-11-20 10:00:00.001,2026-11-20 10:00:00.000001,1969-12-31 23:59:59.999999999,2026-11-20 10:00:00Z\n' +
        `${','.repeat(16)}\n`,
    );
  });

  test('csv with other characters', async () => {
    const options = { format: 'csv', 'csv.field-delimiter': '\\t', 'csv.quote-character': "'", 'csv.escape-character': '\\', 'csv.null-literal': 'n/a', 'csv.write-bigdecimal-in-scientific-notation': 'false' };
    const table = tableOf(nodeOf([column('s', STRING), column('m', { kind: 'DECIMAL', precision: 10, scale: 2 })], { options: { ...OPTIONS, ...options } }));
    await (await table.open()).emit(firing(1, [["it's", 10_000n], [null, 1n], ['n/a', 0n], ['', null], [' a', -100_000_000n]]));
    expect(await textsIn(table.blob, tableFormatOf(options))).toEqual(["'it\\'s'\t100\nn/a\t0.01\n'n/a'\t0\n''\tn/a\n' a'\t-1000000\n"]);
  });

  test.each(['SNAPPY', 'GZIP', 'ZSTD', 'UNCOMPRESSED'])('parquet (%s), as DuckDB reads it', async (codec) => {
    const blob = await emitted({ format: 'parquet', 'parquet.compression': codec });
    const [key = ''] = await keysOf(blob);
    const [first, second] = await parquetRows([(await blob.get(key)) ?? new Uint8Array()], '*, typeof(columns(*))');
    expect(Object.values(first ?? {})).toEqual([
      true, -128, -32768, -2147483648, '-9223372036854775808', expect.closeTo(0.1), 1e300, '-12.50', '-0.0000001', 'é "x",\n', '\\x00\\xFF', '1969-12-31', '10:00:00.001', '2026-11-20 10:00:00.001', '2026-11-20 10:00:00.000001', '1969-12-31 23:59:59.999999999', '2026-11-20 10:00:00+00',
      'BOOLEAN', 'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'FLOAT', 'DOUBLE', 'DECIMAL(10,2)', 'DECIMAL(38,7)', 'VARCHAR', 'BLOB', 'DATE', 'TIME', 'TIMESTAMP', 'TIMESTAMP', 'TIMESTAMP_NS', 'TIMESTAMP WITH TIME ZONE',
    ]);
    expect(Object.values(second ?? {}).slice(0, columns.length)).toEqual(empty);
  });
});

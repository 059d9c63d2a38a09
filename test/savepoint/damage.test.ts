/** A savepoint that is not whole and unchanged is refused, by the right name (protocol 14.3). */
import { beforeAll, describe, expect, test } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import type { ErrorCode } from '../../lib/core/errors.ts';
import { readableJson } from '../../lib/savepoint/canonical-json.ts';
import { sealed, type Metadata } from '../../lib/savepoint/metadata.ts';
import { openSavepoint } from '../../lib/savepoint/open.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { Disk, ordersContent } from './fixture.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

let disk: Disk;
let data: string;
let metadata: Metadata;

beforeAll(async () => {
  disk = new Disk();
  await disk.write(ordersContent, 'gzip');
  const files = await disk.files(ordersContent);
  data = [...files.keys()].find((name) => name !== '_metadata') ?? '';
  metadata = JSON.parse(textOf(files.get('_metadata') ?? bytesOf('')));
});

/** What opening says once `name` holds `change` of its bytes; null deletes it. */
async function refusal(name: string, change: (bytes: Uint8Array) => Uint8Array | null): Promise<{ code: ErrorCode; message: string } | null> {
  const ports = await disk.copyOf(ordersContent);
  const bytes = change((await ports.blob.get(name)) ?? new Uint8Array());
  await ports.blob.remove(name);
  if (bytes !== null) await ports.blob.put(name, bytes);
  try {
    await openSavepoint(ports, 'dir');
    return null;
  } catch (error) {
    if (isError(error)) return { code: error.code, message: error.message };
    throw error;
  }
}

/** Opening with another manifest, correctly sealed: what an edit and a reseal would leave. */
const resealed = (change: (m: Metadata) => object): ReturnType<typeof refusal> =>
  refusal('_metadata', () => bytesOf(readableJson(sealed(nodeCodec, { ...metadata, ...change(metadata) }))));

const edited = (bytes: Uint8Array, at: number, mask: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ mask : byte));

describe.each(['_metadata', 'the data file'])('%s', (which) => {
  const name = (): string => (which === '_metadata' ? '_metadata' : data);
  const length = async (): Promise<number> => (await disk.files(ordersContent)).get(name())?.length ?? 0;

  test('cut short anywhere is SAVEPOINT_CORRUPT', async () => {
    for (let n = 0; n < (await length()); n++) {
      expect((await refusal(name(), (bytes) => bytes.subarray(0, n)))?.code, `cut at ${n}`).toBe('SAVEPOINT_CORRUPT');
    }
  });

  test('with any byte changed is refused', async () => {
    const size = await length();
    for (let at = 0; at < size; at++) {
      // One bit, and the case or digit that a slip of the keyboard would leave.
      for (const mask of [1, 8, 32]) {
        const found = await refusal(name(), (bytes) => edited(bytes, at, mask));
        // `"minReader": 9` cannot be told from a newer writer's.
        expect(found?.code, `byte ${at} ^ ${mask}`).toMatch(/^SAVEPOINT_(CORRUPT|VERSION)$/);
        if (found?.code === 'SAVEPOINT_VERSION') expect(found.message).toContain('needs a reader of version 9');
      }
    }
  });

  test('with bytes behind its end is SAVEPOINT_CORRUPT', async () => {
    expect(await refusal(name(), (bytes) => Uint8Array.from([...bytes, 10]))).toMatchObject({ code: 'SAVEPOINT_CORRUPT', message: expect.stringContaining(name()) });
  });
});

test('a missing file is named', async () => {
  expect(await refusal(data, () => null)).toEqual({ code: 'SAVEPOINT_CORRUPT', message: `savepoint dir: ${data} is missing` });
});

test('a shorter file is named with both lengths', async () => {
  const bytes = metadata.chunks[0]?.bytes ?? 0;
  expect((await refusal(data, (b) => b.subarray(1)))?.message).toBe(`savepoint dir: ${data} has ${bytes - 1} bytes where _metadata lists ${bytes}`);
});

test('a directory without _metadata, and none at all, are told apart', async () => {
  expect(await refusal('_metadata', () => null)).toMatchObject({ code: 'SAVEPOINT_NOT_FOUND', message: expect.stringContaining('has no _metadata') });
  await expect(openSavepoint({ blob: new Disk().target, codec: nodeCodec }, 'dir')).rejects.toMatchObject({
    code: 'SAVEPOINT_NOT_FOUND',
    message: 'there is no savepoint at dir: there is no such directory, or it is empty',
  });
});

test("Flink's own savepoint is recognised", async () => {
  const flink = await refusal('_metadata', () => Uint8Array.of(0x49, 0x60, 0x67, 0x2d, 0, 0, 0, 4));
  expect(flink).toMatchObject({ code: 'SAVEPOINT_NOT_FOUND', message: expect.stringContaining("Flink's binary format") });
});

test('a manifest that is not one of Sluice is refused', async () => {
  for (const text of ['', 'null', '[]', '{}', '"sluice-savepoint"', '{"format":"other"}']) {
    expect((await refusal('_metadata', () => bytesOf(text)))?.code, text).toBe('SAVEPOINT_CORRUPT');
  }
});

test('a newer writer is SAVEPOINT_VERSION only if it says that this reader is too old', async () => {
  expect(await resealed(() => ({ formatVersion: 3, minReader: 3 }))).toMatchObject({ code: 'SAVEPOINT_VERSION' });
  expect(await resealed(() => ({ formatVersion: 3, minReader: 1, news: [1] }))).toBeNull();
});

describe('a sealed manifest that lists something else', () => {
  test('another number of lines', async () => {
    const found = await resealed((m) => ({ chunks: m.chunks.map((c) => ({ ...c, lines: c.lines + 1 })) }));
    expect(found).toEqual({ code: 'SAVEPOINT_CORRUPT', message: `savepoint dir: ${data} has 4 lines where _metadata lists 5` });
  });

  test('a file elsewhere', async () => {
    const found = await resealed((m) => ({ chunks: m.chunks.map((c) => ({ ...c, file: `../${c.file}` })) }));
    expect(found).toMatchObject({ code: 'SAVEPOINT_CORRUPT', message: expect.stringContaining('not one of a savepoint') });
  });

  test('an operator that the plan does not have', async () => {
    const found = await resealed((m) => ({ chunks: m.chunks.map((c) => ({ ...c, operator: 'gone' })) }));
    expect(found).toMatchObject({ code: 'SAVEPOINT_CORRUPT', message: expect.stringContaining('gone.acc, which the plan does not have') });
  });
});

describe('a sealed line that does not fit the schema', () => {
  const LINE = '{"op":"orders-per-country","state":"acc","key":{"country":"DE"},"window_start":"2026-11-20T10:00:00.000Z","window_end":"2026-11-20T10:05:00.000Z","value":{"rows":3,"cnt":3,"sum":"12.50"}}';

  /** Replaces the data file by these bytes, with a manifest that says so. */
  async function withData(bytes: Uint8Array): Promise<string | null> {
    const ports = await disk.copyOf(ordersContent);
    await ports.blob.remove('_metadata');
    await ports.blob.remove(data);
    const file = 'orders-per-country.acc.0-127.0123456789abcdef.ndjson';
    const chunk = { file, operator: 'orders-per-country', state: 'acc', keyGroups: [0, 127] as const, lines: 1, bytes: bytes.length, sha256: nodeCodec.sha256(bytes) };
    await ports.blob.put(file, bytes);
    await ports.blob.put('_metadata', bytesOf(readableJson(sealed(nodeCodec, { ...metadata, chunks: [chunk] }))));
    try {
      await openSavepoint(ports, 'dir');
      return null;
    } catch (error) {
      if (isError(error, 'SAVEPOINT_CORRUPT')) return error.message.replace(`savepoint dir: ${file} `, '');
      throw error;
    }
  }

  test('the line as it was written is fine', async () => {
    expect(await withData(bytesOf(`${LINE}\n`))).toBeNull();
  });

  test.each([
    ['"op":"orders-per-country"', '"op":"other"', 'line 1 is not a line of orders-per-country.acc'],
    ['"state":"acc"', '"state":"timers"', 'line 1 is not a line of orders-per-country.acc'],
    ['{"country":"DE"}', '{"land":"DE"}', 'line 1 has a key that does not fit the schema'],
    ['{"country":"DE"}', '{"country":5}', 'line 1 has a key that does not fit the schema'],
    ['{"country":"DE"}', '"DE"', 'line 1 has a key that does not fit the schema'],
    ['"window_start":"2026-11-20T10:00', '"window_start":"2026-11-20T10:01', 'line 1 names no window of the operator'],
    ['"window_end":"2026-11-20T10:05', '"window_end":"2026-11-20T10:06', 'line 1 names no window of the operator'],
    ['"window_end":"2026-11-20T10:05:00.000Z"', '"window_end":1795169100000', 'line 1 names no window of the operator'],
    ['"rows":3,', '', 'line 1 has a value without rows'],
    ['"rows":3', '"rows":9007199254740993', 'line 1 has a value without rows'],
    ['"rows":3', '"rows":3.5', 'line 1 has a value without rows'],
    [',"cnt":3', '', 'line 1 has a value of cnt that does not fit the schema'],
    ['"cnt":3', '"cnt":3.5', 'line 1 has a value of cnt that does not fit the schema'],
    ['"12.50"', '12.5', 'line 1 has a value of sum that does not fit the schema'],
    ['"12.50"', '"twelve"', 'line 1 has a value of sum that does not fit the schema'],
    ['{"rows":3,"cnt":3,"sum":"12.50"}', '[]', 'line 1 has no value'],
  ])('%s → %s', async (was, is, problem) => {
    expect(await withData(bytesOf(`${LINE.replace(was, is)}\n`))).toBe(problem);
  });

  test('no JSON, no end, no UTF-8', async () => {
    expect(await withData(bytesOf(`${LINE}}\n`))).toMatch(/^line 1 is not JSON: /);
    expect(await withData(bytesOf(LINE))).toBe('line 1 does not end');
    expect(await withData(bytesOf(`${LINE}\n${LINE}\n\n`))).toMatch(/^line 3 is not JSON: /);
    expect(await withData(Uint8Array.of(0xff, 0x0a))).toBe('cannot be decompressed to UTF-8 text');
  });
});

/** Codec and runtime of Node. */
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { gzip } from '../../lib/adapters/compression.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import type { Compression } from '../../lib/ports/runtime.ts';
import { bytesOf, EVERY_BYTE } from '../contracts/suite.ts';

const KINDS: readonly Compression[] = ['none', 'gzip', 'zstd'];

describe('nodeCodec', () => {
  test('known hashes', () => {
    expect(nodeCodec.sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(nodeCodec.sha256('ä')).toBe(nodeCodec.sha256(new TextEncoder().encode('ä')));
    expect(nodeCodec.crc32('123456789')).toBe(0xcbf43926);
  });

  test.each(KINDS)('%s comes back byte for byte', (kind) => {
    for (const bytes of [new Uint8Array(0), EVERY_BYTE, new Uint8Array(1_000_000)]) {
      expect(Buffer.compare(nodeCodec.decompress(kind, nodeCodec.compress(kind, bytes)), bytes)).toBe(0);
    }
  });

  /** More than is done at once, and neither all alike nor all different. */
  const LARGE = new TextEncoder().encode(Array.from({ length: 300_000 }, (_, i) => `{"n":${(i * 7919) % 100_003}}\n`).join(''));

  test.each(KINDS)('%s in pieces is what it is at once', async (kind) => {
    for (const bytes of [new Uint8Array(0), EVERY_BYTE, LARGE]) {
      for (const size of [1000, 100_003]) {
        const whole = nodeCodec.compress(kind, bytes);
        expect(Buffer.compare(await nodeCodec.compressPieces(kind, cut(bytes, size)), whole)).toBe(0);
        expect(Buffer.compare(Buffer.concat(await collected(nodeCodec.decompressPieces(kind, whole))), bytes)).toBe(0);
      }
    }
  });

  test.each(['gzip', 'zstd'] as const)('damaged %s in pieces is STORE_CORRUPT', async (kind) => {
    const whole = nodeCodec.compress(kind, LARGE);
    for (const damaged of [whole.subarray(0, whole.length - 5), whole.subarray(0, 40), new Uint8Array(300_000)]) {
      await expect(collected(nodeCodec.decompressPieces(kind, damaged))).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    }
  });

  test('what fails while pieces are made is what is thrown', async () => {
    function* failing(): Generator<Uint8Array> {
      yield LARGE;
      throw new Error('no more');
    }
    await expect(nodeCodec.compressPieces('gzip', failing())).rejects.toThrow('no more');
  });

  test('gzip is read by others, and names no operating system', () => {
    const gzip = nodeCodec.compress('gzip', EVERY_BYTE);
    expect(bytesOf(gunzipSync(gzip))).toEqual(bytesOf(EVERY_BYTE));
    expect([...gzip.subarray(4, 10)]).toEqual([0, 0, 0, 0, gzip[8], 255]);
  });

  test('so it is in Parquet', () => expect(gzip(EVERY_BYTE, { level: 9 })[9]).toBe(255));

  test.each(['gzip', 'zstd'] as const)('damaged %s is STORE_CORRUPT', (kind) => {
    const whole = nodeCodec.compress(kind, EVERY_BYTE);
    for (const damaged of [whole.subarray(0, 40), new Uint8Array(10), EVERY_BYTE]) {
      expect(() => nodeCodec.decompress(kind, damaged)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
    }
  });
});

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('nodeRuntime has time and randomness', async () => {
  const start = nodeRuntime.elapsed();
  await nodeRuntime.sleep(5);
  expect(nodeRuntime.elapsed() - start).toBeGreaterThan(3);
  expect(Math.abs(nodeRuntime.now() - Date.now())).toBeLessThan(1000);
  expect(nodeRuntime.randomHex(8)).toMatch(/^[0-9a-f]{16}$/);
});

/** gzip and zstd for files whose names or digests follow from their content. */
import { pipeline } from 'node:stream/promises';
import zlib, { createGzip, gzipSync, type ZlibOptions, type ZstdOptions } from 'node:zlib';
import { SluiceError } from '../core/errors.ts';

/** Byte 9 of a gzip stream names the operating system; 255 is "unknown". */
const GZIP_OS_AT = 9;
const GZIP_OS_UNKNOWN = 255;

/** Equal on a Mac and on Linux, as long as zlib is the same. */
export function gzip(bytes: Uint8Array, options: ZlibOptions = {}): Uint8Array {
  return ofNoSystem(gzipSync(bytes, options));
}

/** The same bytes as of all pieces at once: how they are cut makes no difference to zlib. */
export async function gzipPieces(pieces: Iterable<Uint8Array>, options: ZlibOptions): Promise<Uint8Array> {
  const compressed: Uint8Array[] = [];
  await pipeline(pieces, createGzip(options), async (stream: AsyncIterable<Uint8Array>) => {
    for await (const piece of stream) compressed.push(piece);
  });
  return ofNoSystem(Buffer.concat(compressed));
}

function ofNoSystem(compressed: Uint8Array): Uint8Array {
  compressed[GZIP_OS_AT] = GZIP_OS_UNKNOWN;
  return compressed;
}

/** Throws OPTION_INVALID where Node has no zstd. */
export function zstd(bytes: Uint8Array, options: ZstdOptions = {}): Uint8Array {
  requireZstd();
  return zlib.zstdCompressSync(bytes, options);
}

/** Throws OPTION_INVALID where Node has no zstd, and what Node throws for damaged bytes. */
export function unzstd(bytes: Uint8Array): Uint8Array {
  requireZstd();
  return zlib.zstdDecompressSync(bytes);
}

/** Node has zstd since 22.15; looked up when it is needed, so that everything else runs on 22.13. */
export const hasZstd = (): boolean => 'zstdCompressSync' in zlib;

/** Throws OPTION_INVALID where Node has no zstd. */
export function requireZstd(): void {
  if (hasZstd()) return;
  throw new SluiceError('OPTION_INVALID', {
    message: 'compression zstd needs Node.js 22.15 or newer',
    hint: "use gzip: SET 'sluice.savepoint.compression' = 'gzip' for savepoints, 'parquet.compression' = 'GZIP' or SNAPPY for tables",
  });
}

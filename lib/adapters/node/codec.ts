/** Hashes and compression by Node's own OpenSSL, zlib and zstd. */
import { hash } from 'node:crypto';
// The oldest Node that the command runs on has no zstd to import.
import zlib, { constants, crc32, createGunzip, gunzipSync } from 'node:zlib';
import { SluiceError } from '../../core/errors.ts';
import type { Codec, Compression } from '../../ports/runtime.ts';
import { gzip, gzipPieces, requireZstd, unzstd, zstd } from '../compression.ts';

/** On state lines level 3 takes the time of level 1 (0.5 GB/s) and is 6 % smaller; the default, 6, takes twice as long for 10 %. */
const GZIP_LEVEL = 3;
/** Already smaller than gzip 9 on state lines, and twice as fast as gzip 3. */
const ZSTD_LEVEL = 1;

/** What is not more is done at once: a stream costs more than it saves, and goes through threads, which no simulation has in its hands. */
const AT_ONCE_BYTES = 1024 * 1024;

/** Damaged input to `decompress` and `decompressPieces` is STORE_CORRUPT. */
export const nodeCodec: Codec = {
  sha256: (bytes) => hash('sha256', bytes, 'hex'),
  crc32: (bytes) => crc32(bytes),
  compress,
  decompress,
  compressPieces,
  decompressPieces,
};

function compress(kind: Compression, bytes: Uint8Array): Uint8Array {
  switch (kind) {
    case 'none':
      return bytes;
    case 'gzip':
      return gzip(bytes, { level: GZIP_LEVEL });
    case 'zstd':
      return zstd(bytes, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } });
  }
}

function decompress(kind: Compression, bytes: Uint8Array): Uint8Array {
  if (kind === 'zstd') requireZstd();
  try {
    if (kind === 'none') return bytes;
    return kind === 'gzip' ? gunzipSync(bytes) : unzstd(bytes);
  } catch (cause) {
    throw damaged(kind, bytes, cause);
  }
}

const damaged = (kind: Compression, bytes: Uint8Array, cause: unknown): SluiceError =>
  new SluiceError('STORE_CORRUPT', { message: `${bytes.length} bytes are not a whole ${kind} stream`, cause });

/** A stream of zstd has other bytes, since it does not know how long it gets: those pieces are held. */
async function compressPieces(kind: Compression, pieces: Iterable<Uint8Array>): Promise<Uint8Array> {
  const held: Uint8Array[] = [];
  let size = 0;
  const rest = pieces[Symbol.iterator]();
  for (let next = rest.next(); next.done !== true; next = rest.next()) {
    held.push(next.value);
    size += next.value.length;
    if (kind === 'gzip' && size > AT_ONCE_BYTES) return gzipPieces(inARow(held, rest), { level: GZIP_LEVEL });
  }
  return compress(kind, Buffer.concat(held));
}

function* inARow(held: readonly Uint8Array[], rest: Iterator<Uint8Array>): Generator<Uint8Array> {
  yield* held;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}

async function* decompressPieces(kind: Compression, bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (kind === 'none' || bytes.length <= AT_ONCE_BYTES / TYPICAL_RATIO) return yield decompress(kind, bytes);
  if (kind === 'zstd') requireZstd();
  const stream = kind === 'gzip' ? createGunzip() : zlib.createZstdDecompress();
  stream.end(bytes);
  try {
    for await (const piece of stream) yield piece;
  } catch (cause) {
    throw damaged(kind, bytes, cause);
  }
}

/** Of lines of state. */
const TYPICAL_RATIO = 8;

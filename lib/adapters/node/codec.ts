/** Hashes and compression by Node's own OpenSSL, zlib and zstd. */
import { hash } from 'node:crypto';
import zlib, { constants, crc32, gunzipSync, gzipSync } from 'node:zlib';
import { SluiceError } from '../../core/errors.ts';
import type { Codec, Compression } from '../../ports/runtime.ts';

/** On state lines level 3 takes the time of level 1 (0.5 GB/s) and is 6 % smaller; the default, 6, takes twice as long for 10 %. */
const GZIP_LEVEL = 3;
/** Already smaller than gzip 9 on state lines, and twice as fast as gzip 3. */
const ZSTD_LEVEL = 1;
/** Byte 9 of a gzip stream names the operating system; 255 is "unknown". */
const GZIP_OS_AT = 9;
const GZIP_OS_UNKNOWN = 255;

/** Damaged input to `decompress` is STORE_CORRUPT. */
export const nodeCodec: Codec = {
  sha256: (bytes) => hash('sha256', bytes, 'hex'),
  crc32: (bytes) => crc32(bytes),
  compress,
  decompress,
};

function compress(kind: Compression, bytes: Uint8Array): Uint8Array {
  switch (kind) {
    case 'none':
      return bytes;
    case 'gzip':
      return sameOnEverySystem(gzipSync(bytes, { level: GZIP_LEVEL }));
    case 'zstd':
      requireZstd();
      return zlib.zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } });
  }
}

function decompress(kind: Compression, bytes: Uint8Array): Uint8Array {
  if (kind === 'zstd') requireZstd();
  try {
    if (kind === 'none') return bytes;
    return kind === 'gzip' ? gunzipSync(bytes) : zlib.zstdDecompressSync(bytes);
  } catch (cause) {
    throw new SluiceError('STORE_CORRUPT', { message: `${bytes.length} bytes are not a whole ${kind} stream`, cause });
  }
}

/** Node has zstd since 22.15; looked up when it is needed, so that everything else runs on 22.13. */
function requireZstd(): void {
  if ('zstdCompressSync' in zlib) return;
  throw new SluiceError('OPTION_INVALID', {
    message: 'compression zstd needs Node.js 22.15 or newer',
    hint: "use gzip: SET 'sluice.savepoint.compression' = 'gzip'",
  });
}

/** Files are named after their content, so equal state must give equal bytes on a Mac and on Linux. */
function sameOnEverySystem(gzip: Uint8Array): Uint8Array {
  gzip[GZIP_OS_AT] = GZIP_OS_UNKNOWN;
  return gzip;
}

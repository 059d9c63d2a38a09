/** Everything ambient. Nothing below the composition roots reads a clock, draws a number or waits in another way. */
import type { WallTime } from '../core/numbers.ts';

export interface Runtime {
  /** Wall clock. */
  now(): WallTime;
  /** Monotonic milliseconds since an arbitrary point. */
  elapsed(): number;
  /** `bytes` random bytes as lower-case hex. */
  randomHex(bytes: number): string;
  sleep(ms: number): Promise<void>;
  /** Runs what is synchronous, and throws what it throws; false where it was interrupted after `ms`, wherever it was. Not within itself. */
  runWithin(ms: number, run: () => void): boolean;
}

export type Compression = 'none' | 'gzip' | 'zstd';

/** Platform arithmetic: deterministic, and synchronous but for what is large. */
export interface Codec {
  /** Lower-case hex. */
  sha256(bytes: Uint8Array | string): string;
  crc32(bytes: Uint8Array | string): number;
  compress(kind: Compression, bytes: Uint8Array): Uint8Array;
  decompress(kind: Compression, bytes: Uint8Array): Uint8Array;
  /** The bytes that `compress` gives for all pieces in a row; of gzip, these are not held. */
  compressPieces(kind: Compression, pieces: Iterable<Uint8Array>): Promise<Uint8Array>;
  /** What `decompress` gives, in pieces. */
  decompressPieces(kind: Compression, bytes: Uint8Array): AsyncIterable<Uint8Array>;
}

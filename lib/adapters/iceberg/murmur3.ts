/** MurmurHash3 (x86, 32 bit, seed 0) over bytes: the hash of bucket transforms (https://iceberg.apache.org/spec/#appendix-b-32-bit-hash-requirements). */

/** A signed 32-bit integer. */
export function murmur3(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length & ~3;
  let h = 0;
  for (let i = 0; i < whole; i += 4) h = (Math.imul(rotate(h ^ mix(view.getInt32(i, true)), 13), 5) + 0xe6546b64) | 0;
  let tail = 0;
  for (let i = bytes.length - 1; i >= whole; i--) tail = (tail << 8) | (bytes[i] ?? 0);
  return finish(h ^ mix(tail) ^ bytes.length);
}

const rotate = (n: number, bits: number): number => (n << bits) | (n >>> (32 - bits));
const mix = (k: number): number => Math.imul(rotate(Math.imul(k, 0xcc9e2d51), 15), 0x1b873593);

function finish(h: number): number {
  const first = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return second ^ (second >>> 16);
}

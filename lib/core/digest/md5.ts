/** MD5 (RFC 1321), without node:crypto, which the core does not know. */
import { littleEndianBytes, paddedBlocks } from './blocks.ts';

const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const SINES = Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0);

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

export function md5(bytes: Uint8Array): Uint8Array {
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  const { view, blocks } = paddedBlocks(bytes, 64, true);
  for (let block = 0; block < blocks; block++) addBlock(state, view, block * 64);
  return littleEndianBytes(state);
}

function addBlock(state: Int32Array, view: DataView, at: number): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let i = 0; i < 64; i++) {
    const [mixed, word] = round(i, b, c, d);
    const sum = (a + mixed + (SINES[i] ?? 0) + view.getInt32(at + word * 4, true)) | 0;
    [a, d, c, b] = [d, c, b, (b + rotate(sum, SHIFTS[(i >> 4) * 4 + (i & 3)] ?? 0)) | 0];
  }
  [a, b, c, d].forEach((value, i) => (state[i] = ((state[i] ?? 0) + value) | 0));
}

/** The mixing function of a step, and which word of the block it takes. */
function round(i: number, b: number, c: number, d: number): readonly [number, number] {
  if (i < 16) return [(b & c) | (~b & d), i];
  if (i < 32) return [(d & b) | (~d & c), (5 * i + 1) & 15];
  return i < 48 ? [b ^ c ^ d, (3 * i + 5) & 15] : [c ^ (b | ~d), (7 * i) & 15];
}

/** SHA-1 (FIPS 180-4). */
import { bigEndianBytes, paddedBlocks } from './blocks.ts';

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

export function sha1(bytes: Uint8Array): Uint8Array {
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const { view, blocks } = paddedBlocks(bytes, 64, false);
  for (let block = 0; block < blocks; block++) addBlock(state, view, block * 64);
  return bigEndianBytes(state);
}

function addBlock(state: Int32Array, view: DataView, at: number): void {
  const words = new Int32Array(80);
  for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + i * 4);
  for (let i = 16; i < 80; i++) words[i] = rotate((words[i - 3] ?? 0) ^ (words[i - 8] ?? 0) ^ (words[i - 14] ?? 0) ^ (words[i - 16] ?? 0), 1);
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
  for (let i = 0; i < 80; i++) {
    const sum = (rotate(a, 5) + mixed(i, b, c, d) + e + (words[i] ?? 0)) | 0;
    [e, d, c, b, a] = [d, c, rotate(b, 30), a, sum];
  }
  [a, b, c, d, e].forEach((value, i) => (state[i] = ((state[i] ?? 0) + value) | 0));
}

function mixed(i: number, b: number, c: number, d: number): number {
  if (i < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (i < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  return i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc : (b ^ c ^ d) + 0xca62c1d6;
}

/** SHA-224, SHA-256, SHA-384 and SHA-512 (FIPS 180-4). The 64-bit words are bigints: simple, and fast enough for keys. */
import { bigEndianBytes, paddedBlocks } from './blocks.ts';

/** The first 80 primes, whose roots the constants are made of. */
const PRIMES = Array.from({ length: 410 }, (_, n) => n).filter((n) => n > 1 && Array.from({ length: n }, (_, d) => d).every((d) => d < 2 || n % d !== 0));

const MASK = (1n << 64n) - 1n;

/** 64 bits of the fraction of a root. */
function rootFraction(prime: number, degree: 2n | 3n): bigint {
  const scaled = BigInt(prime) << (64n * degree);
  let [low, high] = [0n, 1n << 80n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** degree <= scaled) low = middle;
    else high = middle;
  }
  return low & MASK;
}

const CONSTANTS = BigUint64Array.from(PRIMES.slice(0, 80), (prime) => rootFraction(prime, 3n));
const SHORT_CONSTANTS = Int32Array.from(CONSTANTS, (constant) => Number(constant >> 32n) | 0);

const squareRoots = (from: number): bigint[] => PRIMES.slice(from, from + 8).map((prime) => rootFraction(prime, 2n));
const highHalves = (words: readonly bigint[]): Int32Array => Int32Array.from(words, (word) => Number(word >> 32n) | 0);
const lowHalves = (words: readonly bigint[]): Int32Array => Int32Array.from(words, (word) => Number(word & 0xffffffffn) | 0);

export const sha256 = (bytes: Uint8Array): Uint8Array => short(bytes, highHalves(squareRoots(0)));
export const sha224 = (bytes: Uint8Array): Uint8Array => short(bytes, lowHalves(squareRoots(8))).subarray(0, 28);
export const sha512 = (bytes: Uint8Array): Uint8Array => long(bytes, squareRoots(0));
export const sha384 = (bytes: Uint8Array): Uint8Array => long(bytes, squareRoots(8)).subarray(0, 48);

const rotate = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits));

function short(bytes: Uint8Array, state: Int32Array): Uint8Array {
  const { view, blocks } = paddedBlocks(bytes, 64, false);
  for (let block = 0; block < blocks; block++) addShort(state, view, block * 64);
  return bigEndianBytes(state);
}

function addShort(state: Int32Array, view: DataView, at: number): void {
  const words = new Int32Array(64);
  for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + i * 4);
  for (let i = 16; i < 64; i++) {
    const [near, far] = [words[i - 2] ?? 0, words[i - 15] ?? 0];
    const small = rotate(far, 7) ^ rotate(far, 18) ^ (far >>> 3);
    words[i] = (rotate(near, 17) ^ rotate(near, 19) ^ (near >>> 10)) + (words[i - 7] ?? 0) + small + (words[i - 16] ?? 0);
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i++) {
    const first = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + (SHORT_CONSTANTS[i] ?? 0) + (words[i] ?? 0);
    const second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((value, i) => (state[i] = ((state[i] ?? 0) + value) | 0));
}

const rotateLong = (word: bigint, bits: bigint): bigint => ((word >> bits) | (word << (64n - bits))) & MASK;

function long(bytes: Uint8Array, initial: readonly bigint[]): Uint8Array {
  const state = [...initial];
  const { view, blocks } = paddedBlocks(bytes, 128, false);
  for (let block = 0; block < blocks; block++) addLong(state, view, block * 128);
  const out = new DataView(new ArrayBuffer(64));
  state.forEach((word, i) => out.setBigUint64(i * 8, word));
  return new Uint8Array(out.buffer);
}

function addLong(state: bigint[], view: DataView, at: number): void {
  const words = Array.from({ length: 16 }, (_, i) => view.getBigUint64(at + i * 8));
  for (let i = 16; i < 80; i++) {
    const [near, far] = [words[i - 2] ?? 0n, words[i - 15] ?? 0n];
    const small = rotateLong(far, 1n) ^ rotateLong(far, 8n) ^ (far >> 7n);
    words.push(((rotateLong(near, 19n) ^ rotateLong(near, 61n) ^ (near >> 6n)) + (words[i - 7] ?? 0n) + small + (words[i - 16] ?? 0n)) & MASK);
  }
  let [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n, g = 0n, h = 0n] = state;
  for (let i = 0; i < 80; i++) {
    const first = h + (rotateLong(e, 14n) ^ rotateLong(e, 18n) ^ rotateLong(e, 41n)) + ((e & f) ^ (~e & MASK & g)) + (CONSTANTS[i] ?? 0n) + (words[i] ?? 0n);
    const second = (rotateLong(a, 28n) ^ rotateLong(a, 34n) ^ rotateLong(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) & MASK, c, b, a, (first + second) & MASK];
  }
  [a, b, c, d, e, f, g, h].forEach((value, i) => (state[i] = ((state[i] ?? 0n) + value) & MASK));
}

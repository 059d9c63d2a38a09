/** Random numbers that depend on nothing but what they are for: a field of a row. */
import { murmur3 } from '../../core/hash.ts';

/** The next 32 random bits. */
export type Draws = () => number;

const TWO_32 = 2 ** 32;

/** The draws for the fields with this name, by the number of the row. Different rows never begin with the same state. */
export function drawsFor(field: string): (row: number) => Draws {
  const [first, second] = [murmur3(field, 0x1234), murmur3(field, 0x9876)];
  return (row) => {
    const low = row % TWO_32 | 0;
    const high = Math.floor(row / TWO_32) | 0;
    return xoroshiro(scrambled(first ^ low), scrambled(second ^ scrambled(high ^ 0x5bd1e995) ^ (low << 16)));
  };
}

/** The finalizer of MurmurHash3, which is one to one. */
function scrambled(n: number): number {
  const a = Math.imul(n ^ (n >>> 16), 0x85ebca6b);
  const b = Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return b ^ (b >>> 16);
}

const rotated = (n: number, by: number): number => (n << by) | (n >>> (32 - by));

/** xoroshiro64** (Blackman and Vigna). */
function xoroshiro(a: number, b: number): Draws {
  let s0 = a | 0;
  let s1 = b | 0 || 1;
  return () => {
    const result = Math.imul(rotated(Math.imul(s0, 0x9e3779bb), 5), 5) >>> 0;
    s1 ^= s0;
    s0 = rotated(s0, 26) ^ s1 ^ (s1 << 9);
    s1 = rotated(s1, 13);
    return result;
  };
}

/** From 0, 1 excluded, in steps of 2^-53. */
export const fraction = (draws: Draws): number => ((draws() >>> 5) * 2 ** 26 + (draws() >>> 6)) / 2 ** 53;

/** From 0 to `count`, which is excluded and at most 2^64. */
export const below = (draws: Draws, count: bigint): bigint => (((BigInt(draws()) << 32n) | BigInt(draws())) * count) >> 64n;

/** The order in which Java's HashMap gives its entries: MAPs that Flink's decoders make have it, and MAP_KEYS and CAST show it. */

/** Slots of a table that was made without saying for how many entries. */
const DEFAULT_CAPACITY = 16;

/** Items with different keys as they stand in a table, which doubles its slots when three quarters are taken. */
export function inHashOrder<T>(items: readonly T[], hashOf: (item: T) => number, capacity = DEFAULT_CAPACITY): readonly T[] {
  if (items.length < 2) return items;
  let slots = capacity;
  while (items.length > slots * 0.75) slots *= 2;
  const placed = items.map((item) => ({ item, slot: spread(hashOf(item)) & (slots - 1) }));
  return placed.sort((a, b) => a.slot - b.slot).map(({ item }) => item);
}

const spread = (hash: number): number => hash ^ (hash >>> 16);

/** The slots of a table that is made for so many entries (CollectionUtil.newHashMapWithExpectedSize). */
export function capacityFor(entries: number): number {
  const wanted = entries <= 2 ? entries + 1 : Math.ceil(entries / 0.75);
  return 2 ** Math.ceil(Math.log2(wanted));
}

/** `String.hashCode`. */
export function stringHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

const UTF8 = new TextEncoder();
const SEED = 42;

/** `BinaryStringData.hashCode`: Murmur over the UTF-8 bytes, four at a time, and the rest one by one. */
export function binaryStringHash(text: string): number {
  const bytes = UTF8.encode(text);
  const view = new DataView(bytes.buffer);
  const aligned = bytes.length - (bytes.length % 4);
  let hash = SEED;
  for (let i = 0; i < aligned; i += 4) hash = mix(hash, view.getInt32(i, true));
  for (let i = aligned; i < bytes.length; i++) hash = mix(hash, view.getInt8(i));
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

const rotated = (bits: number, by: number): number => (bits << by) | (bits >>> (32 - by));

const mix = (hash: number, part: number): number =>
  (Math.imul(rotated(hash ^ Math.imul(rotated(Math.imul(part, 0xcc9e2d51), 15), 0x1b873593), 13), 5) + 0xe6546b64) | 0;

/** MurmurHash3 (x86, 32 bit) over UTF-16 code units: key groups and short fingerprints. Not for integrity. */
export function murmur3(text: string, seed = 0): number {
  let h = seed | 0;
  for (let i = 0; i < text.length; i++) {
    let k = Math.imul(text.charCodeAt(i), 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  h ^= text.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** 16 hex digits that tell one meaning from another: the tail of a derived uid. */
export function fingerprint(text: string): string {
  return [murmur3(text, 0x5105), murmur3(text, 0x1ce5)].map((n) => n.toString(16).padStart(8, '0')).join('');
}

/** What the hash functions of the MD family have in common: padding to whole blocks, and words as bytes. */

/** The message with a 1 bit, zeros and its length in bits behind it; blocks of 128 bytes have a length of 16 bytes. */
export function paddedBlocks(bytes: Uint8Array, blockSize: 64 | 128, littleEndian: boolean): { readonly view: DataView; readonly blocks: number } {
  const lengthSize = blockSize / 8;
  const blocks = Math.ceil((bytes.length + 1 + lengthSize) / blockSize);
  const padded = new Uint8Array(blocks * blockSize);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  const bits = BigInt(bytes.length) * 8n;
  view.setBigUint64(padded.length - 8, bits, littleEndian);
  return { view, blocks };
}

export const littleEndianBytes = (words: Int32Array): Uint8Array => wordBytes(words, true);
export const bigEndianBytes = (words: Int32Array): Uint8Array => wordBytes(words, false);

function wordBytes(words: Int32Array, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => view.setInt32(i * 4, word, littleEndian));
  return bytes;
}

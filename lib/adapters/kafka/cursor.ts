/** Reads the variable-length numbers of Kafka's records, forwards. */
export class Cursor {
  readonly bytes: Buffer;
  position: number;

  constructor(bytes: Buffer, position: number) {
    this.bytes = bytes;
    this.position = position;
  }

  /** Zigzag, 32 bits. */
  int(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new RangeError('a number is too long');
  }

  /** Zigzag, 64 bits. */
  long(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number((value >> 1n) ^ -(value & 1n));
    }
    throw new RangeError('a number is too long');
  }

  skipLong(): void {
    while (this.#byte() >= 0x80);
  }

  /** A length and as many bytes; null for length -1. */
  sized(): Buffer | null {
    const length = this.int();
    return length < 0 ? null : this.#take(length);
  }

  /** Like `sized`, and returns the length only. */
  skipSized(): number {
    const length = this.int();
    this.skip(Math.max(length, 0));
    return length;
  }

  skip(length: number): void {
    this.position += length;
    if (this.position > this.bytes.length) throw new RangeError('the record is cut off');
  }

  #take(length: number): Buffer {
    const from = this.position;
    this.skip(length);
    return this.bytes.subarray(from, this.position);
  }

  #byte(): number {
    const byte = this.bytes[this.position++];
    if (byte === undefined) throw new RangeError('the record is cut off');
    return byte;
  }
}

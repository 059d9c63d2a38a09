/** Base64 as Buffer writes and `atob` reads it. */
import { describe, expect, test } from 'vitest';
import { fromBase64, toBase64 } from '../../lib/core/base64.ts';

const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 37 + (i >> 3)) % 256);

test.each([0, 1, 2, 3, 4, 5, 255, 256, 257, 60_000])('%i bytes are written as Buffer writes them, and read back', (length) => {
  const bytes = bytesOf(length);
  const text = toBase64(bytes);
  expect(text).toBe(Buffer.from(bytes).toString('base64'));
  expect(fromBase64(text)).toEqual(bytes);
});

test('a part of an array is written alone', () => {
  const bytes = bytesOf(100);
  expect(toBase64(bytes.subarray(10, 21))).toBe(Buffer.from(bytes.subarray(10, 21)).toString('base64'));
});

describe('as atob', () => {
  const read = (text: string): number[] | null => {
    try {
      return [...atob(text)].map((char) => char.charCodeAt(0));
    } catch {
      return null;
    }
  };
  test.each(['', 'YQ==', 'YQ', 'YWI', 'YW I=', 'YR==', 'YQ=', 'Y', '====', 'a===', 'ab=c', 'ab==YQ==', 'YQ==\n', 'Y-_Q', 'YQé=', 'ÿÿÿÿ', '😀😀', 'YW\u{0}I', 'AAAA=AAA'])('%j', (text) => {
    const bytes = fromBase64(text);
    expect(bytes === null ? null : [...bytes]).toEqual(read(text));
  });
});

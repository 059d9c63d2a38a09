/** Charsets of the `raw` format, as Java encodes and decodes. */
import { expect, test } from 'vitest';
import { CHARSETS, charsetOf, textDecoder, textEncoder } from '../../lib/core/charset.ts';

test.each(CHARSETS)('%s gives back what it takes', (charset) => {
  const text = charset.startsWith('U') && charset !== 'US-ASCII' ? 'aé漢😀' : 'a~z';
  expect(textDecoder(charset)(textEncoder(charset)(text))).toBe(text);
});

test('bytes are those of Java', () => {
  expect([...textEncoder('UTF-16')('a')]).toEqual([0xfe, 0xff, 0, 97]);
  expect([...textEncoder('UTF-16LE')('a')]).toEqual([97, 0]);
  expect([...textEncoder('ISO-8859-1')('é漢😀')]).toEqual([0xe9, 63, 63]);
  expect([...textEncoder('US-ASCII')('é')]).toEqual([63]);
  expect(textDecoder('ISO-8859-1')(Uint8Array.of(0x80, 0xe9))).toBe('\u0080é');
  expect(textDecoder('US-ASCII')(Uint8Array.of(97, 0xe9))).toBe('a\ufffd');
  expect(textDecoder('UTF-16')(Uint8Array.of(0xff, 0xfe, 97, 0))).toBe('a');
  expect(textDecoder('UTF-16')(Uint8Array.of(0, 97))).toBe('a');
});

test('names have aliases, in letters of either case', () => {
  expect([charsetOf('utf8'), charsetOf('Latin1'), charsetOf('ascii'), charsetOf('constructor')]).toEqual(['UTF-8', 'ISO-8859-1', 'US-ASCII', undefined]);
});

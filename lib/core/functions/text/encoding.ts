/** Strings as codes, bytes and texts of bytes: ASCII, CHR, ENCODE, DECODE, base64, HEX, UNHEX, BIN, URL_ENCODE, URL_DECODE. */
import { fromBase64, toBase64 } from '../../base64.ts';
import { SluiceError } from '../../errors.ts';
import { charsetOf } from '../../java/charset.ts';
import { urlDecoded, urlEncoded } from '../../java/url.ts';
import { BYTES } from '../../types.ts';
import { bytesOf, stringOf, type Present } from '../../value-access.ts';
import { strict, type ScalarFunction } from '../function.ts';
import { BINARIES, CHARACTERS, CHARACTER_STRINGS, INTEGERS, STRINGS, STRINGS_OR_BYTES, inForms, inSignatures } from '../operands.ts';
import { aString, anInt } from './result.ts';

const utf8 = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The first byte in UTF-8, with a sign, as Java's bytes have it. */
const ascii = (text: Present): number => new Int8Array(utf8.encode(stringOf(text).slice(0, 2)))[0] ?? 0;

/** The character of the lowest eight bits; none for a negative code. */
const chr = (code: Present): string => (Number(code) < 0 ? '' : String.fromCharCode(Number(unsigned(code) & 0xffn)));

const unsigned = (value: Present): bigint => BigInt.asUintN(64, typeof value === 'bigint' ? value : BigInt(Number(value)));

function hex(value: Present): string {
  if (typeof value !== 'string') return unsigned(value).toString(16).toUpperCase();
  return Array.from(utf8.encode(value), (byte) => byte.toString(16).padStart(2, '0')).join('').toUpperCase();
}

/** An odd number of digits has a zero in front; anything else than digits gives NULL. */
function unhex(text: Present): Uint8Array | null {
  const digits = stringOf(text);
  if (!/^[\da-fA-F]*$/.test(digits)) return null;
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  return Uint8Array.from({ length: even.length / 2 }, (_, i) => Number.parseInt(even.slice(2 * i, 2 * i + 2), 16));
}

/** Only what Java's decoder takes: no blanks, and padding is complete or absent. */
function decodeBase64(text: Present): string {
  const encoded = stringOf(text);
  const stray = /[^A-Za-z0-9+/=]/u.exec(encoded)?.[0];
  if (stray !== undefined) throw illegalBase64(`Illegal base64 character ${(utf8.encode(stray)[0] ?? 0).toString(16)}`);
  const bytes = /^[^=]*={0,2}$/.test(encoded) && (!encoded.endsWith('=') || encoded.length % 4 === 0) ? fromBase64(encoded) : null;
  if (bytes === null) throw illegalBase64(`Input byte array has wrong 4-byte ending unit: '${encoded}'`);
  return decoder.decode(bytes);
}

const illegalBase64 = (message: string): SluiceError => new SluiceError('EXPRESSION_FAILED', { message, hint: 'Filter such records out, or correct them.' });

export const ENCODINGS: readonly ScalarFunction[] = [
  { name: 'ASCII', resolve: inForms('ASCII', [[CHARACTERS]], anInt), compile: strict(ascii) },
  { name: 'CHR', resolve: inForms('CHR', [[INTEGERS]], aString), nullable: () => true, compile: strict(chr) },
  {
    name: 'ENCODE',
    resolve: inForms('ENCODE', [[STRINGS, STRINGS]], () => ({ kind: 'BINARY', length: 1 })),
    nullable: () => true,
    compile: strict((text, charset) => charsetOf(stringOf(charset)).encode(stringOf(text))),
  },
  {
    name: 'DECODE',
    resolve: inForms('DECODE', [[BINARIES, STRINGS]], aString),
    nullable: () => true,
    compile: strict((bytes, charset) => charsetOf(stringOf(charset)).decode(bytesOf(bytes))),
  },
  { name: 'TO_BASE64', resolve: inForms('TO_BASE64', [[STRINGS_OR_BYTES]], aString), compile: strict((text) => toBase64(typeof text === 'string' ? utf8.encode(text) : bytesOf(text))) },
  { name: 'FROM_BASE64', resolve: inForms('FROM_BASE64', [[STRINGS]], aString), compile: strict(decodeBase64) },
  { name: 'HEX', resolve: inForms('HEX', [[INTEGERS], [STRINGS]], aString), compile: strict(hex) },
  { name: 'BIN', resolve: inForms('BIN', [[INTEGERS]], aString), compile: strict((value) => unsigned(value).toString(2)) },
  { name: 'UNHEX', resolve: inSignatures('UNHEX', [[CHARACTER_STRINGS]], () => BYTES), takesNull: true, nullable: () => true, compile: strict(unhex) },
  { name: 'URL_ENCODE', resolve: inSignatures('URL_ENCODE', [[CHARACTER_STRINGS]], aString), takesNull: true, nullable: () => true, compile: strict((text) => urlEncoded(stringOf(text))) },
  { name: 'URL_DECODE', resolve: inSignatures('URL_DECODE', [[CHARACTER_STRINGS]], aString), takesNull: true, nullable: () => true, compile: strict((text) => urlDecoded(stringOf(text))) },
];

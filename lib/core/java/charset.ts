/** The character sets that every Java has (java.nio.charset.StandardCharsets), under the names that Java knows them by. */
import { SluiceError } from '../errors.ts';

interface Charset {
  readonly encode: (text: string) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => string;
}

const utf8: Charset = {
  encode: (text) => new TextEncoder().encode(text.replace(/\p{Surrogate}/gu, '?')),
  decode: (bytes) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
};

/** One byte a character; characters beyond the largest become `?`, and bytes beyond it U+FFFD. */
const singleByte = (largest: number): Charset => ({
  encode: (text) => Uint8Array.from([...text], (char) => ((char.codePointAt(0) ?? 0) > largest ? 0x3f : (char.codePointAt(0) ?? 0))),
  decode: (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte > largest ? 0xfffd : byte)).join(''),
});

const utf16 = (littleEndian: boolean): Charset => ({
  encode: (text) => {
    const bytes = new Uint8Array(text.length * 2);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), littleEndian);
    return bytes;
  },
  decode: (bytes) => new TextDecoder(littleEndian ? 'utf-16le' : 'utf-16be', { ignoreBOM: true }).decode(bytes),
});

const BIG_ENDIAN_MARK = '\ufeff';

/** With a byte order mark, which decides when it is read; big endian without one. */
const markedUtf16: Charset = {
  encode: (text) => utf16(false).encode(BIG_ENDIAN_MARK + text),
  decode: (bytes) => {
    const littleEndian = bytes[0] === 0xff && bytes[1] === 0xfe;
    const marked = littleEndian || (bytes[0] === 0xfe && bytes[1] === 0xff);
    return utf16(littleEndian).decode(marked ? bytes.subarray(2) : bytes);
  },
};

const CHARSETS: ReadonlyMap<string, Charset> = new Map([
  ...['UTF-8', 'UTF8', 'UNICODE-1-1-UTF-8'].map((name) => [name, utf8] as const),
  ...['US-ASCII', 'ASCII', 'ISO646-US', 'ANSI_X3.4-1968', 'CP367', 'US'].map((name) => [name, singleByte(0x7f)] as const),
  ...['ISO-8859-1', 'ISO8859-1', 'ISO8859_1', 'ISO_8859-1', 'LATIN1', 'L1', 'CP819', '8859_1'].map((name) => [name, singleByte(0xff)] as const),
  ...['UTF-16BE', 'UTF_16BE', 'X-UTF-16BE', 'UNICODEBIGUNMARKED'].map((name) => [name, utf16(false)] as const),
  ...['UTF-16LE', 'UTF_16LE', 'X-UTF-16LE', 'UNICODELITTLEUNMARKED'].map((name) => [name, utf16(true)] as const),
  ...['UTF-16', 'UTF_16', 'UTF16', 'UNICODE', 'UNICODEBIG'].map((name) => [name, markedUtf16] as const),
]);

/** Throws EXPRESSION_FAILED for a name that is not known, as Java does. */
export function charsetOf(name: string): Charset {
  const charset = CHARSETS.get(name.toUpperCase());
  if (charset !== undefined) return charset;
  throw new SluiceError('EXPRESSION_FAILED', { message: name, hint: 'The character sets are US-ASCII, ISO-8859-1, UTF-8, UTF-16BE, UTF-16LE and UTF-16.' });
}

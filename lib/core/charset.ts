/** Texts in the charsets that every Java has, by Java's names: what Flink's `raw` format reads and writes. */

export type Charset = 'UTF-8' | 'UTF-16' | 'UTF-16BE' | 'UTF-16LE' | 'ISO-8859-1' | 'US-ASCII';

const ALIASES: Readonly<Record<string, Charset>> = {
  'UTF-8': 'UTF-8',
  UTF8: 'UTF-8',
  'UTF-16': 'UTF-16',
  UTF16: 'UTF-16',
  'UTF-16BE': 'UTF-16BE',
  'UTF-16LE': 'UTF-16LE',
  'ISO-8859-1': 'ISO-8859-1',
  'ISO8859-1': 'ISO-8859-1',
  LATIN1: 'ISO-8859-1',
  'US-ASCII': 'US-ASCII',
  ASCII: 'US-ASCII',
};

export const CHARSETS: readonly Charset[] = [...new Set(Object.values(ALIASES))];

/** The charset of a name in letters of either case; undefined for what is none, or not here. */
export const charsetOf = (name: string): Charset | undefined => (Object.hasOwn(ALIASES, name.toUpperCase()) ? ALIASES[name.toUpperCase()] : undefined);

/** What is no text in the charset becomes U+FFFD, as in Java's String. */
export function textDecoder(charset: Charset): (bytes: Uint8Array) => string {
  switch (charset) {
    case 'UTF-8':
      return whatwg('utf-8');
    case 'UTF-16BE':
      return whatwg('utf-16be');
    case 'UTF-16LE':
      return whatwg('utf-16le');
    case 'UTF-16':
      return decodeUtf16;
    default:
      return byBytes(charset === 'US-ASCII' ? 0x80 : 0x100);
  }
}

/** What the charset does not have is written as `?`, as String.getBytes does. */
export function textEncoder(charset: Charset): (text: string) => Uint8Array {
  switch (charset) {
    case 'UTF-8': {
      const encoder = new TextEncoder();
      return (text) => encoder.encode(text);
    }
    case 'UTF-16':
      return (text) => utf16(`\uFEFF${text}`, false);
    case 'UTF-16BE':
    case 'UTF-16LE':
      return (text) => utf16(text, charset === 'UTF-16LE');
    default: {
      const end = charset === 'US-ASCII' ? 0x80 : 0x100;
      return (text) => Uint8Array.from(text, (char) => (char.length === 1 && char.charCodeAt(0) < end ? char.charCodeAt(0) : QUESTION_MARK));
    }
  }
}

const QUESTION_MARK = 63;

function whatwg(label: string): (bytes: Uint8Array) => string {
  const decoder = new TextDecoder(label, { ignoreBOM: true });
  return (bytes) => decoder.decode(bytes);
}

/** The byte order mark says which of the two it is; without one the high byte comes first. */
function decodeUtf16(bytes: Uint8Array): string {
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isLittle ? 'utf-16le' : 'utf-16be').decode(bytes);
}

const byBytes =
  (end: number) =>
  (bytes: Uint8Array): string => {
    let text = '';
    for (const byte of bytes) text += byte < end ? String.fromCharCode(byte) : '\uFFFD';
    return text;
  };

function utf16(text: string, isLittle: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * text.length));
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), isLittle);
  return new Uint8Array(view.buffer);
}

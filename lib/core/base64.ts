/** Base64 (RFC 4648, with padding) without a Buffer, which browsers do not have. */

const ALPHABET = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PAD = 61;
const INVALID = 0xff;
/** Six bits per character code. */
const VALUES = new Uint8Array(256).fill(INVALID);
ALPHABET.forEach((code, value) => (VALUES[code] = value));

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Through tables: `btoa` of a string made for it takes thirty times as long. */
export function toBase64(bytes: Uint8Array): string {
  const out = new Uint8Array(4 * Math.ceil(bytes.length / 3)).fill(PAD);
  for (let i = 0, at = 0; i < bytes.length; i += 3, at += 4) {
    const left = bytes.length - i;
    const bits = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out[at] = ALPHABET[bits >> 18] ?? PAD;
    out[at + 1] = ALPHABET[(bits >> 12) & 63] ?? PAD;
    if (left > 1) out[at + 2] = ALPHABET[(bits >> 6) & 63] ?? PAD;
    if (left > 2) out[at + 3] = ALPHABET[bits & 63] ?? PAD;
  }
  return decoder.decode(out);
}

/** The bytes of a base64 text, or null if it is not one. As `atob` it forgives white space and missing padding. */
export function fromBase64(text: string): Uint8Array | null {
  return fromCanonical(encoder.encode(text)) ?? fromForgiving(text);
}

/** Null for what needs a second look. */
function fromCanonical(codes: Uint8Array): Uint8Array | null {
  const padding = codes.at(-1) !== PAD ? 0 : codes.at(-2) !== PAD ? 1 : 2;
  const end = codes.length - padding;
  if (codes.length % 4 !== 0) return null;
  const out = new Uint8Array((codes.length / 4) * 3 - padding);
  let seen = 0;
  for (let i = 0, at = 0; i < end; i += 4, at += 3) {
    const a = valueAt(codes, i);
    const b = valueAt(codes, i + 1);
    const c = i + 2 < end ? valueAt(codes, i + 2) : 0;
    const d = i + 3 < end ? valueAt(codes, i + 3) : 0;
    seen |= a | b | c | d;
    // What lies behind the end of `out` is left out by it.
    out[at] = (a << 2) | (b >> 4);
    out[at + 1] = (b << 4) | (c >> 2);
    out[at + 2] = (c << 6) | d;
  }
  return seen > 63 ? null : out;
}

const valueAt = (codes: Uint8Array, i: number): number => VALUES[codes[i] ?? PAD] ?? INVALID;

function fromForgiving(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}

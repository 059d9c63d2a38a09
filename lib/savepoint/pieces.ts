/** The text of a data file, piece by piece: as a whole it may be larger than a string can be, and than the memory of a function. */

const encoder = new TextEncoder();

/** Characters, or bytes, of a piece; about. */
const PIECE = 64 * 1024;

/** UTF-8 of all texts in a row. */
export function* encodedPieces(texts: Iterable<string>): Generator<Uint8Array> {
  let text = '';
  for (const next of texts) {
    text += next;
    if (text.length < PIECE) continue;
    yield encoder.encode(text);
    text = '';
  }
  if (text !== '') yield encoder.encode(text);
}

const NEWLINE = 10;

/** Texts of whole lines; the last one is without its end if the file is. Null for bytes that are not UTF-8. */
export async function* wholeLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string | null> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    const end = size + piece.length < PIECE ? 0 : piece.lastIndexOf(NEWLINE) + 1;
    const rest = piece.subarray(end);
    if (end === 0) held.push(piece);
    else {
      const lines = joined([...held, piece.subarray(0, end)]);
      [held, size] = [[rest], 0];
      yield decodeText(lines);
    }
    size += rest.length;
  }
  if (size > 0) yield decodeText(joined(held));
}

/** The text of UTF-8; null for bytes that are none. At once: what a decoder makes of a stream takes twice the memory. */
export function decodeText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((n, piece) => n + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

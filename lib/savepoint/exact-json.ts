/** JSON whose integers keep all their digits, or are refused. */

/** As JSON.parse, but an integer beyond 2^53 comes as its decimal text, the form in which `encodeValue` stores it. */
export function parseExact(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
    const source = context?.source;
    // A runtime that does not pass the source on must not round in silence.
    if (source === undefined) throw new SyntaxError(`this JavaScript cannot read ${value} exactly`);
    return /^-?\d+$/.test(source) ? source : value;
  });
}

/** So many digits in a row may be an integer that a number of JavaScript does not hold. */
const LONG = /\d{16}/;

/** As JSON.parse, for values of programs, whose numbers are those of JavaScript: an integer that it would round is a SyntaxError. */
export const parseStored = (text: string): unknown => (LONG.test(text) ? JSON.parse(text, refuseRounded) : JSON.parse(text));

function refuseRounded(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  // What JSON.stringify writes for a large number has zeros in place of its last digits.
  const isKept = source === String(value) || (source !== undefined && (!/^-?\d+$/.test(source) || BigInt(source) === BigInt(value)));
  if (!isKept) throw new SyntaxError(`${source} is no number of JavaScript: it would be ${value}`);
  return value;
}

/** JSON whose integers keep all their digits. */

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

/** JSON texts as the functions of SQL take and give them (SqlJsonUtils): numbers exact, keys of results in order. */
import { exactDecimalText } from './decimal.ts';
import { NumberText, parseExact, quoteText } from './format/json-text.ts';
import type { Json } from './json-path.ts';

/** The first value of a text; what follows it is left alone, as Jackson does. Throws SyntaxError. */
export function parseJson(text: string): Json {
  try {
    return parseExact(text);
  } catch (error) {
    const first = firstValue(text);
    if (first === null || first.length === text.length) throw error;
    return parseExact(first);
  }
}

const TOKEN = /"(?:[^"\\]|\\[^])*"|[[\]{}]|[^"[\]{}]+/y;
const SCALAR = /^\s*(?:"(?:[^"\\]|\\[^])*"|(?:-?[\d.eE+-]+|true|false|null)(?=\s|$))/;

function firstValue(text: string): string | null {
  if (!/^\s*[[{]/.test(text)) return SCALAR.exec(text)?.[0] ?? null;
  let depth = 0;
  TOKEN.lastIndex = 0;
  for (let token = TOKEN.exec(text)?.[0]; token !== undefined; token = TOKEN.exec(text)?.[0]) {
    if (token === '{' || token === '[') depth++;
    else if ((token === '}' || token === ']') && --depth === 0) return text.slice(0, TOKEN.lastIndex);
  }
  return null;
}

export const isScalar = (json: Json): boolean => json === null || typeof json !== 'object' || json instanceof NumberText;

/** JSON without spaces, the keys of objects in the order of their characters. */
export function jsonText(json: Json): string {
  if (json instanceof NumberText) return numberText(json);
  if (typeof json === 'string') return quoteText(json);
  if (Array.isArray(json)) return `[${json.map(jsonText).join(',')}]`;
  if (typeof json !== 'object' || json === null) return String(json);
  const entries = Object.entries(json).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, value]) => `${quoteText(name)}:${jsonText(value)}`).join(',')}}`;
}

/** Integers of any length, fractions as Java's BigDecimal prints them: `1.50`, `1E+5`. */
export const numberText = ({ text }: NumberText): string => (/^-?\d+$/.test(text) ? String(BigInt(text)) : exactDecimalText(text));

/** What Java's `toString` gives for a scalar. */
export const scalarText = (json: Json): string => (json instanceof NumberText ? numberText(json) : String(json));

/** JSON text beyond what JSON.parse gives: numbers as written, records that only Jackson takes, compact text. */
import { strippedDecimalText } from '../decimal.ts';
import { doubleText } from '../float-text.ts';
import { entriesInOrder, keepOrder } from './json-order.ts';

/** A JSON number as it was written, for columns that a double would damage. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** As JSON.parse, but every number comes as a NumberText, and objects know the order of their keys. */
export function parseExact(text: string): unknown {
  const json: unknown = JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' ? new NumberText(context?.source ?? String(value)) : value,
  );
  return keepOrder(json, text);
}

/** At most 200 characters of a text, for messages. */
export const excerptOf = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);

const BOM = '\uFEFF';
/** Strings may hold control characters (Jackson's ALLOW_UNQUOTED_CONTROL_CHARS), so they are matched loosely. */
const TOKEN = /"(?:[^"\\]|\\[^])*"|[[\]{}]|[^"[\]{}]+/y;

/**
 * What Flink's decoder reads of a record that JSON.parse refuses: the first object or array, without a byte order mark,
 * without what follows it, and with control characters inside strings taken literally. The result may still be wrong JSON.
 */
export function firstValueText(record: string): string {
  const text = record.startsWith(BOM) ? record.slice(1) : record;
  let result = '';
  let depth = 0;
  TOKEN.lastIndex = 0;
  for (let token = TOKEN.exec(text)?.[0]; token !== undefined; token = TOKEN.exec(text)?.[0]) {
    result += token.startsWith('"') ? escapeControls(token) : token;
    if (token === '{' || token === '[') depth++;
    else if ((token === '}' || token === ']') && --depth === 0) return result;
  }
  // Nothing closes: the text as it stands names the error best.
  return text;
}

const escapeControls = (literal: string): string =>
  literal.replace(/\p{Cc}/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** A string as Jackson writes it: as JSON.stringify, but hexadecimal digits are upper case. */
export function quoteText(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.includes('\\u00') ? quoted.replace(/\\(?:u00[\da-f]{2}|.)/g, (escape) => (escape.length > 2 ? `\\u${escape.slice(2).toUpperCase()}` : escape)) : quoted;
}

/** JSON without spaces, as Jackson writes a tree that it has read; `exact`: its fractions are decimals. */
export function compactText(json: unknown, exact = false): string {
  if (json instanceof NumberText) return numberText(json.text, exact);
  if (Array.isArray(json)) return `[${json.map((item) => compactText(item, exact)).join(',')}]`;
  if (!isObject(json)) return typeof json === 'string' ? quoteText(json) : JSON.stringify(json);
  const fields = entriesInOrder(json).map(([name, value]) => `${quoteText(name)}:${compactText(value, exact)}`);
  return `{${fields.join(',')}}`;
}

/** Jackson keeps integers of any length, and reads everything else as a double, or as a decimal without trailing zeros. */
export function numberText(text: string, exact: boolean): string {
  if (/^-?\d+$/.test(text)) return text;
  return exact ? strippedDecimalText(text) : doubleText(Number(text));
}

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (json: unknown): json is JsonObject =>
  typeof json === 'object' && json !== null && !Array.isArray(json) && !(json instanceof NumberText);

/** CAST of strings to numbers and booleans, by the rules of Flink's BinaryStringDataUtil; dates and times are read in cast-time.ts. */
import { fitsPrecision, parseDecimal } from '../decimal.ts';
import { parseJavaDouble } from '../java/double-text.ts';
import type { SqlType, Value } from '../types.ts';
import { readCompactDecimal } from './cast-decimal.ts';
import type { Read } from './cast-time.ts';
import { isInteger } from './type-rules.ts';
import { wrapTo } from './wrap.ts';

/** Reads a text as a value, or says what is wrong with it. */
export type TextReader = (text: string) => Read<Value>;

/** The reader for a type, or null if strings cannot be cast to it. */
export function castText(to: SqlType): TextReader | null {
  if (isInteger(to)) return (text) => readInteger(to, withoutBlanks(text));
  switch (to.kind) {
    case 'BOOLEAN':
      return (text) => readBoolean(withoutBlanks(text));
    case 'FLOAT':
      return (text) => readDouble(withoutBlanks(text), Math.fround);
    case 'DOUBLE':
      return (text) => readDouble(withoutBlanks(text), (value) => value);
    case 'DECIMAL':
      return (text) => readDecimal(text, to.precision, to.scale);
    default:
      return null;
  }
}

/** Blanks alone, no other white space. */
const withoutBlanks = (text: string): string => text.replace(/^ +| +$/g, '');

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['t', 'true', 'y', 'yes', '1'].map((text) => [text, true] as const),
  ...['f', 'false', 'n', 'no', '0'].map((text) => [text, false] as const),
]);

function readBoolean(text: string): Read<Value> {
  const value = BOOLEANS.get(text.toLowerCase());
  return value === undefined ? { wrong: `Cannot parse '${text}' as BOOLEAN.` } : { value };
}

/** A fraction is cut off, an exponent refused, a number out of range too. */
function readInteger(to: SqlType, text: string): Read<Value> {
  const wrong = (reason: string): Read<Value> => ({ wrong: `For input string: '${text}'. ${reason}` });
  if (text === '') return wrong('Input is empty.');
  if (text === '-' || text === '+') return wrong('Input has only positive or negative symbol.');
  const [, sign = '', whole = '', rest = ''] = /^([+-]?)(\d*)([^]*)$/.exec(text) ?? [];
  const value = BigInt(whole === '' ? '0' : sign === '-' ? `-${whole}` : whole);
  const wrapped = wrapTo(to, value);
  if (BigInt(String(wrapped)) !== value) return wrong('Overflow.');
  return /^(?:\.\d*)?$/.test(rest) ? { value: wrapped } : wrong('Invalid character found.');
}

function readDouble(text: string, rounded: (value: number) => number): Read<Value> {
  const value = parseJavaDouble(text);
  if (value !== null) return { value: rounded(value) };
  return { wrong: text === '' ? 'empty String' : `For input string: "${text}"` };
}

/** Texts of more bytes than a long has digits, and precise types, are read as java.math.BigDecimal reads them. */
const COMPACT = 18;

function readDecimal(text: string, precision: number, scale: number): Read<Value> {
  if (precision <= COMPACT && new TextEncoder().encode(text).length <= COMPACT) return readCompactDecimal(text, precision, scale);
  const trimmed = text.replace(/^[ \n\t]+|[ \n\t]+$/g, '');
  const unscaled = parseDecimal(trimmed, scale);
  if (unscaled === null) return { wrong: notDecimal(trimmed) };
  return fitsPrecision(unscaled, precision) ? { value: unscaled } : { wrong: `For input string: '${text}'. Overflow.` };
}

function notDecimal(text: string): string {
  const stray = /[^\d.eE+-]/u.exec(text)?.[0];
  return stray === undefined ? 'Index 0 out of bounds for length 0' : `Character ${stray} is neither a decimal digit number, decimal point, nor "e" notation exponential mark.`;
}

/** CAST from a string, by the rules of Flink's BinaryStringDataUtil; dates and times are read in cast-time.ts. */
import { fitsPrecision, parseDecimal, parseTruncated } from '../decimal.ts';
import type { SqlType, Value } from '../types.ts';
import { isInteger } from './type-rules.ts';
import { wrapTo } from './wrap.ts';

/** Reads a text as a value; undefined says that it does not fit. */
export type TextReader = (text: string) => Value | undefined;

/** The reader for a type, or null if strings cannot be cast to it. */
export function castText(to: SqlType): TextReader | null {
  if (isInteger(to)) return (text) => readInteger(to, text.trim());
  switch (to.kind) {
    case 'BOOLEAN':
      return (text) => BOOLEANS.get(text.trim().toLowerCase());
    case 'FLOAT':
      return (text) => rounded(readDouble(text.trim()));
    case 'DOUBLE':
      return (text) => readDouble(text.trim());
    case 'DECIMAL':
      return (text) => readDecimal(text.trim(), to.precision, to.scale);
    default:
      return null;
  }
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['t', 'true', 'y', 'yes', '1'].map((text) => [text, true] as const),
  ...['f', 'false', 'n', 'no', '0'].map((text) => [text, false] as const),
]);

/** A fraction is cut off, an exponent refused, a number out of range too. */
function readInteger(to: SqlType, text: string): Value | undefined {
  const value = /^[+-]?\d+(\.\d*)?$/.test(text) ? parseTruncated(text) : null;
  if (value === null) return undefined;
  const wrapped = wrapTo(to, value);
  return BigInt(String(wrapped)) === value ? wrapped : undefined;
}

const DOUBLE_TEXT = /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/;

function readDouble(text: string): number | undefined {
  if (!DOUBLE_TEXT.test(text)) return undefined;
  return text.endsWith('NaN') ? NaN : Number(text);
}

const rounded = (value: number | undefined): number | undefined => (value === undefined ? undefined : Math.fround(value));

function readDecimal(text: string, precision: number, scale: number): bigint | undefined {
  const unscaled = parseDecimal(text, scale);
  return unscaled !== null && fitsPrecision(unscaled, precision) ? unscaled : undefined;
}

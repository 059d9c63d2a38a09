/** JSON of Iceberg: snapshot ids are 64-bit integers, which are bigint here; all other integers fit a number. */
import { SluiceError } from '../../core/errors.ts';

const SNAPSHOT_IDS: ReadonlySet<string> = new Set(['snapshot-id', 'parent-snapshot-id', 'current-snapshot-id']);

/** Throws STORE_CORRUPT for what is no JSON; `where` names it. */
export function parseJson<T>(text: string, where: string): T {
  try {
    return JSON.parse(text, exactly);
  } catch (cause) {
    throw new SluiceError('STORE_CORRUPT', { message: `${where} is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, cause });
  }
}

function exactly(key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number') return value;
  const isId = SNAPSHOT_IDS.has(key);
  if (!isId && (Number.isSafeInteger(value) || !Number.isInteger(value))) return value;
  const source = context?.source;
  // A runtime that does not pass the source on must not round in silence.
  if (source === undefined) throw new SyntaxError(`this JavaScript cannot read ${value} exactly`);
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}

declare global {
  interface JSON {
    /** ES proposal that Node 24 has: a value that is written as this text. */
    rawJSON(text: string): unknown;
  }
}

/** Bigints are written as plain integers. */
export const jsonText = (value: unknown): string => JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? JSON.rawJSON(String(each)) : each));

/**
 * Items as DynamoDB stores them. Names are short, because they are paid for with every item: `pk`, `sk`, `ttl` as the protocol has them (§3),
 * and one letter for the rest.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { SluiceError } from '../../core/errors.ts';

export type Attributes = Record<string, AttributeValue>;

/** Hard limit of DynamoDB for an item, names included, in bytes. */
export const ITEM_BYTES_MAX = 400 * 1024;

/** Numbers have up to 21 bytes. */
const NUMBER_BYTES = 21;

export const text = (value: string): AttributeValue => ({ S: value });
export const number = (value: number): AttributeValue => ({ N: String(value) });
export const binary = (value: Uint8Array): AttributeValue => ({ B: value });

export const keyOf = (pk: string, sk: string): Attributes => ({ pk: text(pk), sk: text(sk) });

/** The item, which is small enough to be stored. Throws INVARIANT: what does not fit must have been put elsewhere. */
export function fitting(item: Attributes, what: string): Attributes {
  const bytes = Object.entries(item).reduce((sum, [name, value]) => sum + name.length + bytesIn(value), 0);
  if (bytes <= ITEM_BYTES_MAX) return item;
  throw new SluiceError('INVARIANT', {
    message: `${what}: the item has ${bytes} bytes, and DynamoDB stores ${ITEM_BYTES_MAX} at most`,
    hint: 'put less into one item: smaller batches, fewer keys per chunk, a shorter statement',
    details: { bytes },
  });
}

export const bytesIn = ({ S, B }: AttributeValue): number => (S === undefined ? (B?.length ?? NUMBER_BYTES) : Buffer.byteLength(S));

/** The attributes of a stored item; one of another type than it was written with is STORE_CORRUPT. */
export const textOf = (item: Attributes, name: string): string => item[name]?.S ?? corrupt(item, name);
export const bytesOf = (item: Attributes, name: string): Uint8Array => item[name]?.B ?? corrupt(item, name);

export function numberOf(item: Attributes, name: string): number {
  const value = Number(item[name]?.N ?? NaN);
  return Number.isSafeInteger(value) ? value : corrupt(item, name);
}

function corrupt(item: Attributes, name: string): never {
  const key = `item ${item['pk']?.S} ${item['sk']?.S}`;
  throw new SluiceError('STORE_CORRUPT', {
    message: `${key}: attribute ${name} holds ${JSON.stringify(item[name])}`,
    hint: 'use a table that nothing else writes to',
    details: { key },
  });
}

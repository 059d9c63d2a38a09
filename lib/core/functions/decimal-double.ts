/** Numbers as doubles. */
import { decimalText } from '../decimal.ts';
import { bigintOf, type Present } from '../value-access.ts';
import type { SqlType } from '../types.ts';

/** Decimals of up to this precision are longs inside Flink. */
const COMPACT_PRECISION = 18;

/** The double of a number. A compact DECIMAL is divided as doubles (DecimalDataUtils.doubleValue), a longer one rounded once. */
export function toDouble(from: SqlType, value: Present): number {
  if (from.kind !== 'DECIMAL') return Number(value);
  const unscaled = bigintOf(value);
  return from.precision <= COMPACT_PRECISION ? Number(unscaled) / 10 ** from.scale : Number(decimalText(unscaled, from.scale));
}

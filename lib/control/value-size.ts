/** How much memory values hold, about. */
import type { Value } from '../core/types.ts';

/** A value of its own, or a reference to one, takes about as much. */
const VALUE_BYTES = 16;

/** Bytes of a value, or of rows of them. */
export function sizeOf(value: Value): number {
  if (typeof value === 'string') return VALUE_BYTES + 2 * value.length;
  if (value instanceof Uint8Array) return VALUE_BYTES + value.length;
  return Array.isArray(value) ? value.reduce((sum: number, item: Value) => sum + sizeOf(item), VALUE_BYTES) : VALUE_BYTES;
}

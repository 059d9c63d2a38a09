/** CAST between collections of one kind, part by part (ArrayToArrayCastRule, MapToMapAndMultisetToMultisetCastRule, RowToRowCastRule). */
import { innerTypes, type NestedType, type SqlType, type Value } from '../types.ts';
import { itemsOf, type Present } from '../value-access.ts';

/** Conversion of present values from one type to another; null if there is none. */
type FindConverter = (from: SqlType, to: SqlType) => ((value: Present) => Value) | null;

/** The conversion between two nested types, or null. */
export function nestedConverter(from: NestedType, to: NestedType, find: FindConverter): ((value: Present) => Value) | null {
  if (from.kind !== to.kind) return null;
  const tuple = tupleConverter(innerTypes(from), innerTypes(to), find);
  if (tuple === null) return null;
  if (to.kind === 'ROW') return (value) => tuple(itemsOf(value));
  if (to.kind === 'ARRAY') return (value) => itemsOf(value).map((item) => tuple([item])[0] ?? null);
  return (value) => itemsOf(value).map((entry) => tuple(itemsOf(entry)));
}

/** Part by part; parts that the source has not are NULL. */
function tupleConverter(from: readonly SqlType[], to: readonly SqlType[], find: FindConverter): ((parts: readonly Value[]) => readonly Value[]) | null {
  const converters = to.map((type, i) => find(from[i] ?? { kind: 'NULL' }, type));
  if (converters.includes(null)) return null;
  return (parts) =>
    converters.map((convert, i) => {
      const part = parts[i] ?? null;
      return part === null || convert === null ? null : convert(part);
    });
}

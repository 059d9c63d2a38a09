/**
 * `ROWS OF(collection, outer, ordinality)`: what UNNEST gives, as an ARRAY of ROWs. The space in its name keeps SQL from calling it.
 * With `outer`, a collection that is empty or NULL gives one row of NULLs.
 */
import type { Expression } from '../plan.ts';
import { INT, isNested, type NestedType, type RowField, type SqlType, type Value } from '../types.ts';
import { entriesOf, itemsOf, numberOf, type Present } from '../value-access.ts';
import type { CallExpression, ScalarFunction, Signature } from './function.ts';

/** The columns of UNNEST; null for what is no collection. */
export function unnestedFields(type: SqlType, ordinality: boolean): readonly RowField[] | null {
  if (!isNested(type) || type.kind === 'ROW') return null;
  const place: RowField[] = ordinality ? [{ name: 'ORDINALITY', type: INT, nullable: false }] : [];
  if (type.kind === 'MAP') return [{ name: 'KEY', ...type.key }, { name: 'VALUE', ...type.value }, ...place];
  const { element } = type;
  const fields = element.type.kind === 'ROW' ? element.type.fields.map((field) => ({ ...field, nullable: field.nullable || element.nullable })) : [{ name: 'EXPR$0', ...element }];
  return [...fields, ...place];
}

export const ROWS_OF: ScalarFunction = {
  name: 'ROWS OF',
  resolve: (args): Signature | string => {
    const [collection] = args;
    const fields = collection === undefined ? null : unnestedFields(collection.type, isTrue(args[2]));
    const row: SqlType = { kind: 'ROW', fields: fields ?? [] };
    return fields === null ? 'it takes an ARRAY, MAP or MULTISET' : { args: args.map(({ type }) => type), type: { kind: 'ARRAY', element: { type: row, nullable: false } } };
  },
  compile: ([collection], { args, type }: CallExpression) => {
    const from = args[0]?.type ?? type;
    const none = isTrue(args[1]) ? [columnsOf(type).map(() => null)] : [];
    const ordinality = isTrue(args[2]);
    return (row) => {
      const value = collection?.(row) ?? null;
      const rows = value === null || !isNested(from) ? [] : rowsIn(from, value);
      if (rows.length === 0) return none;
      return ordinality ? rows.map((each, i) => [...each, i + 1]) : rows;
    };
  },
};

const isTrue = (e: Expression | undefined): boolean => e?.op === 'literal' && e.value === true;

const columnsOf = (type: SqlType): readonly RowField[] => (type.kind === 'ARRAY' && type.element.type.kind === 'ROW' ? type.element.type.fields : []);

function rowsIn(type: NestedType, value: Present): readonly (readonly Value[])[] {
  if (type.kind === 'MAP') return entriesOf(value);
  if (type.kind === 'ROW') return [];
  const element = type.element.type;
  const rowOf = (item: Value): readonly Value[] => (element.kind !== 'ROW' ? [item] : item === null ? element.fields.map(() => null) : itemsOf(item));
  if (type.kind === 'ARRAY') return itemsOf(value).map(rowOf);
  return entriesOf(value).flatMap(([item = null, count = null]) => Array.from({ length: count === null ? 0 : numberOf(count) }, () => rowOf(item)));
}

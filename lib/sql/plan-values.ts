/** Rows that stand in the statement: VALUES, and SELECT without FROM. */
import { castTo, columnAt, foldConstants, isNullable } from '../core/expression.ts';
import { commonType } from '../core/functions/type-rules.ts';
import type { Column } from '../core/types.ts';
import type { Values as ValuesQuery } from './ast.ts';
import { translate } from './plan-expression.ts';
import type { Pipeline } from './plan-scope.ts';
import { invalid, orInvalid } from './refusal.ts';

export function planValues({ rows, span }: ValuesQuery): Pipeline {
  const translated = rows.map((row) => row.map((e) => translate(e, { fields: [] })));
  const width = translated[0]?.length ?? 0;
  if (translated.some((row) => row.length !== width)) return invalid(span, 'Values passed to VALUES operator must have compatible types');
  const columns = Array.from({ length: width }, (_, i): Column => {
    const values = translated.flatMap((row) => row[i] ?? []);
    const type = commonType(values.map((value) => value.type));
    if (type === null) return invalid(span, 'Values passed to VALUES operator must have compatible types');
    return { name: `EXPR$${i}`, type, nullable: values.some((value) => isNullable(value, [])) };
  });
  const cast = translated.map((row) => row.map((value, i) => foldConstants(orInvalid(castTo(value, columns[i]?.type ?? value.type), span))));
  const fields = columns.map(({ name, type, nullable }, i) => ({ name, qualifier: null, expression: columnAt(i, type), nullable, timeAttribute: false }));
  return { base: { kind: 'values', rows: cast, columns }, where: null, window: null, fields };
}

/** What a SELECT without FROM reads: one row without columns. */
export const SINGLE_ROW: Pipeline = { base: { kind: 'values', rows: [[]], columns: [] }, where: null, window: null, fields: [] };

/** UNNEST: every row of a table once per element of a collection of it. */
import { callFunction, columnAt, literal } from '../core/expression.ts';
import { unnestedFields } from '../core/functions/rows-of.ts';
import { BOOLEAN, type Column } from '../core/types.ts';
import type { UnnestedTable } from './ast.ts';
import { translate } from './plan-expression.ts';
import type { Field, Pipeline } from './plan-scope.ts';
import { invalid, orInvalid, unsupported } from './refusal.ts';

/** The columns of the base are the fields of its input, then the elements. */
export function planUnnest(reference: UnnestedTable, input: Pipeline): Pipeline {
  const { collection, ordinality, outer, alias, columnAliases, span } = reference;
  if (input.window !== null) return unsupported(span, 'UNNEST behind a window table function', 'UNNEST first, in a subquery.');
  const translated = translate(collection, { fields: input.fields });
  const elements = unnestedFields(translated.type, ordinality);
  if (elements === null) return invalid(collection.span, "Cannot apply 'UNNEST' to what is no ARRAY, MAP or MULTISET");
  if (columnAliases.length > 0 && columnAliases.length !== elements.length) {
    const names = elements.map(({ name }) => `'${name}'`).join(', ');
    return invalid(span, `List of column aliases must have same degree as table; table has ${elements.length} columns (${names}), whereas alias list has ${columnAliases.length} columns`);
  }
  const rows = orInvalid(callFunction('ROWS OF', [translated, literal(BOOLEAN, outer), literal(BOOLEAN, ordinality)]), collection.span);
  const given = elements.map(({ name, type, nullable }, i): Column => ({ name: columnAliases[i]?.name ?? name, type, nullable: nullable || outer }));
  const own = given.map((column, i): Field => ({ ...fieldAt(column, input.fields.length + i), qualifier: alias?.name ?? null }));
  const moved = input.fields.map((field, i): Field => ({ ...field, expression: columnAt(i, field.expression.type) }));
  const columns = [...input.fields.map(({ name, expression, nullable }) => ({ name, type: expression.type, nullable })), ...given];
  return { base: { kind: 'unnest', input, rows, elements: given, columns }, where: null, window: null, fields: [...moved, ...own] };
}

const fieldAt = ({ name, type, nullable }: Column, index: number): Omit<Field, 'qualifier'> => ({ name, expression: columnAt(index, type), nullable, timeAttribute: false });

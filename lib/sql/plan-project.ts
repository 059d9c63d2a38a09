/** Select lists: the fields that a query gives to what reads it. */
import { isNullable, isProcessingTime } from '../core/expression.ts';
import type { QualifiedName, SelectExpression, SelectItem, Span, Wildcard } from './ast.ts';
import { quoted } from './catalog-table.ts';
import { translate, type Scope } from './plan-expression.ts';
import { columnsOfBase } from './plan-base.ts';
import { fieldOf, type Field, type Pipeline } from './plan-scope.ts';
import { didYouMean } from './diagnostic.ts';
import { requireExpressions, totalSize } from './plan-size.ts';
import { invalid } from './refusal.ts';

/** The pipeline with the fields of a select list. `scope` gives the meaning of its expressions. */
export function projected(pipeline: Pipeline, items: readonly SelectItem[], scope: Scope): Pipeline {
  const fields: Field[] = [];
  for (const item of items) {
    if (item.kind === 'wildcard') fields.push(...expanded(item, scope.fields));
    else fields.push(selected(item, fields.length, pipeline, scope));
  }
  requireExpressions(totalSize(fields.map(({ expression }) => expression)), spanOf(items));
  return { ...pipeline, fields: unambiguous(fields) };
}

const spanOf = (items: readonly SelectItem[]): Span => ({ start: items[0]?.span.start ?? 0, end: items.at(-1)?.span.end ?? 0 });

/** A name that comes again gets a number behind it, as in Calcite: id, id0, id1. */
function unambiguous(fields: readonly Field[]): Field[] {
  const taken = new Set<string>();
  const next = new Map<string, number>();
  return fields.map((field) => {
    let { name } = field;
    let n = next.get(name) ?? 0;
    while (taken.has(name)) name = `${field.name}${n++}`;
    next.set(field.name, n);
    taken.add(name);
    return name === field.name ? field : { ...field, name };
  });
}

/** What a wildcard means, as columns that say it without one; `*` where names alone do not. */
export function expandedText(item: Wildcard, fields: readonly Field[]): string {
  const columns = expanded(item, fields);
  const row = columns.some((column) => !fields.includes(column)) ? item.qualifier?.parts.map(({ name }) => name) : undefined;
  const texts = columns.map(({ qualifier, name }) => [...(row ?? (qualifier === null ? [] : [qualifier])), name].map(quoted).join('.'));
  return new Set(texts).size === texts.length ? texts.join(', ') : '*';
}

function expanded({ qualifier, span }: Wildcard, fields: readonly Field[]): readonly Field[] {
  if (qualifier === null) return fields;
  const name = qualifier.parts[qualifier.parts.length - 1]?.name;
  const found = fields.filter((field) => field.qualifier === name);
  return found.length > 0 ? found : fieldsOfRow(qualifier, span, fields);
}

/** `row.*` */
function fieldsOfRow(row: QualifiedName, span: Span, fields: readonly Field[]): readonly Field[] {
  const [first] = row.parts;
  const isColumn = fields.some(({ name, qualifier }) => name === first.name || (row.parts.length > 1 && qualifier === first.name));
  const type = isColumn ? fieldOf(fields, row).expression.type : null;
  if (type?.kind !== 'ROW') return invalid(span, `Unknown identifier '${first.name}'`, didYouMean(first.name, fields.flatMap(({ qualifier }) => qualifier ?? [])));
  return type.fields.map(({ name }) => fieldOf(fields, { ...row, parts: [...row.parts, { kind: 'identifier', name, span }] }));
}

function selected({ expression: e, alias }: SelectExpression, index: number, pipeline: Pipeline, scope: Scope): Field {
  const expression = translate(e, scope);
  const same = scope.fields.find((field) => e.kind === 'column' && field.expression === expression);
  return {
    name: itemName({ expression: e, alias }, index),
    qualifier: null,
    expression,
    nullable: same?.nullable ?? isNullable(expression, columnsOfBase(pipeline)),
    timeAttribute: same?.timeAttribute ?? (e.kind === 'call' && (isProcessingTime(expression) || (scope.isTimeAttribute?.(expression) ?? false))),
  };
}

/** The name of the `index`-th column of a select list, before it is told apart from others. */
export function itemName({ expression: e, alias }: Pick<SelectExpression, 'expression' | 'alias'>, index: number): string {
  if (alias !== null) return alias.name;
  return e.kind === 'column' ? (e.name.parts[e.name.parts.length - 1]?.name ?? '') : `EXPR$${index}`;
}

/** UNION ALL, and UNION, which gives each row once. The other set operations would need an updating result. */
import { callFunction, columnAt, literal, sameExpression } from '../core/expression.ts';
import type { Expression } from '../core/plan.ts';
import { commonType } from '../core/functions/type-rules.ts';
import { typeText, type Column } from '../core/types.ts';
import type { Query, SetOperation, Span } from './ast.ts';
import { planDistinct } from './plan-aggregate.ts';
import { isOfProcessingTime, requireTimely } from './plan-base.ts';
import type { Field, Pipeline, Window } from './plan-scope.ts';
import { requireAppending } from './plan-updates.ts';
import { invalid, unsupported } from './refusal.ts';

export function planSetOperation(operation: SetOperation, plan: (query: Query) => Pipeline): Pipeline {
  const { operator, all, operatorSpan } = operation;
  const sides = sidesOf(operation).map((query) => ({ query, pipeline: plan(query) }));
  const [first] = sides;
  const width = first?.pipeline.fields.length ?? 0;
  const other = sides.find(({ pipeline }) => pipeline.fields.length !== width);
  const name = `${operator}${all ? ' ALL' : ''}`;
  if (other !== undefined) return invalid(other.query.span, `Column count mismatch in ${name}`);
  for (const { query, pipeline } of sides) {
    requireAppending(pipeline, query.span, name);
    requireTimely(pipeline, query.span);
  }
  const inputs = sides.map(({ pipeline }) => pipeline);
  const columns = (first?.pipeline.fields ?? []).map((field, i) => unionColumn(field, i, inputs, operation, name));
  if (operator !== 'UNION') return unsupported(operatorSpan, `${name}: it would need an updating result`);
  const union: Pipeline = { base: { kind: 'union', inputs, columns }, where: null, window: unionWindow(columns, inputs), fields: columns.map((column, i) => unionField(column, i, inputs, operation)) };
  return all ? union : planDistinct(operation, union);
}

/** A chain of UNION ALL is one union. */
const sidesOf = ({ operator, all, left, right }: SetOperation): readonly Query[] => (operator === 'UNION' && all ? [...unitedIn(left), ...unitedIn(right)] : [left, right]);

function unitedIn(query: Query): readonly Query[] {
  return query.kind === 'set-operation' && query.operator === 'UNION' && query.all ? [...unitedIn(query.left), ...unitedIn(query.right)] : [query];
}

function unionColumn({ name }: Field, i: number, inputs: readonly Pipeline[], operation: SetOperation, title: string): Column {
  const fields = inputs.flatMap(({ fields: of }) => of[i] ?? []);
  const type = commonType(fields.map(({ expression }) => expression.type));
  if (type === null) return invalid(itemSpan(operation.left, i), `Type mismatch in column ${i + 1} of ${title}`);
  return { name, type, nullable: fields.some(({ nullable }) => nullable) };
}

/** Where a query says what its i-th column is; the query, where a star or a set operation hides it. */
function itemSpan(query: Query, i: number): Span {
  if (query.kind !== 'select') return query.span;
  const before = query.items.slice(0, i + 1);
  return before.every(({ kind }) => kind === 'select-expression') ? (before.at(-1)?.span ?? query.span) : query.span;
}

/** A time attribute of all sides is one of the union; one of some sides only is refused, as in Flink's RelTimeIndicatorConverter. */
function unionField({ name, type, nullable }: Column, i: number, inputs: readonly Pipeline[], { left }: SetOperation): Field {
  const [first, ...others] = inputs.flatMap(({ fields }) => fields[i] ?? []);
  const other = others.find((field) => first !== undefined && !alike(first, field));
  if (first !== undefined && other !== undefined) {
    return invalid(left.span, `Union fields with time attributes requires same types, but the types are ${fieldText(first)} and ${fieldText(other)}.`, 'CAST the time attribute to a plain timestamp.');
  }
  return { name, qualifier: null, expression: columnAt(i, type), nullable, timeAttribute: first?.timeAttribute ?? false };
}

const alike = (a: Field, b: Field): boolean =>
  a.timeAttribute === b.timeAttribute && (!a.timeAttribute || a.expression.type.kind === b.expression.type.kind);

const fieldText = ({ expression: { type }, timeAttribute }: Field): string => `${typeText(type)}${timeAttribute ? ' *ROWTIME*' : ''}`;

/** Windows of the same kind and size on all sides, in the same columns, are those of the union (FlinkRelMdWindowProperties). */
function unionWindow(columns: readonly Column[], inputs: readonly Pipeline[]): Window | null {
  const windows = inputs.flatMap(({ window }) => window ?? []);
  const [first, ...others] = windows;
  const isAlike = ({ spec, partition }: Window): boolean => partition === null && JSON.stringify(spec) === JSON.stringify(first?.spec);
  if (first === undefined || windows.length !== inputs.length || ![first, ...others].every(isAlike)) return null;
  if (inputs.some((input) => input.window !== null && isOfProcessingTime(input, input.window))) return null;
  const at = (bound: 'start' | 'end' | 'time'): Expression | null => {
    const index = columns.findIndex((_, i) => inputs.every(({ window, fields }) => window !== null && fields[i] !== undefined && sameExpression(fields[i].expression, window[bound])));
    const column = columns[index];
    return column === undefined ? null : columnAt(index, column.type);
  };
  const [start, end] = [at('start'), at('end')];
  const time = at('time') ?? (end === null ? null : lastMillisecond(first, end));
  return start === null || end === null || time === null ? null : { spec: first.spec, rowTime: time, start, end, time, attached: true, partition: null };
}

/** What window_time is where no column holds it; of instants only their zone would know. */
function lastMillisecond({ rowTime }: Window, end: Expression): Expression | null {
  const time = rowTime.type.kind === 'TIMESTAMP' ? callFunction('-', [end, literal({ kind: 'INTERVAL_DAY' }, 1)]) : '';
  return typeof time === 'string' ? null : time;
}

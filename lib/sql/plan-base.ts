/** The columns of bases: their names as meaning, and what may be NULL. */
import { isProcessingTime } from '../core/expression.ts';
import { INT, ROW_KIND, TIMESTAMP3, type Column, type SqlType } from '../core/types.ts';
import type { Span } from './ast.ts';
import { unsupported } from './refusal.ts';
import type { Aggregation, Base, Pipeline, Window } from './plan-scope.ts';
import { expressionText } from './plan-text.ts';

/** Nullability of the columns of a base. */
export function columnsOfBase({ base }: Pick<Pipeline, 'base'>): readonly { readonly nullable: boolean }[] {
  switch (base.kind) {
    case 'aggregation':
      return [...keyColumns(base), ...base.aggregates, ...(base.window === null ? [] : [PRESENT, PRESENT, { nullable: base.window.nullableTime }]), ...(base.changelog ? [ROW_KIND] : [])];
    case 'sorted':
    case 'limited':
      return base.input.fields;
    case 'expanded':
      return [...base.input.fields, ...base.nulled.map(() => ({ nullable: true })), GROUPING_SET];
    case 'window-table':
      return [...base.input.fields, PRESENT, PRESENT, PRESENT];
    default:
      return base.columns;
  }
}

const PRESENT = { nullable: false } as const;
const BOUNDS = ['window_start', 'window_end', 'window_time'] as const;

/** The key that holds the grouping set of a row. */
export const GROUPING_SET: Column = { name: '$e', type: INT, nullable: false };

/** The columns of the keys, with that of the grouping set where there are several. */
export function keyColumns({ keys, sets }: Pick<Aggregation, 'keys' | 'sets'>): readonly Column[] {
  const columns = keys.map(({ name, expression, nullable }) => ({ name, type: expression.type, nullable }));
  return sets.length > 1 ? [...columns, GROUPING_SET] : columns;
}

/** Names of the columns of a base that say what they mean, whatever aliases are in between: for texts of expressions. */
export function namesOf({ base }: Pick<Pipeline, 'base'>): readonly string[] {
  const known = names.get(base) ?? columnNames(base);
  names.set(base, known);
  return known;
}

const names = new WeakMap<Base, readonly string[]>();

function columnNames(base: Base): readonly string[] {
  switch (base.kind) {
    case 'aggregation':
      return [...keyColumns(base).map(({ name }) => name), ...base.aggregates.map(({ text }) => text), ...(base.window === null ? [] : BOUNDS), ...(base.changelog ? [ROW_KIND.name] : [])];
    case 'sorted':
    case 'limited':
      return fieldTexts(base.input);
    case 'expanded': {
      const texts = fieldTexts(base.input);
      return [...texts, ...base.nulled.map((index) => texts[index] ?? ''), GROUPING_SET.name];
    }
    case 'window-table':
      return [...fieldTexts(base.input), ...BOUNDS];
    case 'unnest': {
      const rows = expressionText(base.rows, namesOf(base.input));
      return [...fieldTexts(base.input), ...base.elements.map(({ name }) => `${name} of ${rows}`)];
    }
    case 'union': {
      const texts = base.inputs.map(fieldTexts);
      return base.columns.map((_, i) => [...new Set(texts.map((of) => of[i] ?? ''))].sort().join(' | '));
    }
    default:
      return base.columns.map((column) => column.name);
  }
}

function fieldTexts(input: Pipeline): string[] {
  const columns = namesOf(input);
  return input.fields.map(({ expression }) => expressionText(expression, columns));
}

/** Types of the three columns of a window: wall-clock bounds, and a time of the family of the row time. */
export function boundTypes({ rowTime }: Pick<Window, 'rowTime'>): readonly [SqlType, SqlType, SqlType] {
  const { type } = rowTime;
  return [TIMESTAMP3, TIMESTAMP3, type.kind === 'TIMESTAMP_LTZ' ? { kind: 'TIMESTAMP_LTZ', precision: 3 } : TIMESTAMP3];
}

export function boundColumns(window: Pick<Window, 'rowTime'>): readonly [Column, Column, Column] {
  const [start, end, time] = boundTypes(window);
  const column = (name: string, type: SqlType): Column => ({ name, type, nullable: false });
  return [column(BOUNDS[0], start), column(BOUNDS[1], end), column(BOUNDS[2], time)];
}

/** Where the rows of a base come from, as text: the tables, and the windows in between. Not the filters: state survives another WHERE. */
export function originOf({ base }: Pick<Pipeline, 'base'>, uidOf: (base: Extract<Base, { kind: 'aggregation' }>) => string): string {
  switch (base.kind) {
    case 'source':
      return base.table.path;
    case 'aggregation':
      return uidOf(base);
    case 'window-table':
      return JSON.stringify([...Object.values(base.spec), expressionText(base.rowTime, namesOf(base.input)), originOf(base.input, uidOf)]);
    case 'expanded':
      return JSON.stringify([base.kind, base.sets, originOf(base.input, uidOf)]);
    case 'sorted':
    case 'limited':
      return JSON.stringify([base.kind, originOf(base.input, uidOf)]);
    case 'union':
      return base.inputs.map((input) => originOf(input, uidOf)).sort().join(' + ');
    case 'unnest':
      return JSON.stringify(['unnest', expressionText(base.rows, namesOf(base.input)), originOf(base.input, uidOf)]);
    case 'values':
      return 'VALUES';
  }
}

/** Refuses windows of processing time that are over nothing but rows, in the words of Flink's StreamExecWindowTableFunction. */
export function requireTimely(pipeline: Pipeline, span: Span): void {
  if (pipeline.window === null || !isOfProcessingTime(pipeline, pipeline.window)) return;
  unsupported(span, 'Processing time Window TableFunction is not supported yet.', 'Group by window_start and window_end.');
}

/** Whether windows over these rows are of processing time: what comes out of them has no time that a watermark could reach. */
export const isOfProcessingTime = ({ base }: Pick<Pipeline, 'base'>, { rowTime }: Pick<Window, 'rowTime'>): boolean =>
  isProcessingTime(rowTime) || (base.kind === 'window-table' && isProcessingTime(base.rowTime));

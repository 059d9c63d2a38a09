/** Window table functions: TUMBLE, HOP, CUMULATE and SESSION add three columns to their table. */
import { callFunction, columnAt, literal } from '../core/expression.ts';
import { isInterval } from '../core/functions/type-rules.ts';
import type { Expression, WindowSpec } from '../core/plan.ts';
import { typeText, type SqlType } from '../core/types.ts';
import type * as ast from './ast.ts';
import { didYouMean } from './diagnostic.ts';
import { boundTypes, requireTimely } from './plan-base.ts';
import { translate } from './plan-expression.ts';
import type { Field, Pipeline, Window, WindowTable } from './plan-scope.ts';
import { requireAppending } from './plan-updates.ts';
import { windowSpec } from './plan-window-spec.ts';
import { invalid, orInvalid } from './refusal.ts';

interface Parameters {
  readonly names: readonly string[];
  /** How many of them there must be. */
  readonly least: number;
  /** As Flink writes it in messages. */
  readonly usage: string;
}

const parameters = (names: string, least: number, usage: string): Parameters => ({ names: names.split(' '), least, usage });

/** In the order of their positions. */
const PARAMETERS: Readonly<Record<ast.WindowFunction, Parameters>> = {
  TUMBLE: parameters('DATA TIMECOL SIZE OFFSET', 3, 'TUMBLE(TABLE table_name, DESCRIPTOR(timecol), datetime interval[, datetime interval])'),
  HOP: parameters('DATA TIMECOL SLIDE SIZE OFFSET', 4, 'HOP(TABLE table_name, DESCRIPTOR(timecol), datetime interval, datetime interval[, datetime interval])'),
  CUMULATE: parameters('DATA TIMECOL STEP SIZE OFFSET', 4, 'CUMULATE(TABLE table_name, DESCRIPTOR(timecol), datetime interval, datetime interval[, datetime interval])'),
  SESSION: parameters('DATA TIMECOL GAP', 3, 'SESSION(TABLE table_name [PARTITION BY(colname1 [, colname2]*)], DESCRIPTOR(timecol), datetime interval)'),
};

/** What is planned below a window: a table or a subquery. */
type PlanInput = (input: ast.TableArgument['input']) => Pipeline;

/** Plans a window table function over what `planInput` makes of its table. */
export function planWindowTable(reference: ast.WindowTable, planInput: PlanInput): Pipeline {
  const [data, timeColumn, ...intervals] = argumentsOf(reference);
  const table = tableArgument(data, reference);
  const input = planInput(table.input);
  const partition = table.partitionBy.map((name) => fieldNamed(name, input.fields).expression);
  if (partition.length > 0 && reference.function !== 'SESSION') return refusePartition(reference);
  const field = descriptorField(timeColumn, reference, input.fields);
  requireAppending(input, reference.span, 'A window');
  requireTimely(input, reference.span);
  const spec = windowSpec(reference.function, intervals.map((argument) => intervalOf(argument, reference)), reference.span);
  const rowTime = field.expression;
  const pipeline = spec.kind === 'tumble' ? tumbled(input, spec, rowTime, reference.span) : windowed({ kind: 'window-table', input, spec, rowTime, partition, span: reference.span }, field);
  return { ...pipeline, fields: withBounds(pipeline, reference.alias?.name ?? null) };
}

type Argument = ast.WindowArgument['value'] | undefined;

/** The arguments by position; names must keep that order, as in Flink. */
function argumentsOf({ function: name, arguments: given, span }: ast.WindowTable): Argument[] {
  const { names, least } = PARAMETERS[name];
  const isNamed = given.some((argument) => argument.name !== null);
  const unknown = given.find((argument) => argument.name !== null && !names.includes(argument.name.name.toUpperCase()));
  if (given.length < least || given.length > names.length || unknown !== undefined) {
    const hint = unknown?.name == null ? `The order is ${names.join(', ')}.` : didYouMean(unknown.name.name.toUpperCase(), names);
    return invalid(span, `Invalid number of arguments to function '${name}'. Was expecting ${least} arguments`, hint);
  }
  const misplaced = given.find((argument, i) => isNamed && argument.name?.name.toUpperCase() !== names[i]);
  if (misplaced !== undefined) return invalid(misplaced.span, `The arguments of ${name} are named and in the order ${names.join(', ')}, or without names`);
  return given.map((argument) => argument.value);
}

function tableArgument(data: Argument, { function: name, span }: ast.WindowTable): ast.TableArgument {
  if (data?.kind === 'table-argument') return data;
  if (data?.kind === 'column') translate(data, { fields: [] });
  return invalid(data?.span ?? span, `Illegal first argument to Window TVF: the first argument of ${name} is TABLE t`, PARAMETERS[name].usage);
}

function refusePartition({ function: name, span }: ast.WindowTable): never {
  const message = `Only tables with set semantics may be partitioned. Invalid PARTITION BY clause in the 0-th operand of table function '${name}'`;
  return invalid(span, message, 'PARTITION BY belongs to SESSION windows; group by the column instead.');
}

function fieldNamed({ name, span }: ast.Identifier, fields: readonly Field[]): Field {
  const found = fields.find((candidate) => candidate.name === name);
  return found ?? invalid(span, `Unknown identifier '${name}'`, didYouMean(name, fields.map((f) => f.name)));
}

function descriptorField(argument: Argument, { function: name, span }: ast.WindowTable, fields: readonly Field[]): Field {
  const [column] = argument?.kind === 'descriptor' ? argument.columns : [];
  if (column === undefined) return invalid(argument?.span ?? span, `Illegal second argument to Window TVF: Expecting TIMECOL`, PARAMETERS[name].usage);
  const field = fieldNamed(column, fields);
  if (field.timeAttribute) return field;
  const { type } = field.expression;
  if (type.kind !== 'TIMESTAMP' && type.kind !== 'TIMESTAMP_LTZ') {
    const message = `The window function ${PARAMETERS[name].usage} requires the timecol to be TIMESTAMP or TIMESTAMP_LTZ, but is ${calciteText(type)}.\nBesides, the timecol must be a time attribute type in streaming mode.`;
    return invalid(column.span, message, 'Declare WATERMARK FOR a time in CREATE TABLE.');
  }
  const message = `The window function requires the timecol is a time attribute type, but is ${typeText(type)}.`;
  return invalid(column.span, message, 'Declare WATERMARK FOR this column in CREATE TABLE; behind a window, window_time is the time attribute.');
}

/** Calcite's names for the types that it does not call as Flink does. */
function calciteText(type: SqlType): string {
  if (type.kind === 'INT') return 'INTEGER';
  return type.kind === 'VARCHAR' ? `VARCHAR(${type.length})` : typeText(type);
}

function intervalOf(argument: Argument, { function: name, span }: ast.WindowTable): ast.Expression {
  if (argument === undefined || argument.kind === 'table-argument' || argument.kind === 'descriptor') {
    return invalid(argument?.span ?? span, `Cannot apply '${name}' to arguments of other types than intervals`, PARAMETERS[name].usage);
  }
  const { type } = translate(argument, { fields: [] });
  if (isInterval(type)) return argument;
  return invalid(argument.span, `Cannot apply '${name}' to arguments of type ${typeText(type)}`, PARAMETERS[name].usage);
}

/** A row has one tumbling window, so that its bounds are expressions of the row time. */
function tumbled(input: Pipeline, spec: Extract<WindowSpec, { kind: 'tumble' }>, rowTime: Expression, span: ast.Span): Pipeline {
  const { sizeMs, offsetMs } = spec;
  const at = (shift: number): Expression => orInvalid(callFunction('TUMBLE AT', [rowTime, interval(sizeMs), interval(offsetMs), interval(shift)]), span);
  const time = orInvalid(callFunction('TUMBLE TIME', [rowTime, interval(sizeMs), interval(offsetMs)]), span);
  return { ...input, window: { spec, rowTime, start: at(0), end: at(sizeMs), time, attached: false, partition: null } };
}

const interval = (ms: number): Expression => literal({ kind: 'INTERVAL_DAY' }, ms);

/** Rows with several windows, or with one that other rows decide: they have columns of their own. */
function windowed(base: WindowTable, time: Field): Pipeline {
  const { fields } = base.input;
  const columns = fields.map((field, i) => ({ ...field, expression: columnAt(i, field.expression.type) }));
  const [start, end, windowTime] = boundTypes(base).map((type, i) => columnAt(fields.length + i, type));
  const rowTime = columns[fields.indexOf(time)]?.expression;
  if (start === undefined || end === undefined || windowTime === undefined || rowTime === undefined) return invalid(base.span, 'A window has three columns');
  const partition = base.spec.kind === 'session' ? base.partition.map((e) => columns.find((_, i) => fields[i]?.expression === e)?.expression ?? e) : null;
  const window: Window = { spec: base.spec, rowTime, start, end, time: windowTime, attached: true, partition };
  return { base, where: null, window, fields: columns };
}

/** Behind the window its row time is a plain timestamp; `window_time` takes its place. */
function withBounds({ fields, window }: Pipeline, alias: string | null): Field[] {
  if (window === null) return [...fields];
  const field = (name: string, expression: Expression): Field => ({ name, qualifier: alias, expression, nullable: false, timeAttribute: name === 'window_time' });
  const plain = fields.map((of) => ({ ...of, qualifier: alias ?? of.qualifier, timeAttribute: false }));
  return [...plain, field('window_start', window.start), field('window_end', window.end), field('window_time', window.time)];
}

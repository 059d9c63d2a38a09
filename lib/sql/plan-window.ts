/** Window table functions: `TUMBLE(TABLE t, DESCRIPTOR(ts), size [, offset])` adds three columns to its table. */
import { callFunction, foldConstants, literal, literalValue } from '../core/expression.ts';
import type { Expression } from '../core/plan.ts';
import { typeText } from '../core/types.ts';
import { numberOf } from '../core/value-access.ts';
import type * as ast from './ast.ts';
import { didYouMean } from './diagnostic.ts';
import { translate } from './plan-expression.ts';
import type { Field, Pipeline, Window } from './plan-scope.ts';
import { invalid, orInvalid, unsupported } from './refusal.ts';

/** Parameters of TUMBLE in the order of their positions. */
const PARAMETERS = ['DATA', 'TIMECOL', 'SIZE', 'OFFSET'] as const;

/** What is planned below a window: a table or a subquery. */
type PlanInput = (input: ast.TableArgument['input']) => Pipeline;

/** Plans a window table function over what `planInput` makes of its table. */
export function planWindowTable(reference: ast.WindowTable, planInput: PlanInput): Pipeline {
  if (reference.function !== 'TUMBLE') {
    return unsupported(reference.functionSpan, `The window function ${reference.function}`, 'Sluice runs TUMBLE; the others come later.');
  }
  const [data, timeColumn, size, offset] = argumentsOf(reference);
  const input = planTableArgument(data, reference, planInput);
  if (input.window !== null || input.base.kind === 'aggregation') {
    return unsupported(reference.span, 'A window over the result of a window', 'Write the first one into a table of its own.');
  }
  const rowTime = descriptorField(timeColumn, reference, input.fields);
  const window = tumble(rowTime.expression, sizeOf(size, reference), offset);
  return { ...input, window, fields: windowFields(input.fields, window, reference.alias?.name ?? null) };
}

type Argument = ast.WindowArgument['value'] | undefined;

/** The arguments by position; names must keep that order, as in Flink. */
function argumentsOf(reference: ast.WindowTable): Argument[] {
  const extra = reference.arguments[PARAMETERS.length];
  if (extra !== undefined) return invalid(extra.span, 'TUMBLE takes (TABLE t, DESCRIPTOR(column), size [, offset])');
  for (const [i, { name }] of reference.arguments.entries()) {
    if (name !== null && name.name.toUpperCase() !== PARAMETERS[i]) {
      invalid(name.span, `The argument ${name.name} is not at its place`, `The order is ${PARAMETERS.join(', ')}.`);
    }
  }
  return reference.arguments.map((argument) => argument.value);
}

function planTableArgument(data: Argument, reference: ast.WindowTable, planInput: PlanInput): Pipeline {
  if (data?.kind !== 'table-argument') return invalid(reference.span, 'The first argument of TUMBLE is TABLE t');
  const [key] = data.partitionBy;
  if (key !== undefined) return invalid(key.span, 'PARTITION BY belongs to SESSION windows; group by the column instead');
  return planInput(data.input);
}

function descriptorField(argument: Argument, reference: ast.WindowTable, fields: readonly Field[]): Field {
  if (argument?.kind !== 'descriptor') return invalid(reference.span, 'The second argument of TUMBLE is DESCRIPTOR(column)');
  const [column] = argument.columns;
  const name = column?.name ?? '';
  const field = fields.find((candidate) => candidate.name === name);
  if (field === undefined) {
    return invalid(argument.span, `Column '${name}' not found in any table`, didYouMean(name, fields.map((f) => f.name)));
  }
  if (field.timeAttribute) return field;
  const type = typeText(field.expression.type);
  const message = `The window function requires the timecol to be a time attribute, but '${name}' is a plain ${type}`;
  return invalid(argument.span, message, 'Declare WATERMARK FOR this column in CREATE TABLE.');
}

function sizeOf(argument: Argument, reference: ast.WindowTable): ast.Expression {
  if (argument !== undefined && isExpression(argument)) return argument;
  return invalid(reference.span, 'The third argument of TUMBLE is the size, an INTERVAL');
}

const isExpression = (argument: NonNullable<Argument>): argument is ast.Expression =>
  argument.kind !== 'table-argument' && argument.kind !== 'descriptor';

function tumble(rowTime: Expression, size: ast.Expression, offset: Argument): Window {
  const sizeMs = milliseconds(size);
  if (sizeMs <= 0) return invalid(size.span, 'The size of a window must be positive');
  const offsetMs = offset === undefined || !isExpression(offset) ? 0 : milliseconds(offset);
  if (offset !== undefined && Math.abs(offsetMs) >= sizeMs) {
    return invalid(offset.span, 'The offset of a window must be smaller than its size');
  }
  const start = (shift: number): Expression =>
    orInvalid(callFunction('TUMBLE AT', [rowTime, interval(sizeMs), interval(offsetMs), interval(shift)]), size.span);
  const spec = { kind: 'tumble', sizeMs, offsetMs } as const;
  const time = orInvalid(callFunction('TUMBLE TIME', [rowTime, interval(sizeMs), interval(offsetMs)]), size.span);
  return { spec, rowTime, start: start(0), end: start(sizeMs), time };
}

const interval = (ms: number): Expression => literal({ kind: 'INTERVAL_DAY' }, ms);

/** A constant interval of days to seconds. */
function milliseconds(e: ast.Expression): number {
  const value = foldConstants(translate(e, { fields: [] }));
  if (value.op !== 'literal' || value.type.kind !== 'INTERVAL_DAY') {
    return invalid(e.span, 'The size and offset of a window are constant intervals', "For example INTERVAL '1' MINUTE.");
  }
  return numberOf(literalValue(value));
}

/** Behind the window its row time is a plain timestamp; `window_time` takes its place. */
function windowFields(fields: readonly Field[], window: Window, alias: string | null): Field[] {
  const added: readonly (readonly [string, Expression])[] = [
    ['window_start', window.start],
    ['window_end', window.end],
    ['window_time', window.time],
  ];
  const plain = fields.map((field) => ({ ...field, qualifier: alias ?? field.qualifier, timeAttribute: false }));
  return [...plain, ...added.map(([name, expression]) => ({ name, qualifier: alias, expression, nullable: false, timeAttribute: false }))];
}

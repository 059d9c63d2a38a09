/**
 * Legacy group windows: `GROUP BY TUMBLE(ts, size) | HOP(ts, slide, size) | SESSION(ts, gap)` with their auxiliary functions TUMBLE_START, … The
 * checks are those of Flink's StreamLogicalWindowAggregateRule and of Calcite's SqlGroupedWindowFunction, in their words.
 */
import { foldConstants, isProcessingTime, literalValue, sameExpression } from '../core/expression.ts';
import { calciteTypeText } from '../core/functions/calcite-text.ts';
import type { Expression, WindowSpec } from '../core/plan.ts';
import type { SqlType } from '../core/types.ts';
import { numberOf } from '../core/value-access.ts';
import type * as ast from './ast.ts';
import { translate, type Scope } from './plan-expression.ts';
import { fieldOf, type Field } from './plan-scope.ts';
import { invalid } from './refusal.ts';

type GroupFunction = 'TUMBLE' | 'HOP' | 'SESSION';

/** What an auxiliary function gives of its window. */
export type WindowProperty = 'START' | 'END' | 'ROWTIME' | 'PROCTIME';

const FUNCTIONS = ['TUMBLE', 'HOP', 'SESSION'] as const;
const PROPERTIES = ['START', 'END', 'ROWTIME', 'PROCTIME'] as const;

const AUXILIARY: ReadonlyMap<string, { readonly of: GroupFunction; readonly property: WindowProperty }> = new Map(
  FUNCTIONS.flatMap((of) => PROPERTIES.map((property) => [`${of}_${property}`, { of, property }] as const)),
);

export const isGroupFunction = (name: string): name is GroupFunction => FUNCTIONS.some((known) => known === name);

/** The group function and the property that an auxiliary function stands for; undefined for all others. */
export const auxiliaryOf = (name: string): { readonly of: GroupFunction; readonly property: WindowProperty } | undefined => AUXILIARY.get(name);

/** A call of a group function or of one of its auxiliary functions, its arguments translated. */
export interface GroupCall {
  readonly of: GroupFunction;
  readonly args: readonly Expression[];
  readonly call: ast.Call;
}

/** Throws what Calcite throws where the arguments are not a time and intervals. */
export function groupCall(call: ast.Call, of: GroupFunction, scope: Scope): GroupCall {
  const args = call.arguments.map((argument) => foldConstants(translate(argument, scope)));
  const wanted = of === 'HOP' ? 3 : 2;
  const [time, ...rest] = args;
  const intervals = rest.slice(0, wanted - 1);
  const alignment = rest.slice(wanted - 1);
  const isFitting =
    isDatetime(time?.type) && intervals.length === wanted - 1 && intervals.every(({ type }) => isInterval(type)) && alignment.length < 2 && alignment.every(({ type }) => type.kind === 'TIME');
  if (isFitting) return { of, args, call };
  if (args.length < wanted || args.length > wanted + 1) return invalid(call.span, `Invalid number of arguments to function '$${of}'. Was expecting ${wanted} arguments`);
  const types = args.map(({ type }, i) => `<${operandText(type, call.arguments[i])}>`).join(', ');
  const form = `$${of}(<DATETIME>${', <DATETIME_INTERVAL>'.repeat(wanted - 1)}`;
  return invalid(call.span, `Cannot apply '$${of}' to arguments of type '$${of}(${types})'. Supported form(s): '${form})'\n'${form}, <TIME>)'`);
}

/** A type as Calcite writes it; intervals are of the units that they are written in. */
function operandText(type: SqlType, e: ast.Expression | undefined): string {
  if (e?.kind === 'interval') return `INTERVAL ${e.from}${e.to === null ? '' : ` TO ${e.to}`}`;
  return calciteTypeText(type);
}

const isDatetime = (type: SqlType | undefined): boolean => type !== undefined && ['TIMESTAMP', 'TIMESTAMP_LTZ', 'DATE', 'TIME'].includes(type.kind);
const isInterval = (type: SqlType): boolean => type.kind === 'INTERVAL_DAY' || type.kind === 'INTERVAL_YEAR';

export const sameGroup = (a: GroupCall, b: GroupCall): boolean =>
  a.of === b.of && a.args.length === b.args.length && a.args.every((argument, i) => sameExpression(argument, b.args[i] ?? argument));

/** The windows of a group call, over a field that is a time attribute. */
export function groupWindow({ of, args, call }: GroupCall, fields: readonly Field[]): { readonly spec: WindowSpec; readonly rowTime: TimeAttribute } {
  const [time, ...intervals] = args;
  if (args.length > (of === 'HOP' ? 3 : 2)) return invalid(call.span, `${of} window with alignment is not supported yet.`);
  const [argument] = call.arguments;
  const rowTime = timeAttributeOf(argument, time, fields);
  if (rowTime === null) {
    const type = time === undefined ? '' : calciteTypeText(time.type).replace('TIMESTAMP_LTZ', 'TIMESTAMP_WITH_LOCAL_TIME_ZONE');
    const message = `Window aggregate can only be defined over a time attribute column, but ${type} encountered.`;
    return invalid(argument?.span ?? call.span, message, 'Declare WATERMARK FOR the column in CREATE TABLE; of a window it is its ROWTIME that goes on.');
  }
  return { spec: specOf(of, intervals.map((interval, i) => milliseconds(interval, call.arguments[i + 1]?.span ?? call.span)), call.span), rowTime };
}

/** What windows are made of: a row time, or PROCTIME(). */
type TimeAttribute = Pick<Field, 'expression' | 'nullable'>;

/** Of the first argument, which is a column or PROCTIME() itself; null for a column that is none. */
function timeAttributeOf(argument: ast.Expression | undefined, time: Expression | undefined, fields: readonly Field[]): TimeAttribute | null {
  if (argument?.kind === 'call' && time !== undefined && isProcessingTime(time)) return { expression: time, nullable: false };
  if (argument?.kind !== 'column') return null;
  const field = fieldOf(fields, argument.name);
  return field.timeAttribute ? field : null;
}

function milliseconds(interval: Expression, span: ast.Span): number {
  if (interval.op !== 'literal') return invalid(span, 'Only constant window descriptors are supported.');
  if (interval.type.kind === 'INTERVAL_DAY') return numberOf(literalValue(interval));
  const message = 'Window aggregate only support SECOND, MINUTE, HOUR, DAY as the time unit. MONTH and YEAR time unit are not supported yet.';
  return invalid(span, message);
}

/** HOP takes any slide and size: windows overlap, or leave gaps between them. */
function specOf(of: GroupFunction, [first = 0, second = 0]: readonly number[], span: ast.Span): WindowSpec {
  switch (of) {
    case 'TUMBLE':
      return first > 0 ? { kind: 'tumble', sizeMs: first, offsetMs: 0 } : invalid(span, 'TumblingWindowAssigner parameters must satisfy size > 0');
    case 'HOP':
      if (first <= 0 || second <= 0) return invalid(span, 'SlidingWindowAssigner parameters must satisfy slide > 0 and size > 0');
      return { kind: 'hop', sizeMs: second, slideMs: first, offsetMs: 0, oldestFirst: true };
    case 'SESSION':
      return first > 0 ? { kind: 'session', gapMs: first } : invalid(span, 'SessionWindowAssigner parameters must satisfy 0 < size');
  }
}

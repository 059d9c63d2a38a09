/** Expressions of the syntax tree as typed expressions over the columns of a pipeline's base. */
import { AGGREGATES } from '../core/aggregates/registry.ts';
import { callFunction, castTo, isProcessingTime, literal } from '../core/expression.ts';
import { familyName } from '../core/functions/operands.ts';
import { SCALAR_FUNCTIONS } from '../core/functions/registry.ts';
import { commonType, isInteger } from '../core/functions/type-rules.ts';
import type { Expression } from '../core/plan.ts';
import { BOOLEAN, STRING, typeText, type SqlType } from '../core/types.ts';
import type * as ast from './ast.ts';
import { didYouMean } from './diagnostic.ts';
import { datetimeLiteral } from './plan-datetime.ts';
import { intervalCount, intervalLiteral } from './plan-interval.ts';
import { bytesLiteral, numberLiteral } from './plan-literal.ts';
import { PERIOD_OPERATORS, translatePeriods } from './plan-period.ts';
import { requireExpressions, sizeOf } from './plan-size.ts';
import { typeOf } from './plan-typeof.ts';
import { fieldOf, type Field } from './plan-scope.ts';
import { invalid, orInvalid, unsupported } from './refusal.ts';

/** Where names are looked up, and what comes before everything else. */
export interface Scope {
  readonly fields: readonly Field[];
  /** The meaning of an expression as a whole, such as an aggregate or a grouping expression; null if it has none. */
  readonly intercept?: (e: ast.Expression) => Expression | null;
  /** Whether what an expression has become is a time attribute, besides the fields that say so. */
  readonly isTimeAttribute?: (e: Expression) => boolean;
}

const NULL_TYPE: SqlType = { kind: 'NULL' };

/** Translates an expression; a NULL without a type is refused, as in Flink. */
export function translate(e: ast.Expression, scope: Scope): Expression {
  const translated = translateAny(e, scope);
  if (translated.type.kind === 'NULL') return invalid(e.span, "Illegal use of 'NULL'", 'Write CAST(NULL AS type).');
  return translated;
}

/** Translates a condition. */
export function translateCondition(e: ast.Expression, scope: Scope, clause: string): Expression {
  const condition = translate(e, scope);
  return condition.type.kind === 'BOOLEAN' ? condition : invalid(e.span, `${clause} clause must be a condition`);
}

function translateAny(e: ast.Expression, scope: Scope): Expression {
  const translated = translateKind(e, scope);
  requireExpressions(sizeOf(translated), e.span);
  return translated;
}

function translateKind(e: ast.Expression, scope: Scope): Expression {
  const meant = scope.intercept?.(e);
  if (meant !== null && meant !== undefined) return meant;
  switch (e.kind) {
    case 'number':
      return numberLiteral(e);
    case 'string':
      return literal({ kind: 'CHAR', length: e.value.length }, e.value);
    case 'bytes':
      return bytesLiteral(e);
    case 'boolean':
      return literal(BOOLEAN, e.value);
    case 'null':
      return literal(NULL_TYPE, null);
    case 'datetime':
      return datetimeLiteral(e);
    case 'interval':
      return intervalLiteral(e);
    case 'column':
      return translateName(e, scope);
    case 'symbol':
      return literal(STRING, e.name);
    default:
      return translateOperator(e, scope);
  }
}

/** A column; PI is one if there is one of this name, and a function otherwise. */
function translateName(e: ast.ColumnReference, scope: Scope): Expression {
  const [first, second] = e.name.parts;
  const isPi = second === undefined && first.name.toUpperCase() === 'PI' && !scope.fields.some(({ name }) => name === first.name);
  return isPi ? call('PI', [], e.span) : fieldOf(scope.fields, e.name).expression;
}

type Literal = 'number' | 'string' | 'bytes' | 'boolean' | 'null' | 'datetime' | 'interval' | 'column' | 'symbol';

function translateOperator(e: Exclude<ast.Expression, { kind: Literal }>, scope: Scope): Expression {
  switch (e.kind) {
    case 'unary':
      return translateUnary(e, scope);
    case 'binary':
      return apply(e.operator, [e.left, e.right], e.span, scope);
    case 'is':
      return apply(`IS ${e.negated ? 'NOT ' : ''}${e.test}`, [e.operand], e.span, scope);
    case 'distinct-from':
      return apply(`IS ${e.negated ? 'NOT ' : ''}DISTINCT FROM`, [e.left, e.right], e.span, scope);
    case 'between':
      return translateBetween(e, scope);
    case 'in':
      return negatedIf(e.negated, translateIn(e, scope), e.span);
    case 'like':
      return negatedIf(e.negated, translateLike(e, scope), e.span);
    case 'case':
      return translateCase(e, scope);
    case 'cast':
      return translateCast(e, scope);
    case 'call':
      return translateCall(e, scope);
  }
}

/** An interval of one unit is a number as well. */
function translateCast({ operand, type, safe, span }: ast.Cast, scope: Scope): Expression {
  const count = operand.kind === 'interval' && isInteger(type.type) ? intervalCount(operand) : null;
  return orInvalid(castTo(count ?? translateAny(operand, scope), type.type, safe), span);
}

/** As Flink's CurrentWatermarkTypeStrategy. */
function requireRowTime({ arguments: [time], span }: ast.Call, { fields }: Scope): void {
  if (time === undefined) return;
  const { expression, timeAttribute } = time.kind === 'column' ? fieldOf(fields, time.name) : { expression: null, timeAttribute: false };
  if (timeAttribute && expression !== null && !isProcessingTime(expression)) return;
  const type = expression === null ? '' : `, but was '${typeText(expression.type)}'`;
  invalid(span, `The argument of CURRENT_WATERMARK() must be a rowtime attribute${type}.`, 'Declare WATERMARK FOR the column in CREATE TABLE.');
}

/** A call of a function on syntax; NULL literals are left to the functions that can give them a type. */
function apply(fn: string, args: readonly ast.Expression[], span: ast.Span, scope: Scope): Expression {
  const takesNull = SCALAR_FUNCTIONS.get(fn)?.takesNull ?? TAKES_NULL.has(fn);
  return call(fn, args.map((argument) => (takesNull ? translateAny(argument, scope) : translate(argument, scope))), span);
}

const TAKES_NULL: ReadonlySet<string> = new Set(
  'ARRAY[],MAP[],JSON_VALUE,CASE,COALESCE,IFNULL,NULLIF,IS NULL,IS NOT NULL,IS DISTINCT FROM,IS NOT DISTINCT FROM,=,<>,<,<=,>,>='.split(','),
);

function call(fn: string, args: readonly Expression[], span: ast.Span): Expression {
  const made = callFunction(fn, args);
  if (typeof made !== 'string') return made;
  const isSentence = /^[A-Z]|^implicit /.test(made);
  return invalid(span, isSentence ? made : `Cannot apply '${fn}': ${made}`);
}

const negatedIf = (negated: boolean, e: Expression, span: ast.Span): Expression => (negated ? call('NOT', [e], span) : e);

function translateUnary(e: ast.UnaryExpression, scope: Scope): Expression {
  if (e.operator === '+') return translate(e.operand, scope);
  return apply(e.operator === '-' ? 'UNARY MINUS' : 'NOT', [e.operand], e.span, scope);
}

function translateBetween(e: ast.Between, scope: Scope): Expression {
  const [value, low, high] = [e.operand, e.low, e.high].map((part) => translate(part, scope));
  if (value === undefined || low === undefined || high === undefined) return invalid(e.span, 'BETWEEN takes three values');
  const within = (from: Expression, to: Expression): Expression =>
    call('AND', [call('>=', [value, from], e.span), call('<=', [value, to], e.span)], e.span);
  const inside = e.symmetric ? call('OR', [within(low, high), within(high, low)], e.span) : within(low, high);
  return negatedIf(e.negated, inside, e.span);
}

function translateIn(e: ast.InList, scope: Scope): Expression {
  const operand = translate(e.operand, scope);
  const values = e.values.map((value) => translateAny(value, scope));
  if (commonType(values.map(({ type }) => type)) === null) return invalid(e.listSpan, 'Values in expression list must have compatible types');
  return call('OR', values.map((value) => call('=', [operand, value], e.span)), e.span);
}

const translateLike = ({ operator, operand, pattern, escape, span }: ast.Like, scope: Scope): Expression =>
  apply(operator, escape === null ? [operand, pattern] : [operand, pattern, escape], span, scope);

/** `CASE x WHEN y` is `CASE WHEN x = y`. */
function translateCase(e: ast.Case, scope: Scope): Expression {
  const operand = e.operand && translateAny(e.operand, scope);
  const args = e.branches.flatMap(({ when, then }) => [
    operand === null ? translateAny(when, scope) : call('=', [operand, translateAny(when, scope)], when.span),
    translateAny(then, scope),
  ]);
  const otherwise = e.otherwise === null ? literal(NULL_TYPE, null) : translateAny(e.otherwise, scope);
  return call('CASE', [...args, otherwise], e.span);
}

function translateCall(e: ast.Call, scope: Scope): Expression {
  if (PERIOD_OPERATORS.has(e.name)) return translatePeriods(e, (part) => translate(part, scope));
  if (e.name === 'CURRENT_WATERMARK') requireRowTime(e, scope);
  if (AGGREGATE_FUNCTIONS.has(e.name)) return invalid(e.span, `The aggregate function ${e.name} is not allowed here`);
  if (OVER_FUNCTIONS.has(e.name)) return invalid(e.span, 'OVER clause is necessary for window functions');
  if (e.withinGroup !== undefined) return invalid(e.withinGroup, `WITHIN GROUP not allowed with ${e.name} function`);
  if (e.nulls !== undefined) return invalid(e.span, `Cannot specify IGNORE NULLS or RESPECT NULLS following '${e.name}'`);
  if (e.name === 'TYPEOF') return orInvalid(typeOf(e.arguments.map((argument) => translateAny(argument, scope)), scope.fields), e.span);
  if (!SCALAR_FUNCTIONS.has(e.name)) return unknownFunction(e, scope);
  if (e.filter !== null) return invalid(e.span, 'FILTER must be applied to aggregate function');
  if (e.star || e.distinct) return invalid({ start: e.nameSpan.end + 1, end: e.span.end - 1 }, `DISTINCT/ALL not allowed with ${e.name} function`);
  if (e.name === 'JSON') return invalid(e.span, 'The JSON() function is currently only supported inside JSON_OBJECT() and JSON_ARRAY() functions', 'JSON_QUERY(value, \'$\') gives JSON as a string.');
  if (e.name === 'JSON_OBJECT' || e.name === 'JSON_ARRAY') return call(e.name, e.arguments.map((argument) => jsonMember(argument, scope)), e.span);
  // FLOOR(time TO unit) is another function than FLOOR(number).
  return apply(e.arguments[1]?.kind === 'symbol' ? `${e.name} TO` : e.name, e.arguments, e.span, scope);
}

/** A key or value of a JSON_OBJECT or JSON_ARRAY, where JSON() may stand. */
const jsonMember = (e: ast.Expression, scope: Scope): Expression =>
  e.kind === 'call' && e.name === 'JSON' ? apply(e.name, e.arguments, e.span, scope) : translate(e, scope);

/** Those that are made of others (`plan-variance.ts`), and those that Flink knows and that are refused. */
const REDUCED = ['STDDEV', 'STDDEV_POP', 'STDDEV_SAMP', 'VARIANCE', 'VAR_POP', 'VAR_SAMP'];
const REFUSED = ['APPROX_COUNT_DISTINCT', 'SINGLE_VALUE'];

/** The names of aggregate functions. */
export const AGGREGATE_FUNCTIONS: ReadonlySet<string> = new Set([...AGGREGATES.keys(), ...REDUCED, ...REFUSED]);

/** Functions with a name of their own, which operators are not; sorted. */
export const FUNCTION_NAMES: readonly string[] = [...SCALAR_FUNCTIONS.keys(), ...AGGREGATE_FUNCTIONS].filter((name) => /^[A-Z][A-Z_0-9]*$/.test(name)).sort();

const OVER_FUNCTIONS: ReadonlySet<string> = new Set(['ROW_NUMBER', 'RANK', 'DENSE_RANK', 'PERCENT_RANK', 'CUME_DIST', 'NTILE', 'LAG', 'LEAD']);

/** What they say of a row is in no column: they mean something only behind an aggregation. */
export const GROUPING_FUNCTIONS: ReadonlySet<string> = new Set(['GROUPING', 'GROUPING_ID', 'GROUP_ID']);

const RANDOM: ReadonlySet<string> = new Set(['RAND', 'RAND_INTEGER', 'UUID']);

/** What Flink says of a function that belongs to GROUP BY or behind it; null for all others. */
function misplacedOf(name: string): string | null {
  if (GROUPING_FUNCTIONS.has(name)) return `${name} operator may only occur in an aggregate query`;
  if (/^(TUMBLE|HOP|SESSION)$/.test(name)) return `Group function '$${name}' can only appear in GROUP BY clause`;
  const [, group] = /^(TUMBLE|HOP|SESSION)_(?:START|END|ROWTIME|PROCTIME)$/.exec(name) ?? [];
  return group === undefined ? null : `Unsupported call: ${name} without ${group} in GROUP BY`;
}

/** The message names the families of the arguments, as Calcite's does. */
function unknownFunction(e: ast.Call, scope: Scope): never {
  const misplaced = misplacedOf(e.name);
  if (misplaced !== null) return invalid(e.span, misplaced);
  if (RANDOM.has(e.name)) return unsupported(e.span, `${e.name}: it gives another value with each call, and what a query gives depends on its records alone`, 'Make such values where the records are made.');
  const hint = didYouMean(e.name, FUNCTION_NAMES) ?? 'It may exist in Flink, but not (yet) in Sluice.';
  const families = e.arguments.map((argument) => `<${familyName(translateAny(argument, scope).type)}>`);
  return unsupported(e.span, `No match found for function signature ${e.name}(${families.join(', ')})`, hint);
}

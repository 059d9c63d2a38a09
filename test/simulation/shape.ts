/** What a simulated job computes: the plan that the engine gets and the oracle's reference are both made from this. */
import { uid, type Uid } from '../../lib/core/numbers.ts';
import type { CalcNode, Expression, Plan, PlanNode, SinkNode, SourceNode, UnionNode, WindowAggregateNode, WindowSpec } from '../../lib/core/plan.ts';
import { callFunction, castTo, columnAt } from '../../lib/core/expression.ts';
import { FAILED_RECORD_COLUMNS } from '../../lib/core/failed-record.ts';
import { BIGINT, BOOLEAN, INT, STRING, TIMESTAMP3, type Column } from '../../lib/core/types.ts';
import { isTooMuch, type FunctionName } from './functions.ts';
import { CHANGES } from './oracle/reference-groups.ts';
import { column, filterUid, INPUT, inputUid, operatorUid, reference, SELECTED, sideUid, sinkUid, sourceUid } from './plan-parts.ts';
import { findingsNode, functionNodes } from './program.ts';

export interface SourceShape {
  readonly topics: readonly string[];
  readonly idleTimeoutMs: number;
  /** E8: the watermark moves with every record. */
  readonly isOnEvent: boolean;
}

interface OperatorBase {
  /** Indexes of the sources that it reads, as one stream. */
  readonly sources: readonly number[];
  /** Index of an operator before it whose results it takes in the place of records: its sums, at the last millisecond of their windows. */
  readonly after?: number;
}

/** Counts and sums records per key and window. */
export interface WindowShape extends OperatorBase {
  readonly kind: 'window';
  readonly window: WindowSpec;
  readonly latenessMs: number;
  /** ORDER BY time: of windows of a millisecond. */
  readonly inOrder?: true;
  /** Of what has no window; it counts the rows of all keys. */
  readonly limit?: NonNullable<WindowAggregateNode['limit']>;
}

/** Runs a function of the program; one with several inputs gets each source as one of them. Its side output has a sink of its own. */
export interface FunctionShape extends OperatorBase {
  readonly kind: 'function';
  readonly name: FunctionName;
  /** It runs in the writer (13.3): keys belong to partitions then. */
  readonly within?: true;
}

export type OperatorShape = WindowShape | FunctionShape;

/** Every operator writes to a sink of its own. */
export interface Shape {
  readonly sources: readonly SourceShape[];
  readonly operators: readonly OperatorShape[];
  /** W10: records that fail go to a table of their own. */
  readonly hasDeadLetters?: boolean;
  /** W10: what fails is left out, and counted. */
  readonly skipsFailures?: boolean;
}

/** A whole second and a millisecond: records of whole seconds bring watermarks that meet the ends of windows exactly. */
export const WATERMARK_DELAY_MS = 5001;
/** Records of this key move the watermark but are filtered out in front of the windows (E1). */
export const FILTERED_KEY = 'ping';
const MINUTE = 60_000;
export const TUMBLE: WindowSpec = { kind: 'tumble', sizeMs: MINUTE, offsetMs: 0 };

export function planOf(shape: Shape): Plan {
  const sources = shape.sources.flatMap((source, i): PlanNode[] => [sourceNode(source, i), filterNode(i)]);
  const pipelines = shape.operators.flatMap((operator, i): PlanNode[] => {
    if (operator.kind === 'function') return functionNodes(shape.operators, operator, i);
    return [inputNode(shape.operators, operator, i), windowNode(operator, i), selectNode(operator, i), sinkNode(i)];
  });
  const { hasDeadLetters = false, skipsFailures = false } = shape;
  const options = { 'sluice.savepoint.compression': 'NONE', ...(hasDeadLetters && { 'sluice.on-record-error': 'dlq' }), ...(skipsFailures && { 'sluice.on-record-error': 'skip' }) };
  return { formatVersion: 1, name: 'simulated', sql: '', options, nodes: [...sources, ...pipelines, ...(hasDeadLetters ? deadLetterNodes() : [])] };
}

export const DEAD_LETTERS = uid('dead-letters-dead');

/** Keys belong to partitions. */
export const isWithin = ({ operators }: Shape): boolean => operators.some((operator) => operator.kind === 'function' && operator.within === true);

/** Functions that run in the writer fail on the record: it is bad as a whole. */
export const refuses = ({ operators }: Shape, amount: number): boolean => operators.some((operator) => operator.kind === 'function' && operator.within === true && operator.name === 'falterWithin' && isTooMuch(amount));

/** Sinks of the plan. */
export const sinkUids = ({ operators, hasDeadLetters = false }: Shape): Uid[] => [
  ...operators.flatMap(({ kind }, i) => (kind === 'function' ? [sinkUid(i), sideUid(i)] : [sinkUid(i)])),
  ...(hasDeadLetters ? [DEAD_LETTERS] : []),
];

const TIME_COLUMN = 2;
function sourceNode(source: SourceShape, i: number): SourceNode {
  const delay: Expression = { op: 'literal', value: WATERMARK_DELAY_MS, type: { kind: 'INTERVAL_DAY' } };
  return {
    kind: 'source',
    uid: sourceUid(i),
    table: `c.d.events${i}`,
    connector: 'kafka',
    topics: source.topics,
    startup: { kind: 'earliest-offset' },
    format: { kind: 'json', failOnMissingField: false, ignoreParseErrors: false, timestampStandard: 'ISO-8601' },
    columns: INPUT,
    eventTime: {
      column: TIME_COLUMN,
      watermark: { op: 'call', fn: '-', args: [reference(TIME_COLUMN, TIMESTAMP3), delay], type: TIMESTAMP3 },
    },
    idleTimeoutMs: source.idleTimeoutMs,
    emitStrategy: source.isOnEvent ? 'on-event' : 'on-periodic',
    options: {},
  };
}

function filterNode(i: number): CalcNode {
  const filtered: Expression = { op: 'literal', value: FILTERED_KEY, type: STRING };
  return {
    kind: 'calc',
    uid: filterUid(i),
    input: sourceUid(i),
    where: { op: 'call', fn: '<>', args: [reference(0, STRING), filtered], type: BOOLEAN },
    project: INPUT.map((c, index) => reference(index, c.type)),
    columns: INPUT,
  };
}

function inputNode(operators: readonly OperatorShape[], operator: WindowShape, i: number): PlanNode {
  const { after } = operator;
  if (after === undefined) return unionNode(operator, i);
  return operators[after]?.kind === 'function' ? findingsNode(after, i) : resultsNode(after, i);
}

/** The key, the sum and the time of the results of an operator. */
function resultsNode(after: number, i: number): CalcNode {
  const project = [reference(0, STRING), reference(2, BIGINT), reference(5, TIMESTAMP3)];
  return { kind: 'calc', uid: inputUid(i), input: operatorUid(after), where: null, project, columns: INPUT };
}

function unionNode({ sources }: WindowShape, i: number): UnionNode {
  return { kind: 'union', uid: inputUid(i), inputs: sources.map(filterUid), columns: INPUT };
}

function windowNode(operator: WindowShape, i: number): WindowAggregateNode {
  const isUnbounded = operator.window.kind === 'unbounded';
  const { inOrder, limit } = operator;
  const isChanging = isUnbounded && limit === undefined;
  const bounds = isUnbounded ? (isChanging ? [column('$row_kind', STRING)] : []) : ['window_start', 'window_end', 'window_time'].map((name) => column(name, TIMESTAMP3));
  return {
    kind: 'window-aggregate',
    uid: operatorUid(i),
    input: inputUid(i),
    window: operator.window,
    allowedLatenessMs: operator.latenessMs,
    timeColumn: isUnbounded ? null : TIME_COLUMN,
    ...(isChanging && { changelog: true }),
    ...(inOrder && { inOrder }),
    ...(limit !== undefined && { limit }),
    keys: limit === undefined ? [0] : [],
    aggregates: [
      { name: 'event_count', fn: 'COUNT', argument: null, argumentType: null, type: BIGINT },
      { name: 'amount', fn: 'SUM', argument: 1, argumentType: BIGINT, type: BIGINT },
    ],
    columns: [
      ...(limit === undefined ? [column('event_type', STRING)] : []),
      column('event_count', BIGINT),
      column('amount', BIGINT),
      ...bounds,
    ],
  };
}

const timeAt = (ms: number): Expression => ({ op: 'literal', value: ms, type: TIMESTAMP3 });

/** What is no window has the kind of its change in the place of the end. */
const changeOf = (): Expression[] => {
  const at = timeAt;
  const kind = reference(3, STRING);
  const is = (of: string): Expression => ({ op: 'call', fn: '=', args: [kind, { op: 'literal', value: of, type: STRING }], type: BOOLEAN });
  return [at(0), { op: 'call', fn: 'CASE', args: [is('-U'), at(CHANGES['-U']), is('+U'), at(CHANGES['+U']), at(CHANGES['+I'])], type: TIMESTAMP3 }];
};

/** The first rows have no key. */
export const ALL_KEYS = '[]';
const limited = (): Expression[] => [timeAt(0), timeAt(0), { op: 'literal', value: ALL_KEYS, type: STRING }, reference(0, BIGINT), reference(1, BIGINT)];

function selectNode({ window, limit }: WindowShape, i: number): CalcNode {
  const order: readonly (readonly [number, Column['type']])[] = [[3, TIMESTAMP3], [4, TIMESTAMP3], [0, STRING], [1, BIGINT], [2, BIGINT]];
  return {
    kind: 'calc',
    uid: uid(`select${i}`),
    input: operatorUid(i),
    where: null,
    project: limit !== undefined ? limited() : [...(window.kind === 'unbounded' ? changeOf() : []), ...order.slice(window.kind === 'unbounded' ? 2 : 0).map(([index, type]) => reference(index, type))],
    columns: SELECTED,
  };
}

function sinkNode(i: number): SinkNode {
  return {
    kind: 'sink',
    uid: sinkUid(i),
    input: uid(`select${i}`),
    table: `c.d.out${i}`,
    connector: 'filesystem',
    columns: SELECTED,
    options: { path: `/out${i}` },
  };
}

/** Of a failed record, what its producer knows; and of the error, by what it is told from others. */
const LETTER = [column('topic', STRING), column('partition', INT), column('offset', BIGINT), column('key', STRING), column('value', STRING), column('code', STRING), column('uid', STRING)];

function deadLetterNodes(): PlanNode[] {
  const [failed, calc] = [uid('failed-records'), uid(`calc-${DEAD_LETTERS}`)];
  return [
    { kind: 'failed-records', uid: failed, columns: FAILED_RECORD_COLUMNS },
    { kind: 'calc', uid: calc, input: failed, where: null, project: [...LETTER.slice(0, -2).map(letterColumn), ...ofError()], columns: LETTER },
    { kind: 'sink', uid: DEAD_LETTERS, input: calc, table: 'c.d.dead', connector: 'filesystem', columns: LETTER, options: { path: '/dead' } },
  ];
}

function letterColumn({ name, type }: Pick<Column, 'name' | 'type'>): Expression {
  const index = FAILED_RECORD_COLUMNS.findIndex((c) => c.name === name);
  return taken(castTo(columnAt(index, FAILED_RECORD_COLUMNS[index]?.type ?? type), type));
}

/** The code, and who has failed. */
function ofError(): Expression[] {
  const error = letterColumn({ name: 'error', type: STRING });
  const text = (value: string): Expression => ({ op: 'literal', value, type: STRING });
  const number = (value: number): Expression => ({ op: 'literal', value, type: INT });
  const who = taken(callFunction('REGEXP_EXTRACT', [error, text('; read by ([^;]*)'), number(1)]));
  return [taken(callFunction('SPLIT_INDEX', [error, text(':'), number(0)])), taken(callFunction('COALESCE', [who, text('')]))];
}

function taken(expression: Expression | string): Expression {
  if (typeof expression === 'string') throw new Error(expression);
  return expression;
}

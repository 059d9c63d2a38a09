/** The nodes around a function of the program (`functions.ts`), and the code that they call. */
import { uid, type Uid } from '../../lib/core/numbers.ts';
import type { CalcNode, Expression, PlanNode, ProcessNode, SinkNode } from '../../lib/core/plan.ts';
import { NO_CODE, type Code, type TransformRow } from '../../lib/core/process/code.ts';
import { specOf } from '../../lib/core/process/declare.ts';
import { KEYED_ROW, PROCESS_OUTPUT, STREAM_ROW } from '../../lib/core/process/rows.ts';
import { BOOLEAN, INT, Raw, type Row, type Value } from '../../lib/core/types.ts';
import type { Finding } from './findings.ts';
import { FUNCTIONS } from './functions.ts';
import { filterUid, INPUT, inputUid, operatorUid, reference, SELECTED, sideUid, sinkUid } from './plan-parts.ts';
import type { FunctionShape, OperatorShape, Shape } from './shape.ts';

/** Where the main output of a function comes out. */
const mainUid = (i: number): Uid => uid(`main${i}`);
const otherUid = (i: number): Uid => uid(`other${i}`);
const keyedUid = (i: number, n: number): Uid => uid(`keyed${i}-${n}`);
const selectUid = (sink: Uid): Uid => uid(`select-${sink}`);

/** From what it takes in to its sinks. */
export function functionNodes(operators: readonly OperatorShape[], operator: FunctionShape, i: number): PlanNode[] {
  const columns = isOverPartitions(operator) ? STREAM_ROW : KEYED_ROW;
  const inputs = inputsOf(operators, operator).map((input, n): PlanNode => ({ kind: 'code', uid: keyedUid(i, n), input, columns }));
  const union: PlanNode = { kind: 'union', uid: inputUid(i), inputs: inputs.map((node) => node.uid), columns };
  const outputs = [outputNode(i, mainUid(i), 0), ...sinkNodes(mainUid(i), sinkUid(i)), outputNode(i, otherUid(i), 1), ...sinkNodes(otherUid(i), sideUid(i))];
  return [...inputs, union, processNode(operator, i), ...outputs];
}

/** What a window takes in that stands below a function. */
export const findingsNode = (after: number, i: number): PlanNode => ({ kind: 'code', uid: inputUid(i), input: mainUid(after), columns: INPUT });

const inputsOf = (operators: readonly OperatorShape[], { sources, after }: FunctionShape): Uid[] =>
  after === undefined ? sources.map(filterUid) : [operators[after]?.kind === 'function' ? mainUid(after) : operatorUid(after)];

/** It has an instance per source partition, and no keys. */
export const isOverPartitions = ({ name }: FunctionShape): boolean => FUNCTIONS[name].initialize !== undefined;

function processNode(operator: FunctionShape, i: number): ProcessNode {
  const states = FUNCTIONS[operator.name].states.map((state) => specOf(state.name, state));
  return { kind: 'process', uid: operatorUid(i), input: inputUid(i), ...(isOverPartitions(operator) && { scope: 'partition' }), ...(operator.within && { prePartitioned: true }), states, columns: PROCESS_OUTPUT };
}

/** The rows of one output. */
function outputNode(i: number, own: Uid, output: number): CalcNode {
  const isOwn: Expression = { op: 'call', fn: '=', args: [reference(0, INT), { op: 'literal', value: output, type: INT }], type: BOOLEAN };
  return { kind: 'calc', uid: own, input: operatorUid(i), where: isOwn, project: PROCESS_OUTPUT.map(({ type }, index) => reference(index, type)), columns: PROCESS_OUTPUT };
}

function sinkNodes(input: Uid, sink: Uid): [PlanNode, SinkNode] {
  return [
    { kind: 'code', uid: selectUid(sink), input, columns: SELECTED },
    { kind: 'sink', uid: sink, input: selectUid(sink), table: `c.d.${sink}`, connector: 'filesystem', columns: SELECTED, options: { path: `/${sink}` } },
  ];
}

export function codeOf({ operators }: Shape): Code {
  const functions = operators.flatMap((operator, i) => (operator.kind === 'function' ? [[operatorUid(i), FUNCTIONS[operator.name]] as const] : []));
  return { ...NO_CODE, functions: new Map(functions), transforms: new Map(operators.flatMap((operator, i) => transformsOf(operators, operator, i))) };
}

function transformsOf(operators: readonly OperatorShape[], operator: OperatorShape, i: number): (readonly [Uid, TransformRow])[] {
  const isBelowFunction = operator.after !== undefined && operators[operator.after]?.kind === 'function';
  if (operator.kind === 'window') return isBelowFunction ? [[inputUid(i), fromFinding]] : [];
  const { inputs } = FUNCTIONS[operator.name];
  const read = isBelowFunction ? fromFinding : operator.after === undefined ? same : fromWindow;
  const keyed = inputsOf(operators, operator).map((_, n) => [keyedUid(i, n), isOverPartitions(operator) ? eventOf : keyedBy(read, Math.min(n, inputs.length - 1))] as const);
  return [...keyed, [selectUid(sinkUid(i)), select], [selectUid(sideUid(i)), select]];
}

const same: TransformRow = (row, next) => next(row);
const fromFinding: TransformRow = ([, finding], next) => next(inputOf(findingIn(finding)));
const inputOf = ({ key, amount, at }: Finding): Row => [key, BigInt(amount), at - 1];
/** Of the columns of a window behind the key: rows, sum, start, end, time. */
const fromWindow: TransformRow = ([key = null, , amount = null, , , time = null], next) => next([key, amount, time]);

const keyedBy =
  (read: TransformRow, from: number): TransformRow =>
  (row, next) =>
    read(row, ([key, amount, time = null]) => next([new Raw(key), new Raw({ key, amount: Number(amount) }), time, from]));

const eventOf: TransformRow = ([key, amount, time = null], next) => next([new Raw({ key, amount: Number(amount) }), time]);

const select: TransformRow = ([, finding, time], next) => {
  const { key, at, rows, amount } = findingIn(finding);
  next([time ?? 0, at, key, BigInt(rows), BigInt(amount)]);
};

function findingIn(value: Value | undefined): Finding {
  if (value instanceof Raw && isFinding(value.value)) return value.value;
  throw new Error('a function gives findings');
}

const isFinding = (value: unknown): value is Finding => typeof value === 'object' && value !== null && 'rows' in value && 'at' in value;

/**
 * A plan made executable: expressions compiled, inputs resolved, every path from a source to what consumes its rows laid out once.
 * Immutable but for its clock; one dataflow serves any number of batches and steps.
 */
import type { Accumulator, Aggregate } from './aggregates/aggregate.ts';
import { compileFeeds, compileResults, hasAccumulator, statesOf } from './aggregates/states.ts';
import { assert, SluiceError } from './errors.ts';
import { compileEventTime, type EventTimeReader } from './event-time.ts';
import { compileExpression } from './expression.ts';
import { newClock, type Clock } from './functions/clock.ts';
import type { FoldSpec } from './window/fold.ts';
import { compileSourceDecoder, type SourceDecoder } from './format/source-decoder.ts';
import { keyCodec, type Key } from './key.ts';
import { isEmptyCode, NO_CODE, requireCode, type Code } from './process/code.ts';
import { aggregateOfFunction, CODE } from './process/code-aggregate.ts';
import type { KeyedFunction } from './process/keyed-function.ts';
import { copied } from './process/copied.ts';
import { partitionKey } from './process/partition-key.ts';
import { noCall, type CallUnderWay } from './process/watchdog.ts';
import { partsOf, type PartitionId, type Uid } from './numbers.ts';
import { inputsOf, isKind, sinksOf, type Plan, type PlanNode, type ProcessNode, type SinkNode, type SourceNode, type ValuesNode, type WindowAggregateNode } from './plan.ts';
import { requirePrePartitioned } from './pre-partitioned.ts';
import type { Row, Value } from './types.ts';
import { transformOf, type Program, type Take, type Transform } from './transforms.ts';
import { windowTimeOf } from './window/window-zone.ts';

/** A path through stateless nodes to a stage or a sink. */
export interface Path {
  readonly into: Transform;
  readonly to: { readonly kind: 'stage' | 'sink'; readonly uid: Uid };
}

export interface SourceFlow {
  readonly index: number;
  readonly node: SourceNode;
  readonly decode: SourceDecoder;
  /** null for a source without event time. */
  readonly eventTime: EventTimeReader | null;
  readonly paths: readonly Path[];
}

interface StageBase {
  readonly uid: Uid;
  /** Indexes of the sources above it (F5). */
  readonly sources: readonly number[];
  readonly paths: readonly Path[];
}

/** A windowed aggregation. */
export interface OperatorFlow extends StageBase, FoldSpec {
  readonly kind: 'operator';
  /** The results of all aggregates but COUNT(*). */
  readonly resultsOf: (accumulators: readonly Accumulator[]) => Value[];
  /** Output row of a pane from `resultsOf`; `rows` belongs to every COUNT(*). */
  readonly rowOf: (key: Row, rows: number, results: readonly Value[], start: number, end: number) => Row;
}

/** A function of the program with keyed state. */
export interface FunctionFlow extends StageBase {
  readonly kind: 'function';
  readonly node: ProcessNode;
  readonly fn: KeyedFunction;
  /** The key of the state of a source partition; null where keys have state, whatever partition they come from. */
  readonly partitionKeyOf: ((p: PartitionId) => Key) | null;
  /** Keys have state within their partition, and writers run the function (protocol 13.3, stateful partition mode). */
  readonly prePartitioned: boolean;
}

/** What has state, and runs in the firer. */
export type StageFlow = OperatorFlow | FunctionFlow;

/** Rows that the plan has, and where they go. */
export interface ValuesFlow {
  readonly uid: Uid;
  /** Each computed when it is asked for, since it may fail. */
  readonly rows: readonly (() => Row)[];
  readonly paths: readonly Path[];
}

export interface Dataflow {
  readonly plan: Plan;
  readonly sources: readonly SourceFlow[];
  readonly values: readonly ValuesFlow[];
  /** In the order of the plan: what one gives goes into those behind it. */
  readonly stages: readonly StageFlow[];
  /** The stages that are windowed aggregations. */
  readonly operators: readonly OperatorFlow[];
  /** The stages that are functions. */
  readonly functions: readonly FunctionFlow[];
  readonly sinks: readonly SinkNode[];
  /** Where the rows of records go that cannot be taken in (W10); empty where the plan has no use for them. */
  readonly failedRecords: readonly Path[];
  /** E8: the watermark moves within an entry, and windows fire in between. */
  readonly isOnEvent: boolean;
  /** What functions of the current time read; whoever runs the dataflow sets it before. */
  readonly clock: Clock;
  /** It calls functions of a program. */
  readonly runsCode: boolean;
  /** See `Code.positionOf`. */
  readonly positionOf: (error: unknown) => string | null;
  /** What of the program is running: for whoever interrupts it. */
  readonly call: CallUnderWay;
}

/**
 * Throws OPTION_INVALID for options that exclude each other, JOB_DEFINITION as `requirePrePartitioned`, CODE_MISSING where the plan needs more than `code` has. `leavesOut`: the job goes on where functions
 * fail (W10).
 */
export function compileDataflow(plan: Plan, code: Code = NO_CODE, leavesOut = false): Dataflow {
  const sources = plan.nodes.filter(isKind('source'));
  const isOnEvent = sources.some((source) => source.emitStrategy === 'on-event');
  const graph = { plan, code, clock: newClock(), call: noCall(), leavesOut };
  requireFinalResults(graph);
  const stages = plan.nodes.flatMap((node): StageFlow[] => {
    if (node.kind === 'window-aggregate') return [compileOperator(graph, node, sources)];
    return node.kind === 'process' ? [compileFunction(graph, node, sources)] : [];
  });
  const dataflow: Dataflow = {
    plan,
    clock: graph.clock,
    runsCode: !isEmptyCode(code),
    positionOf: code.positionOf ?? (() => null),
    call: graph.call,
    isOnEvent,
    sources: sources.map((node, index) => compileSource(graph, node, index)),
    values: plan.nodes.filter(isKind('values')).map((node) => compileValues(graph, node)),
    stages,
    operators: stages.filter((stage) => stage.kind === 'operator'),
    functions: stages.filter((stage) => stage.kind === 'function'),
    sinks: sinksOf(plan),
    failedRecords: plan.nodes.filter(isKind('failed-records')).flatMap((node) => pathsOfFailures(graph, node.uid)),
  };
  requirePrePartitioned(dataflow);
  return dataflow;
}

/** A plan and what it calls. */
interface Graph extends Program {
  readonly plan: Plan;
  readonly leavesOut: boolean;
}

/** A session that has ended is gone (E4); and what has gone into another window cannot be taken back. */
function requireFinalResults(graph: Graph): void {
  for (const node of graph.plan.nodes.filter(isKind('window-aggregate'))) {
    if ((node.allowedLatenessMs ?? 0) === 0 && node.earlyFire !== true) continue;
    const isBelowOperator = pathsFrom(graph, node.uid).some(({ to }) => graph.plan.nodes.some(({ kind, uid }) => uid === to.uid && kind === 'window-aggregate'));
    const obstacle = node.window.kind === 'session' ? 'SESSION windows do' : isBelowOperator ? 'windows over its windows do' : null;
    if (obstacle === null) continue;
    throw new SluiceError('OPTION_INVALID', {
      message: `the results of operator ${node.uid} change when late rows come or windows fire early, which ${obstacle} not allow`,
      hint: "RESET 'table.exec.emit.late-fire.enabled' and 'table.exec.emit.early-fire.enabled'",
    });
  }
}

function compileSource(graph: Graph, node: SourceNode, index: number): SourceFlow {
  return {
    index,
    node,
    decode: compileSourceDecoder(node, graph),
    eventTime: node.eventTime === null ? null : compileEventTime(node.eventTime, node.columns, graph.clock),
    paths: pathsOf(graph, node.uid),
  };
}

/** A value that fails does so when the job runs. */
function compileValues(graph: Graph, { uid, rows }: ValuesNode): ValuesFlow {
  const compiled = rows.map((row) => row.map((e) => compileExpression(e, graph.clock)));
  return { uid, rows: compiled.map((row) => () => row.map((evaluate) => evaluate([]))), paths: pathsOf(graph, uid) };
}

function compileOperator(graph: Graph, node: WindowAggregateNode, sources: readonly SourceNode[]): OperatorFlow {
  const { plan } = graph;
  const input = nodeOf(plan, node.input);
  assert(input.kind !== 'sink', 'a sink has no output');
  const code = codeAggregate(graph, node);
  const states = statesOf(node.aggregates, code);
  const feeds = compileFeeds(states);
  return {
    kind: 'operator',
    uid: node.uid,
    node,
    keys: keyCodec(node.columns.slice(0, node.keys.length), node.keys),
    aggregates: states.map(({ aggregate }) => aggregate),
    arguments: states.map(({ call }) => call.argument ?? -1),
    ...(feeds === null ? {} : { feeds }),
    sources: sourceIndexes(plan, node, sources),
    paths: pathsOf(graph, node.uid),
    resultsOf: compileResults(node.aggregates, code),
    rowOf: paneRow(node),
  };
}

/** The function of the program that the aggregates of a node call, if they do. */
function codeAggregate({ code, call, leavesOut }: Graph, { uid, aggregates }: WindowAggregateNode): Aggregate | undefined {
  if (!aggregates.some(({ fn }) => fn === CODE)) return undefined;
  return aggregateOfFunction(requireCode(code.aggregates, uid), { uid, call, leavesOut });
}

function compileFunction(graph: Graph, node: ProcessNode, sources: readonly SourceNode[]): FunctionFlow {
  const { uid } = node;
  const fn = requireCode(graph.code.functions, uid);
  const prePartitioned = node.prePartitioned === true;
  const partitionKeyOf = prePartitioned || node.scope === 'partition' ? partitionKeys(sources) : null;
  return { kind: 'function', uid, node, fn, partitionKeyOf, prePartitioned, sources: sourceIndexes(graph.plan, node, sources), paths: pathsOf(graph, uid) };
}

const partitionKeys = (sources: readonly SourceNode[]) => (p: PartitionId): Key => {
  const { source, topic, partition } = partsOf(p);
  const node = sources[source];
  return partitionKey({ source: node?.uid ?? '', topic: node?.topics[topic] ?? '', partition });
};

function sourceIndexes(plan: Plan, node: PlanNode, sources: readonly SourceNode[]): number[] {
  if (node.kind === 'source') return [sources.indexOf(node)];
  const indexes = inputsOf(node).flatMap((input) => sourceIndexes(plan, nodeOf(plan, input), sources));
  return [...new Set(indexes)].sort((a, b) => a - b);
}

/** Each way runs all of its functions for itself, so that those of several get a value of their own. */
function pathsOf(graph: Graph, from: Uid): Path[] {
  const paths = pathsFrom(graph, from);
  return paths.length < 2 ? paths : pathsFrom(graph, from, { copies: true });
}

interface Way {
  readonly before?: Transform;
  /** The next function of the program gets a copy of what others get as well. */
  readonly copies?: boolean;
}

function pathsFrom(graph: Graph, from: Uid, { before = (next) => next, copies = false }: Way = {}): Path[] {
  const consumers = graph.plan.nodes.flatMap((n) => inputsOf(n).filter((input) => input === from).map(() => n));
  return consumers.flatMap((n): Path[] => {
    if (n.kind === 'sink') return [{ into: before, to: { kind: 'sink', uid: n.uid } }];
    if (n.kind === 'window-aggregate' || n.kind === 'process') return [{ into: before, to: { kind: 'stage', uid: n.uid } }];
    const own = transformOf(n, graph);
    const isCopied = copies && n.kind === 'code';
    return pathsFrom(graph, n.uid, { before: (next) => before(isCopied ? copying(own(next)) : own(next)), copies: copies && !isCopied });
  });
}

const copying = (take: Take): Take => (row) => take(row.map(copied));

/** No watermark comes with them, so no window would ever fire. */
function pathsOfFailures(graph: Graph, from: Uid): Path[] {
  const paths = pathsFrom(graph, from);
  assert(paths.every(({ to }) => to.kind === 'sink'), 'nothing but sinks takes the records that fail');
  return paths;
}

function nodeOf(plan: Plan, uid: Uid): PlanNode {
  const node = plan.nodes.find((n) => n.uid === uid);
  assert(node, `the plan has no node ${uid}`);
  return node;
}

/** Output row of a pane: keys, aggregates, window_start, window_end, window_time (see `WindowAggregateNode`). */
function paneRow(node: WindowAggregateNode): OperatorFlow['rowOf'] {
  return (key, rows, results, start, end) => {
    let next = 0;
    const values = node.aggregates.map((call) => (hasAccumulator(call) ? (results[next++] ?? null) : BigInt(rows)));
    return node.window.kind === 'unbounded' ? [...key, ...values] : [...key, ...values, start, end, windowTimeOf(node.window, end)];
  };
}

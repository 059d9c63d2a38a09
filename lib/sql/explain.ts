/** EXPLAIN: a plan as text, from the sink down to the source, with uids and what is kept as state. */
import { durationText } from '../core/duration.ts';
import { inputsOf, type AggregateCall, type BoundedMode, type Plan, type PlanNode, type StartupMode, type Unbounded, type WindowSpec } from '../core/plan.ts';
import { typeText, type Column } from '../core/types.ts';
import { expressionText } from './plan-text.ts';

/** One block per node, indented below the node that reads it. */
export function explainPlan(plan: Plan): string {
  const sinks = plan.nodes.filter((node) => node.kind === 'sink');
  return [`Job: ${plan.name}`, ...sinks.flatMap((sink) => explainNode(plan, sink, 0))].join('\n');
}

/** What one node does: a head, then its details. */
export const nodeLines = (plan: Plan, node: PlanNode): readonly string[] => describe(plan, node);

function explainNode(plan: Plan, node: PlanNode, depth: number): string[] {
  const [head, ...details] = describe(plan, node);
  const margin = '   '.repeat(depth);
  const [branch, below] = depth === 0 ? ['', '   '] : ['+- ', '      '];
  const lines = [`${margin}${branch}${head ?? ''}  [uid ${node.uid}]`, ...details.map((line) => margin + below + line)];
  return [...lines, ...inputNodes(plan, node).flatMap((input) => explainNode(plan, input, depth + 1))];
}

const inputNodes = (plan: Plan, node: PlanNode): PlanNode[] => plan.nodes.filter((candidate) => inputsOf(node).includes(candidate.uid));

const inputNames = (plan: Plan, node: PlanNode): string[] => inputNodes(plan, node)[0]?.columns.map((column) => column.name) ?? [];

/** The head line of a node, then its details. */
function describe(plan: Plan, node: PlanNode): string[] {
  switch (node.kind) {
    case 'source':
      return describeSource(node);
    case 'failed-records':
      return ['Records that fail', `columns ${columnsText(node.columns)}`];
    case 'values':
      return ['Values', `rows ${node.rows.map((row) => `(${row.map((e) => expressionText(e, [])).join(', ')})`).join(', ')}`];
    case 'calc': {
      const names = inputNames(plan, node);
      const items = node.project.map((e, i) => `${expressionText(e, names)} AS ${node.columns[i]?.name ?? ''}`);
      const where = node.where === null ? [] : [`where ${expressionText(node.where, names)}`];
      return ['Calc', `select ${items.join(', ')}`, ...where];
    }
    case 'expand':
      return ['Expand', ...node.projects.map((project) => `select ${project.map((e, i) => `${expressionText(e, inputNames(plan, node))} AS ${node.columns[i]?.name ?? ''}`).join(', ')}`)];
    case 'window-table': {
      const time = inputNames(plan, node)[node.timeColumn] ?? '';
      return [`WindowTable ${node.window.kind.toUpperCase()}(${[time, ...windowTexts(node.window)].join(', ')})`, 'each row once per window, late or not'];
    }
    case 'unnest':
      return ['Unnest', `rows of ${inputNames(plan, node)[node.column] ?? ''}`];
    case 'code':
      return ['Code', `columns ${columnsText(node.columns)}`];
    case 'process':
      return [node.prePartitioned === true ? 'Process in the writer' : node.scope === undefined ? 'Process' : 'Process per source partition', ...node.states.map(({ name, kind, ttl, redistribution }) => `state ${name} (${redistribution === 'union' ? 'union ' : ''}${kind}${ttl === undefined ? '' : `, TTL ${ttl.ttlMs} ms`})`)];
    case 'union':
      return ['Union all', `columns ${columnsText(node.columns)}`];
    case 'window-aggregate':
      return describeAggregate(node, inputNames(plan, node));
    case 'sink':
      return [`Sink ${node.table} (${node.connector})`, `columns ${columnsText(node.columns)}`];
  }
}

function describeSource(node: Extract<PlanNode, { kind: 'source' }>): string[] {
  const names = node.columns.map((column) => column.name);
  const { eventTime } = node;
  const watermark =
    eventTime === null ? [] : [`watermark for ${'time' in eventTime ? eventTime.name : (names[eventTime.column] ?? '')} as ${expressionText(eventTime.watermark, names)}`];
  const idle = node.idleTimeoutMs === 0 ? [] : [`idle after ${durationText(node.idleTimeoutMs)}`];
  return [
    `Source ${node.table} (${node.connector})`,
    ...describeRecords(node),
    `columns ${columnsText(node.columns)}`,
    ...(node.key === undefined ? [] : [`from the key (${node.key.format.kind}): ${node.key.columns.map(({ column }) => names[column] ?? '').join(', ')}`]),
    ...(node.metadata === undefined ? [] : [`metadata ${node.metadata.map(({ column, key }) => `${key} AS ${names[column] ?? ''}`).join(', ')}`]),
    ...watermark,
    ...(node.emitStrategy === 'on-event' ? ['watermarks move with every record'] : []),
    ...idle,
    'state: offsets and watermark of every partition',
  ];
}

function describeRecords({ topics, startup, bounded, generated, files }: Extract<PlanNode, { kind: 'source' }>): string[] {
  if (generated !== undefined) {
    const { rowsPerSecond, partitions, count } = generated;
    const rate = `generates ${rowsPerSecond} rows per second in ${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`;
    return [rate, ...(count === null ? [] : [`bounded: ends with ${count} rows, and the job with it`])];
  }
  if (files !== undefined) {
    const { path, monitorIntervalMs } = files;
    return [`files of ${path}`, monitorIntervalMs === null ? 'bounded: ends with the files that are there, and the job with it' : `looks for new files every ${durationText(monitorIntervalMs)}`];
  }
  const from = `topics ${topics.join(', ')} from ${positionText(startup)}`;
  return [from, ...(bounded === undefined ? [] : [`bounded: ends at ${positionText(bounded)}, and the job with it`])];
}

function positionText(at: StartupMode | BoundedMode): string {
  switch (at.kind) {
    case 'group-offsets':
      return `the offsets of group '${at.group}'${'reset' in at ? `, otherwise ${at.reset}` : ''}`;
    case 'timestamp':
      return `timestamp ${at.epochMs}`;
    case 'specific-offsets':
      return Object.entries(at.offsets).map(([partition, offset]) => `partition ${partition} offset ${offset}`).join(', ');
    default:
      return at.kind;
  }
}

function describeAggregate(node: Extract<PlanNode, { kind: 'window-aggregate' }>, names: readonly string[]): string[] {
  const keys = node.keys.map((index) => names[index] ?? '');
  if (node.limit !== undefined) return [`Limit ${node.limit.count}${node.limit.offset === 0 ? '' : ` behind ${node.limit.offset}`}`, 'state: how many rows have come'];
  if (node.inOrder === true) return [`Sort by ${names[node.timeColumn ?? -1] ?? ''}`, `rows ${node.aggregates.map(({ name }) => name).join(', ')}`, 'state: the rows that the watermark has not reached'];
  if (node.window.kind === 'unbounded') return describeUnbounded(node, keys);
  const time = node.timeColumn === null ? 'processing time' : (names[node.timeColumn] ?? '');
  const windows = node.carried === true ? 'over the windows that its rows carry' : `${node.window.kind.toUpperCase()}(${[time, ...windowTexts(node.window)].join(', ')})`;
  return [
    `WindowAggregate ${windows}`,
    `keys ${keys.join(', ') || 'none'}`,
    `aggregates ${node.aggregates.map(aggregateText).join(', ') || 'none'}`,
    'state: one row per open window and key, until the watermark passes the end of the window',
  ];
}

function describeUnbounded(node: Extract<PlanNode, { kind: 'window-aggregate' }>, keys: readonly string[]): string[] {
  return [
    `Aggregate${node.aggregates.length === 0 ? '' : `, updating (${node.changelog === true ? 'every change, with what it takes back' : 'the newest result of each key'})`}`,
    `keys ${keys.join(', ') || 'none'}`,
    `aggregates ${node.aggregates.map(aggregateText).join(', ') || 'none'}`,
    'state: one row per key, for ever',
  ];
}

/** In the order of the arguments in SQL. */
function windowTexts(window: Exclude<WindowSpec, Unbounded>): string[] {
  if (window.kind === 'session') return [`gap ${durationText(window.gapMs)}`];
  const step = window.kind === 'hop' ? [durationText(window.slideMs)] : window.kind === 'cumulate' ? [durationText(window.stepMs)] : [];
  const offset = window.offsetMs === 0 ? [] : [`offset ${durationText(Math.abs(window.offsetMs))}${window.offsetMs < 0 ? ' before' : ''}`];
  return [...step, durationText(window.sizeMs), ...offset];
}

const aggregateText = (call: AggregateCall): string => `${call.name} ${typeText(call.type)}`;

const columnsText = (columns: readonly Column[]): string =>
  columns.map(({ name, type, nullable }) => `${name} ${typeText(type)}${nullable ? '' : ' NOT NULL'}`).join(', ');

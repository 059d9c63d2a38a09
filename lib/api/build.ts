/** From what a program has called to a plan and its functions. */
import { compileDataflow } from '../core/dataflow.ts';
import { uid as uidOf, type Uid } from '../core/numbers.ts';
import { isKind, type Plan, type PlanNode } from '../core/plan.ts';
import type { Surroundings } from '../sql/plan-catalog.ts';
import { deadLettersOf } from '../sql/plan-parts.ts';
import { checkSessionOptions, sessionDuration } from '../sql/session-options.ts';
import type { BuiltJob, JobOptions } from './define.ts';
import { Graph } from './graph.ts';
import { JobBuilder } from './job.ts';
import { requirePartitions } from './partition-function.ts';
import { refuse } from './refusal.ts';
import { CodeParts } from './code-parts.ts';
import { SqlNodes } from './sql/sql-nodes.ts';
import { SqlPart } from './sql/sql-part.ts';
import { inOrder, upstreamOfSinks } from './plan-order.ts';
import type { Transformation } from './transformation.ts';
import { assignUids } from './uid.ts';

/** Throws JOB_DEFINITION, and what SQL throws. */
export function buildJob(name: string, { options = {} }: JobOptions, define: ((job: JobBuilder) => void) | undefined, surroundings: Surroundings): BuiltJob {
  if (define === undefined) return refuse(`job ${name}`, 'nothing defines it', 'Write defineJob(name, (job) => { … }).');
  const checked = checkSessionOptions(options);
  const graph = new Graph(new SqlPart(surroundings, checked));
  const defined: unknown = define(new JobBuilder(graph, { surroundings, idleTimeoutMs: sessionDuration(checked, 'table.exec.source.idle-timeout') ?? 0 }));
  if (defined instanceof Promise) refuseAsync(name, defined);
  return planOf(checked['pipeline.name'] ?? name, checked, graph);
}

/** TypeScript takes an async function where nothing is awaited; what it does later is no part of the job. */
function refuseAsync(name: string, defined: Promise<unknown>): never {
  defined.catch(() => {});
  return refuse(`job ${name}`, 'its definition is asynchronous', "Await what it needs at the top of the file, and write defineJob(name, (job) => { … }) without 'async'.");
}

function planOf(name: string, options: Plan['options'], graph: Graph): BuiltJob {
  const sql = new SqlNodes(graph.sql);
  const transformations = [...graph.transformations, ...sql.rows];
  const uids = assignUids(transformations, sql.uids);
  graph.outputs = sql.outputs((rows) => uidIn(uids, rows));
  const code = new CodeParts();
  const own = transformations.map((transformation) => code.take(transformation.build(uidIn(uids, transformation), transformation.inputs.map((input) => uidIn(uids, input)))));
  const all = [...own, ...sql.nodes((rows) => uidIn(uids, rows))];
  const nodes = inOrder(upstreamOfSinks(all));
  const [insert] = graph.sql.inserts;
  if (insert === undefined || !nodes.some(isKind('sink'))) return refuse(`job ${name}`, 'it writes nothing', "End a stream with .to('uid', table({ … })), or write an INSERT in job.sql.");
  requireDistinct(nodes);
  requirePartitions({ nodes });
  const plan: Plan = { formatVersion: 1, name, sql: '', nodes: [...nodes, ...deadLettersOf(insert, nodes)], options };
  const functions = code.of(nodes);
  if (nodes.some((node) => node.kind === 'process' && node.prePartitioned === true)) compileDataflow(plan, functions);
  return { plan, code: functions, warnings: warningsOf(transformations, uids, nodes) };
}

const uidIn = (uids: ReadonlyMap<Transformation, Uid>, transformation: Transformation): Uid => uids.get(transformation) ?? uidOf('');

function requireDistinct(nodes: readonly PlanNode[]): void {
  const twice = nodes.find(({ uid }, i) => nodes.findIndex((other) => other.uid === uid) < i);
  if (twice !== undefined) refuse(`${twice.kind} ${twice.uid}`, `another operator has the uid '${twice.uid}'`, 'Give each operator, source and sink a uid of its own.');
}

function warningsOf(transformations: readonly Transformation[], uids: ReadonlyMap<Transformation, Uid>, nodes: readonly PlanNode[]): string[] {
  return transformations.flatMap((transformation) => {
    const uid = uidIn(uids, transformation);
    const isUsed = nodes.some((node) => node.uid === uid);
    if (!isUsed) return transformation.uid === null ? [] : [`${transformation.suffix} ${uid}: nothing that is made of it reaches a sink, so it is no part of the job`];
    if (transformation.stateful === undefined || transformation.uid !== null) return [];
    return [`${transformation.stateful} ${uid}: it has no uid of its own, and loses its state when what is above it is renamed; write .process('${uid}', …)`];
  });
}


/**
 * Rows of the base's last FIRE that sinks had not confirmed when it was taken (F14): which of them lack the rows still, and the FIRE with
 * which the next generation hands them over.
 */
import { SluiceError } from '../../core/errors.ts';
import { fireNumber, generation, type Generation, type JobId, type WallTime } from '../../core/numbers.ts';
import { sinksOf, type Plan, type SinkNode } from '../../core/plan.ts';
import type { Ports } from '../../ports/ports.ts';
import type { SinkPosition } from '../../ports/sink.ts';
import { canonicalJson } from '../../savepoint/canonical-json.ts';
import type { SavepointHead } from '../../savepoint/metadata.ts';
import type { SavepointContent } from '../../savepoint/model.ts';
import { storeResult } from '../firer/emit.ts';
import type { Replica } from '../firer/replica.ts';
import { forPeople } from '../for-people.ts';
import type { Job } from '../job.ts';
import type { CoordinatorLog } from '../log/logs.ts';
import { canBeMended, forgetSinkError, recordSinkError, type Waiting } from '../sink-errors.ts';
import { isFinal, readControl, readPlan } from './job-control.ts';

export interface FenceRules {
  /** When the step began. */
  readonly since: WallTime;
  /** What has to be mended fails the step, instead of making it wait. */
  readonly failsFast?: boolean;
}

/** 11.5 step 4, X3: shuts older generations out of the sinks; returns those that lack rows of the base's last FIRE. */
export async function fenceSinks(ports: Ports, job: Job, base: SavepointHead, rules: FenceRules): Promise<string[]> {
  const beginning = { job, base, f: base.position.f, ...rules };
  const positions = await fenceAll(ports, { id: job.id, g: job.g, sinks: job.dataflow.sinks }, beginning);
  return lacking(job, base, base.job === job.id ? positions : new Map());
}

/**
 * 11.6: a fork of a job that has ended shuts it out of its sinks first, and learns what they have. A parent that runs, or that this store
 * does not know, emits its rows itself; the fork does the same under its own name.
 */
export async function fenceParent(ports: Ports, job: Job, base: SavepointHead, rules: FenceRules): Promise<string[]> {
  const g = await endedGeneration(ports, base.job);
  const beginning = { job, base, f: base.position.f, ...rules };
  if (g === null) return lacking(job, base, new Map());
  // The plan of a savepoint has no secrets, which sinks may need.
  const plan = await readPlan(ports, base.job, base.planHash);
  return lacking(job, base, await fenceAll(ports, { id: base.job, g, sinks: sinksOf(plan) }, beginning));
}

/** The generation behind the last one of a job that has ended; null if it runs or is not known. */
async function endedGeneration(ports: Pick<Ports, 'control'>, parent: JobId): Promise<Generation | null> {
  try {
    const { control } = await readControl(ports, parent);
    return isFinal(control.status) ? generation(control.gen + 1) : null;
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'JOB_UNKNOWN') return null;
    throw error;
  }
}

interface Fenced {
  readonly id: JobId;
  readonly g: Generation;
  readonly sinks: readonly SinkNode[];
}

/** The job that does not begin before that is done, and the last FIRE of its base. */
interface Beginning extends Waiting, FenceRules {
  readonly job: Job;
  readonly base: SavepointHead;
}

/** The newest position of each sink that has a fence and knows it. For a sink that has to be mended first it throws an error of kind `retry`, unless that `failsFast`. */
async function fenceAll(ports: Pick<Ports, 'sinks' | 'control' | 'runtime'>, { id, g, sinks }: Fenced, { job, base, f, since, failsFast = false }: Beginning): Promise<Map<string, SinkPosition>> {
  const positions = new Map<string, SinkPosition>();
  for (const node of sinks) {
    try {
      const sink = await ports.sinks.open(id, node);
      const at = await sink.fence(g, begunAt(base, node));
      if (sink.fences && at !== null) positions.set(node.uid, at);
    } catch (error) {
      if (!canBeMended(error) || (failsFast && error.kind !== 'retry')) throw error;
      await forPeople(() => recordSinkError(ports, job, node, { f, since }, error));
      throw error.kind === 'retry' ? error : unavailable(node, error);
    }
    await forPeople(() => forgetSinkError(ports, job, node.uid));
  }
  return positions;
}

/** null also for a sink that the plan of the base did not have: it has written nothing either. */
const begunAt = ({ sinks }: SavepointHead, { uid }: SinkNode): SinkPosition | null => sinks.find((sink) => sink.uid === uid)?.position ?? null;

/** Of kind `retry`, as it is where rows are emitted: a resume waits for whoever mends the table. */
const unavailable = ({ uid, table }: SinkNode, cause: SluiceError): SluiceError =>
  new SluiceError('SINK_UNAVAILABLE', {
    message: `sink ${uid} of table ${table}: ${cause.message}`,
    ...(cause.hint === undefined ? {} : { hint: cause.hint }),
    cause,
  });

/** Behind a newer generation, the base is an older savepoint: what that one emitted says nothing of FIRE f, and everything behind it comes again. */
function lacking({ dataflow }: Job, base: SavepointHead, positions: ReadonlyMap<string, SinkPosition>): string[] {
  const { generation: g, position: { f } } = base;
  const has = (at: SinkPosition | undefined): boolean => at !== undefined && at.g === g && at.f >= f;
  const pending = base.sinks.filter((sink) => sink.pending && dataflow.sinks.some((s) => s.uid === sink.uid));
  return pending.map((sink) => sink.uid).filter((uid) => !has(positions.get(uid)));
}

/**
 * Pending rows are state: throws STATE_INCOMPATIBLE where `plan` has no sink into the same table, of the same columns, for them (V3, V4). Another table may get
 * rows that the one before it has as well, and would shut nobody out of that one.
 */
export function requirePendingFits(base: SavepointHead, plan: Plan, allowNonRestored: boolean): string[] {
  const pending = base.sinks.filter((sink) => sink.pending).map((sink) => sink.uid);
  const dropped = pending.filter((uid) => !sinksOf(plan).some((s) => s.uid === uid));
  const changed = pending.filter((uid) => !dropped.includes(uid) && tableOf(base.plan, uid) !== tableOf(plan, uid));
  if (changed.length === 0 && (dropped.length === 0 || allowNonRestored)) return dropped.map((uid) => `${uid}.pending`);
  throw new SluiceError('STATE_INCOMPATIBLE', {
    message: `the state holds rows that sink ${[...changed, ...dropped].join(', ')} had not taken, and the plan does not write them into the same table with the same columns`,
    hint: 'resume with the old statement until the rows are written',
    details: { changed, dropped },
  });
}

function tableOf(plan: Plan, uid: string): string {
  const node = sinksOf(plan).find((sink) => sink.uid === uid);
  return node === undefined ? '' : canonicalJson({ table: node.table, connector: node.connector, columns: node.columns.map(({ type }) => type) });
}

/** FIRE f+1 on the cut of the base, with just the rows that `sinks` lack; false if the log went on. */
export async function appendPendingFire(ports: Ports, job: Job, log: CoordinatorLog, replica: Replica, base: SavepointContent, sinks: readonly string[]): Promise<boolean> {
  const lacks = base.sinks.filter((sink) => sinks.includes(sink.uid));
  const f = fireNumber(base.position.f + 1);
  const previous = { ...replica.position.lastEmitted };
  const lastEmitted = { ...replica.position.lastEmitted };
  for (const { uid, position } of lacks) {
    lastEmitted[uid] = f;
    if (position === null) delete previous[uid];
    else previous[uid] = position.f;
  }
  const rows = Object.fromEntries(lacks.map((sink) => [sink.uid, sink.pendingRows ?? []]));
  const result = { ...(await storeResult(ports, job, replica.head.entry.seq + 1, rows)), previous, repeats: lacks[0]?.pendingOf ?? { job: base.job, g: base.generation, f: base.position.f } };
  const position = { ...replica.position, f, lastEmitted };
  const entry = log.next(replica.head, { kind: 'FIRE', position, result, barrier: null, checkpoints: [] });
  return (await log.append(replica.head, entry)).kind === 'appended';
}

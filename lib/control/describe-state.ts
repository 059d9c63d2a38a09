/** What the state of a job amounts to, state by state: whether it grows, how old it is, and what it costs to keep. */
import type { StageFlow } from '../core/dataflow.ts';
import type { Uid, WallTime } from '../core/numbers.ts';
import type { WindowState } from '../core/window/state.ts';
import { isFunctionState, type StageState } from '../core/stages.ts';
import type { StateKind } from '../core/plan.ts';
import { paneColumns } from '../core/window/pane.ts';
import type { States } from '../engine/firer/evaluate.ts';
import type { Replica } from '../engine/firer/replica.ts';
import type { Job } from '../engine/job.ts';
import type { ChunkRef } from '../engine/log/entries.ts';
import { openCoordinatorLog } from '../engine/log/logs.ts';
import type { Ports } from '../ports/ports.ts';
import { usdOf } from './prices.ts';

export interface StateUse {
  readonly name: string;
  /** `window`: the accumulators of all panes, as one state `acc`. */
  readonly kind: StateKind | 'window';
  /** Values, elements and entries; panes of a window. */
  readonly entries: number;
  /** Of their JSON before it is packed, without the keys that have them. */
  readonly bytes: number;
  /** When TTL began to count for the oldest item, epoch ms of processing time; null without a TTL or items. */
  readonly oldestAt: number | null;
  /** `monthlyUsd`, shared among all states of the job by their bytes; null without a checkpoint. */
  readonly monthlyUsd: number | null;
}

export interface TimersOf {
  readonly count: number;
  /** Epoch ms; null without timers. */
  readonly earliest: number | null;
}

export interface Timers {
  readonly event: TimersOf;
  readonly processing: TimersOf;
}

/** From the oldest checkpoint that is kept to the newest, of all states together: it tells what was, not what will be. */
export interface Growth {
  readonly from: WallTime;
  readonly to: WallTime;
  /** Keys and panes that came, less those that went. */
  readonly entries: number;
  /** Of the checkpoints as they are packed. */
  readonly bytes: number;
}

const GB = 1e9;

/**
 * A model: what the newest checkpoint holds, kept for a month where it lies, as items in DynamoDB and objects in S3. A checkpoint that changes is written
 * anew, and up to three are kept, whose unchanged chunks are the same ones: writes, and those copies, come on top.
 */
export const monthlyUsd = (chunks: readonly Pick<ChunkRef, 'store' | 'bytes'>[]): number =>
  chunks.reduce((usd, { store, bytes }) => usd + usdOf(store === 'chunks' ? 'dynamodbGbMonth' : 's3GbMonth', bytes / GB), 0);

/** The states of every stage, in the order of the plan. */
export function describeStates(stages: readonly StageFlow[], states: States, chunks: readonly ChunkRef[]): ReadonlyMap<Uid, readonly StateUse[]> {
  const uses = stages.map((flow): readonly [Uid, readonly Use[]] => [flow.uid, usesOf(flow, states.get(flow.uid))]);
  const bytes = uses.reduce((sum, [, of]) => sum + of.reduce((inner, use) => inner + use.bytes, 0), 0);
  const usd = chunks.length === 0 || bytes === 0 ? null : monthlyUsd(chunks) / bytes;
  return new Map(uses.map(([uid, of]) => [uid, of.map((use) => ({ ...use, monthlyUsd: usd === null ? null : usd * use.bytes }))]));
}

type Use = Omit<StateUse, 'monthlyUsd'>;

function usesOf(flow: StageFlow, state: StageState | undefined): readonly Use[] {
  if (state === undefined) return [];
  if (!isFunctionState(state)) return [{ name: 'acc', kind: 'window', entries: state.paneCount(), bytes: accumulatorBytes(state), oldestAt: null }];
  const sizes = state.sizes();
  const specs = flow.kind === 'function' ? flow.fn.states : [];
  return specs.flatMap(({ name, kind }, s) => sizes.slice(s, s + 1).map((size) => ({ name, kind, ...size })));
}

function accumulatorBytes(state: WindowState): number {
  let bytes = 0;
  for (const end of state.sliceEnds()) bytes += JSON.stringify(paneColumns(end, state.panesAt(end), state.aggregates).accumulators).length;
  return bytes;
}

/** Null for what has no timers. */
export function timersOf(state: StageState | undefined): Timers | null {
  if (state === undefined || !isFunctionState(state)) return null;
  const [event, processing] = [state.timerCount('event'), state.timerCount('processing')];
  return { event: { count: event, earliest: state.nextTimer('event') }, processing: { count: processing, earliest: state.nextTimer('processing') } };
}

/** Null where fewer than two checkpoints are kept. */
export async function growthOf(ports: Ports, job: Job, { head }: Replica): Promise<Growth | null> {
  const [newest, oldest] = [head.entry.checkpoints[0], head.entry.checkpoints.at(-1)];
  if (newest === undefined || oldest === undefined || newest.seq === oldest.seq) return null;
  const log = openCoordinatorLog(ports, job);
  const [from, to] = await Promise.all([log.get(oldest.seq), log.get(newest.seq)]);
  if (from?.kind !== 'CHECKPOINT' || to?.kind !== 'CHECKPOINT') return null;
  const total = (of: 'panes' | 'bytes'): number => sum(to.chunks, of) - sum(from.chunks, of);
  return { from: oldest.at, to: newest.at, entries: total('panes'), bytes: total('bytes') };
}

const sum = (chunks: readonly ChunkRef[], of: 'panes' | 'bytes'): number => chunks.reduce((all, chunk) => all + chunk[of], 0);

/** The constants of the protocol (§2.1), in ms, bytes and counts. Every one can be set per job, within its rules. */
import { parseDuration } from '../core/duration.ts';
import { SluiceError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const DEFAULTS = {
  /** Longest time between the strong read of a head and the answer to the append built on it (G1, G2). */
  headMaxAgeMs: 60 * SECOND,
  /** A process whose clock differs more from the store's appends nothing (K1). */
  clockSkewMaxMs: 5 * MINUTE,
  /** Lifetime of log entries; Infinity where the store does not expire them. */
  logTtlMs: 7 * DAY,
  logMarginMs: DAY,
  checkpointIntervalMs: MINUTE,
  checkpointRefreshMs: DAY,
  checkpointsRetained: 3,
  chunkMinTtlMs: 14 * DAY,
  chunkHorizonMs: 7 * DAY,
  chunkGraceMs: 7 * DAY,
  /** Age at which the lifecycle of the bucket deletes objects of the protocol (C4, T7). */
  blobLifecycleMs: 30 * DAY,
  /** A foreign FIRE without ACK is helped when it is this old (F9). */
  helpAfterMs: 10 * SECOND,
  /** How often the tick looks for partitions that topics have got or lost (11.7), and at the hint (F12). */
  upkeepIntervalMs: 5 * MINUTE,
  /** A sink that has not confirmed for this long is left pending by savepoints and stops (F14). */
  sinkGiveUpMs: 10 * MINUTE,
  /** Bounds of one FIRE (F13). */
  fireMaxEntries: 10_000,
  fireMaxRows: 1_000_000,
  /** Bound of the entries read but not yet covered by a FIRE; a full tail forces a cut. */
  tailMaxBytes: 16 * 1024 * 1024,
  spillInlineMax: 8 * 1024,
  resultInlineMax: 8 * 1024,
  chunkInlineMax: 64 * 1024,
  /** Bytes of one checkpoint that become items: one partition key takes 1,000 WRU/s (8.2). What is beyond becomes objects. */
  checkpointItemsMaxBytes: 1024 * 1024,
  /** A long step reads the coordinator head again when its knowledge is older than this. */
  rereadHeadAfterMs: 30 * SECOND,
} as const;

export type Settings = { readonly [K in keyof typeof DEFAULTS]: number };

/** Settings of a job: defaults of the place of execution, then the Flink options of the plan. */
export function settingsFor(plan: Plan, place: Partial<Settings> = {}): Settings {
  const interval = parseDuration(plan.options['execution.checkpointing.interval'] ?? '');
  const settings = { ...DEFAULTS, ...place, ...(interval === null ? {} : { checkpointIntervalMs: interval }) };
  checkSettings(settings);
  return settings;
}

/** The inequalities of §2.1; `outage` is a day at least. */
function checkSettings(s: Settings): void {
  const renewal = (s.checkpointsRetained + 1) * s.checkpointRefreshMs;
  const outlives = s.logTtlMs === Infinity || s.blobLifecycleMs > s.logTtlMs + s.chunkHorizonMs + DAY; // T7
  const holds = s.chunkHorizonMs >= renewal + DAY && s.logTtlMs - s.logMarginMs >= renewal && s.checkpointsRetained >= 2 && outlives;
  if (!holds) {
    throw new SluiceError('OPTION_INVALID', {
      message: 'retention is too short for the checkpoints that must survive it (protocol 2.1)',
      hint: 'raise LOG_TTL and CHUNK_HORIZON, or refresh checkpoints more often',
    });
  }
}

/** T2: age at which a quiet head is renewed. */
export const keepAfterMs = (s: Settings): number => s.logTtlMs / 3;

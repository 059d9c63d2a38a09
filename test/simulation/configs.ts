/** The one table of configurations: what happens in a run, and how often. */
import type { Settings } from '../../lib/engine/settings.ts';
import type { Delays } from './calls.ts';
import { TUMBLE, type Shape } from './shape.ts';
import { DYNAMODB, type Limits } from './stores.ts';

export interface Config {
  readonly shape: Shape;
  /** Per topic. */
  readonly partitions: number;
  readonly records: number;
  /** Mean time between two records, ms. */
  readonly everyMs: number;
  /** Event time runs back by at most this many seconds; above 5 some rows are late. */
  readonly disorderS: number;
  /** Probability of a fault per request; the surroundings follow it. */
  readonly faultRate: number;
  readonly firers: number;
  /** Pollers of the event source; partitions move between them. */
  readonly pollers: number;
  readonly workflows: boolean;
  /** Longest time for which sinks take no rows, ms; 0: never. */
  readonly sinkOutageMs: number;
  /** Wall clocks are wrong by up to this many ms. */
  readonly skewMs: number;
  readonly delays: Delays;
  readonly limits: Limits;
  readonly settings: Partial<Settings>;
}

/** Small, so that a run of a minute spills, splits and checkpoints; entries live for ever. */
const SMALL: Partial<Settings> = {
  tailMaxBytes: 4000,
  spillInlineMax: 300,
  resultInlineMax: 200,
  chunkInlineMax: 400,
  logTtlMs: Infinity,
  checkpointIntervalMs: 5000,
};

const BASE: Config = {
  shape: { sources: [{ topics: ['events'], idleTimeoutMs: 0, isOnEvent: false }], operators: [{ window: TUMBLE, latenessMs: 0, sources: [0] }] },
  partitions: 2,
  records: 60,
  everyMs: 300,
  disorderS: 30,
  faultRate: 0.04,
  firers: 2,
  pollers: 2,
  workflows: false,
  sinkOutageMs: 0,
  skewMs: 0,
  delays: { zombieMs: 0, stopClocks: false, hasServerClock: true },
  limits: DYNAMODB,
  settings: SMALL,
};

export const CONFIGS = {
  base: BASE,
  stormy: { ...BASE, partitions: 3, disorderS: 90, faultRate: 0.15, firers: 3, sinkOutageMs: 200_000 },
  workflows: { ...BASE, records: 80, workflows: true, sinkOutageMs: 200_000 },
} satisfies Record<string, Config>;

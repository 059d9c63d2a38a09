/** The one table of configurations: what happens in a run, and how often. */
import type { WindowSpec } from '../../lib/core/plan.ts';
import type { Settings } from '../../lib/engine/settings.ts';
import type { Delays } from './calls.ts';
import type { Clocks } from './process.ts';
import { REQUEST_FAULTS } from './faults.ts';
import type { FunctionName } from './functions.ts';
import { TUMBLE, type FunctionShape, type OperatorShape, type Shape, type SourceShape, type WindowShape } from './shape.ts';
import { DYNAMODB, type Limits } from './stores.ts';
import type { Command } from './workflows.ts';

export interface Calendar {
  readonly bursts: number;
  /** At most so many days pass between two of them. */
  readonly quietDays: number;
  /** At most so many days pass without a firer. */
  readonly outageDays: number;
  /** Pauses of actors are so many times as long in quiet days. */
  readonly pace: number;
}

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
  /** Share of records in front of which offsets hold nothing: markers of transactions (W7). */
  readonly markers: number;
  /** Share of records that nobody can take in (W10). */
  readonly poison: number;
  /** Records come in bursts to one partition after the other; the last one gets none. */
  readonly bursts: boolean;
  /** Quiet days between bursts of records; null: the run takes minutes. */
  readonly calendar: Calendar | null;
  /** Outages last longer than the lifetimes allow: a job may fail, and has to say so. */
  readonly mayFail: boolean;
  /** Operators per job, and what they do. */
  readonly operators: number;
  readonly commands: readonly Command[];
  /** Every other resume lets the TTL of state wait. */
  readonly pausesTtl: boolean;
  /** Probability, per record, that a topic gets one more partition. */
  readonly growth: number;
  /** Probability, per record, that a partition loses its oldest half. */
  readonly topicRetention: number;
  /** Probability that a topic is created again at the end. */
  readonly topicReplaced: number;
  /** Share of failed invocations whose batches the event source bisects. */
  readonly bisect: number;
  /** Longest time for which sinks take no rows, ms; 0: never. */
  readonly sinkOutageMs: number;
  readonly clocks: Clocks;
  readonly delays: Delays;
  readonly limits: Limits;
  readonly settings: Partial<Settings>;
  /** Counters of the coverage that must not stay 0 in 30 seeds: what the configuration is for. */
  readonly shows: readonly string[];
}

/** Every configuration with faults. */
const FAULTS: readonly string[] = ['fires', 'rows', 'loads', 'helpedEmission', 'crash:firer', 'crash:writer', ...REQUEST_FAULTS, 'invocationKilled', 'invocationZombie', 'rebalance', 'redelivery', 'staleCommit', 'tornPage'];
const LATE: readonly string[] = [...FAULTS, 'late'];

/** Small, so that a run of a minute spills, splits and checkpoints; entries live for ever. */
const SMALL: Partial<Settings> = {
  tailMaxBytes: 4000,
  spillInlineMax: 300,
  resultInlineMax: 200,
  chunkInlineMax: 400,
  logTtlMs: Infinity,
  checkpointIntervalMs: 5000,
};

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const CLOCK_SKEW_MAX_MS = 290 * SECOND;
const DAY = 86_400 * SECOND;
/** With the lifetimes of the protocol (§2.1). */
const { logTtlMs: _, ...EXPIRING } = SMALL;
const EVENTS: SourceShape = { topics: ['events'], idleTimeoutMs: 0, isOnEvent: false };
const HOP: WindowSpec = { kind: 'hop', sizeMs: 60 * SECOND, slideMs: 20 * SECOND, offsetMs: 0 };
const CUMULATE: WindowSpec = { kind: 'cumulate', sizeMs: 120 * SECOND, stepMs: 30 * SECOND, offsetMs: 0 };
const MINUTES: WindowSpec = { kind: 'tumble', sizeMs: 120 * SECOND, offsetMs: 0 };
const SESSION: WindowSpec = { kind: 'session', gapMs: 25 * SECOND };

const counting = (window: WindowSpec, latenessMs = 0): WindowShape => ({ kind: 'window', window, latenessMs, sources: [0] });
const calling = (name: FunctionName, sources: readonly number[] = [0]): FunctionShape => ({ kind: 'function', name, sources });
/** The same in the writer: keys belong to partitions. */
const within = (name: FunctionName): FunctionShape => ({ ...calling(name), within: true });
const over = (operator: OperatorShape, source = EVENTS): Shape => ({ sources: [source], operators: [operator] });

const BASE: Config = {
  shape: over(counting(TUMBLE)),
  partitions: 2,
  records: 60,
  everyMs: 300,
  disorderS: 60,
  faultRate: 0.04,
  firers: 2,
  pollers: 2,
  markers: 0,
  poison: 0,
  bursts: false,
  calendar: null,
  mayFail: false,
  operators: 0,
  commands: [],
  pausesTtl: false,
  growth: 0,
  topicRetention: 0,
  topicReplaced: 0,
  bisect: 0,
  sinkOutageMs: 0,
  clocks: { skewMs: 0, broken: 0, stop: false, hasServer: true },
  delays: { zombieMs: 0 },
  limits: DYNAMODB,
  settings: SMALL,
  shows: LATE,
};

const RETENTION: Config = {
  ...BASE,
  records: 48,
  calendar: { bursts: 4, quietDays: 6, outageDays: 3, pace: 40_000 },
  sinkOutageMs: 6.6 * DAY,
  delays: { zombieMs: 9 * DAY },
  settings: EXPIRING,
  shows: [...FAULTS, 'sinkOutage', 'firerOutage', 'ghosts', 'deleted:entry', 'deleted:chunk', 'entry:RENEW', 'entry:KEEP', 'refreshedChunks'],
};

const WORKFLOWS: Config = {
  ...BASE,
  records: 50,
  everyMs: 800,
  operators: 2,
  commands: ['savepoint', 'savepoint', 'stop', 'cancel', 'restore'],
  sinkOutageMs: 200_000,
  shows: [...FAULTS, 'sinkOutage', 'crash:operator', 'workflow:savepoint', 'workflow:restore', 'ended:FINISHED', 'ended:CANCELED', 'resume:savepoint', 'resume:last-state', 'refused:JOB_BUSY'],
};

/** Functions, stopped and resumed. */
const PROCESS: Config = {
  ...WORKFLOWS,
  shape: over(calling('count')),
  disorderS: 60,
  shows: [...FAULTS, 'crash:operator', 'sideOutput', 'workflow:savepoint', 'savepoints', 'resume:savepoint', 'resume:last-state', 'ended:FINISHED'],
};
const TIMERS: readonly string[] = ['timer:event', 'timer:processing', 'timer:deleted'];

export const CONFIGS = {
  base: BASE,
  stormy: { ...BASE, partitions: 3, disorderS: 90, faultRate: 0.15, firers: 3, sinkOutageMs: 200_000, limits: { ...DYNAMODB, pageBytes: 3000, writesPerSecond: 4 }, shows: [...LATE, 'sinkOutage', 'overCapacity'] },
  workflows: WORKFLOWS,
  forks: { ...WORKFLOWS, settings: { ...SMALL, fireMaxEntries: 4, fireMaxRows: 6 }, commands: ['savepoint', 'savepoint', 'fork', 'stop', 'cancel', 'drain'], shows: [...FAULTS, 'forked', 'workflow:drain', 'ended:FINISHED'] },
  givingUp: { ...WORKFLOWS, sinkOutageMs: 40_000, settings: { ...SMALL, sinkGiveUpMs: 4 * SECOND }, commands: ['savepoint', 'savepoint', 'stop', 'stop', 'restore', 'fork', 'drain'], shows: [...FAULTS, 'sinkOutage', 'pendingCheckpoint', 'handedOver'] },
  growth: { ...WORKFLOWS, growth: 0.03, commands: ['savepoint', 'stop', 'cancel', 'restore'], shows: [...FAULTS, 'newPartition', 'entry:REG', 'resume:savepoint'] },
  hop: { ...BASE, shape: over(counting(HOP)), disorderS: 150 },
  cumulate: { ...BASE, shape: over(counting(CUMULATE)), disorderS: 60 },
  session: { ...BASE, shape: over(counting(SESSION)), disorderS: 60 },
  lateness: { ...BASE, shape: over(counting(TUMBLE, 60 * SECOND)), disorderS: 150 },
  onEvent: { ...BASE, shape: over(counting(TUMBLE), { ...EVENTS, isOnEvent: true }), disorderS: 60 },
  onEventSession: { ...BASE, shape: over(counting(SESSION), { ...EVENTS, isOnEvent: true }), partitions: 1, disorderS: 60 },
  sources: {
    ...BASE,
    disorderS: 150,
    shape: {
      sources: [EVENTS, { ...EVENTS, topics: ['others', 'events'], idleTimeoutMs: 3000 }],
      operators: [{ ...counting(TUMBLE), sources: [0, 1] }, counting(HOP)],
    },
  },
  idle: { ...BASE, shape: over(counting(TUMBLE), { ...EVENTS, idleTimeoutMs: 3000 }), partitions: 3, bursts: true, clocks: { skewMs: 60 * SECOND, broken: 0, stop: true, hasServer: false } },
  gaps: { ...BASE, faultRate: 0.08, markers: 0.2, bisect: 0.3, shows: [...LATE, 'bisect', 'refused:GAP'] },
  topicRetention: { ...WORKFLOWS, operators: 1, commands: ['savepoint'], topicRetention: 0.02, shows: [...FAULTS, 'topicRetention', 'refused:OFFSET_GAP', 'skippedGap'] },
  topicReplaced: { ...BASE, topicReplaced: 0.9, shows: [...FAULTS, 'topicReplaced', 'refused:TOPIC_RECREATED'] },
  /** Windows over windows: what fires is taken in before the next ones fire, in the same step. */
  cascade: {
    ...WORKFLOWS,
    disorderS: 150,
    shape: { sources: [EVENTS], operators: [counting(HOP), { ...counting(MINUTES), after: 0 }, { ...counting(SESSION), after: 1 }] },
    shows: [...LATE, 'workflow:savepoint', 'resume:savepoint', 'resume:last-state', 'ended:FINISHED'],
  },
  cascadeOnEvent: { ...BASE, shape: { sources: [{ ...EVENTS, isOnEvent: true }], operators: [counting(TUMBLE), { ...counting(CUMULATE), after: 0 }] }, disorderS: 60 },
  /** No window: every row is a change, in the order of its partition. */
  groups: { ...WORKFLOWS, shape: over(counting({ kind: 'unbounded' })), shows: [...FAULTS, 'crash:operator', 'workflow:savepoint', 'resume:savepoint', 'resume:last-state', 'ended:FINISHED'] },
  sort: {
    ...WORKFLOWS,
    disorderS: 60,
    shape: over({ ...counting({ kind: 'tumble', sizeMs: 1, offsetMs: 0 }), inOrder: true }),
    shows: [...LATE, 'crash:operator', 'workflow:savepoint', 'resume:savepoint', 'resume:last-state', 'ended:FINISHED'],
  },
  sortOnEvent: { ...BASE, shape: over({ ...counting({ kind: 'tumble', sizeMs: 1, offsetMs: 0 }), inOrder: true }, { ...EVENTS, isOnEvent: true }), disorderS: 60 },
  limit: {
    ...WORKFLOWS,
    partitions: 3,
    shape: over({ ...counting({ kind: 'unbounded' }), limit: { offset: 5, count: 25 } }),
    shows: [...FAULTS, 'crash:operator', 'workflow:savepoint', 'resume:savepoint', 'resume:last-state', 'ended:FINISHED'],
  },
  /** Rows without a window reach the bound of a FIRE in the middle of what is there. */
  groupsBounded: { ...BASE, shape: over(counting({ kind: 'unbounded' })), partitions: 3, settings: { ...SMALL, fireMaxRows: 4 }, shows: FAULTS },
  costs: { ...BASE, faultRate: 0, firers: 1, pollers: 1, shows: ['fires', 'rows', 'late', 'loads', 'sandboxes', 'batches'] },
  ordered: {
    ...WORKFLOWS,
    disorderS: 5,
    shape: { sources: [EVENTS], operators: [counting(HOP), counting(SESSION), counting(CUMULATE)] },
    shows: [...FAULTS, 'ended:FINISHED', 'resume:savepoint', 'resume:last-state', 'batchCompared'],
  },
  retention: RETENTION,
  /**
   * Outages that nobody promises to survive: what is lost is named, and what can be resumed goes on. That a firer itself loads what has expired is too rare to be
   * asked for: 2 in 450 seeds.
   */
  lost: {
    ...RETENTION,
    sinkOutageMs: 0,
    calendar: { bursts: 4, quietDays: 12, outageDays: 12, pace: 90_000 },
    mayFail: true,
    operators: 1,
    commands: ['savepoint'],
    shows: [...FAULTS, 'firerOutage', 'failed:LOG_EXPIRED', 'failed:absent', 'unusable:LOG_EXPIRED', 'resume:savepoint'],
  },
  /** Short lives, long freezes: appends land in places that expiry has freed. */
  ghosts: {
    ...RETENTION,
    records: 24,
    faultRate: 0.06,
    sinkOutageMs: 0,
    firers: 3,
    calendar: { bursts: 3, quietDays: 2, outageDays: 0, pace: 9000 },
    delays: { zombieMs: 3 * DAY },
    settings: { ...EXPIRING, logTtlMs: 12 * HOUR, logMarginMs: 2 * HOUR, checkpointRefreshMs: HOUR, checkpointsRetained: 2, chunkHorizonMs: 30 * HOUR, chunkMinTtlMs: 60 * HOUR, chunkGraceMs: DAY },
    shows: [...FAULTS, 'ghosts', 'deleted:entry'],
  },
  clocks: { ...RETENTION, sinkOutageMs: 0, clocks: { skewMs: CLOCK_SKEW_MAX_MS, broken: 0, stop: true, hasServer: true }, shows: [...FAULTS, 'stoppedClock'] },
  beyondSkew: { ...BASE, clocks: { skewMs: CLOCK_SKEW_MAX_MS, broken: 0.3, stop: false, hasServer: true }, shows: [...LATE, 'step:CLOCK_SKEW'] },
  onEventIdle: { ...BASE, shape: over(counting(TUMBLE), { ...EVENTS, isOnEvent: true, idleTimeoutMs: 3000 }), partitions: 3, bursts: true, disorderS: 60, shows: BASE.shows.filter((what) => what !== 'helpedEmission') },
  /** Everything spills, and no FIRE takes more than a few entries and rows. */
  bounds: { ...BASE, shape: over(counting(HOP)), partitions: 3, faultRate: 0.15, firers: 3, settings: { ...SMALL, spillInlineMax: 0, resultInlineMax: 0, fireMaxRows: 4, fireMaxEntries: 12 }, shows: FAULTS },
  sourcesIdle: {
    ...BASE,
    disorderS: 150,
    bursts: true,
    shape: {
      sources: [{ ...EVENTS, idleTimeoutMs: 3000 }, { ...EVENTS, topics: ['others'], idleTimeoutMs: 3000 }],
      operators: [{ ...counting(TUMBLE), sources: [0, 1] }, counting(HOP)],
    },
  },
  sourcesWorkflows: {
    ...WORKFLOWS,
    settings: { ...SMALL, sinkGiveUpMs: 20_000 },
    shape: {
      sources: [{ ...EVENTS, idleTimeoutMs: 3000 }, { ...EVENTS, topics: ['others'], idleTimeoutMs: 3000 }],
      operators: [{ ...counting(TUMBLE), sources: [0, 1] }],
    },
  },
  /** Records that nobody can take in, with a table for them that is away at times. */
  poison: {
    ...WORKFLOWS,
    records: 36,
    poison: 0.3,
    shape: { ...over(counting(TUMBLE)), hasDeadLetters: true },
    sinkOutageMs: 40_000,
    settings: { ...SMALL, sinkGiveUpMs: 4 * SECOND },
    commands: ['savepoint', 'savepoint', 'stop', 'stop', 'cancel'],
    shows: [...FAULTS, 'sinkOutage', 'pendingCheckpoint', 'handedOver', 'deadLetters', 'deadLettersCompared', 'ended:FINISHED', 'resume:savepoint', 'resume:last-state'],
  },
  poisonForks: {
    ...WORKFLOWS,
    records: 30,
    poison: 0.3,
    shape: { sources: [EVENTS, { ...EVENTS, topics: ['others', 'events'] }], operators: [{ ...counting(SESSION), sources: [0, 1] }], hasDeadLetters: true },
    settings: { ...SMALL, fireMaxEntries: 20, fireMaxRows: 6 },
    commands: ['savepoint', 'savepoint', 'restore', 'fork', 'stop', 'drain'],
    shows: [...FAULTS, 'forked', 'deadLetters', 'resume:savepoint'],
  },
  /** Every kind of state. */
  process: PROCESS,
  timers: { ...PROCESS, disorderS: 90, shape: over(calling('time')), commands: ['savepoint', 'stop', 'cancel', 'restore', 'drain'], shows: [...PROCESS.shows, ...TIMERS] },
  /** Timers are rows: their times bound a FIRE. */
  timersBounded: { ...BASE, shape: over(calling('time')), partitions: 3, settings: { ...SMALL, fireMaxRows: 3, fireMaxEntries: 12 }, shows: [...FAULTS, 'sideOutput', ...TIMERS] },
  processOnEvent: { ...BASE, shape: over(calling('time'), { ...EVENTS, isOnEvent: true }), disorderS: 60, shows: [...FAULTS, 'sideOutput', ...TIMERS] },
  failingCalls: { ...PROCESS, shape: { ...over(calling('falter')), skipsFailures: true }, shows: [...PROCESS.shows, ...TIMERS, 'failedCall'] },
  ttl: { ...PROCESS, shape: over(calling('expire')), pausesTtl: true, shows: [...PROCESS.shows, 'pausedTtl', 'timer:processing', 'expired:shown', 'expired:hidden', 'expired:element', 'expired:cleanedUp'] },
  /** What functions fail on, of keys and of partitions, beside records that nobody can take in. */
  functionLetters: {
    ...PROCESS,
    records: 40,
    poison: 0.1,
    shape: { ...over(calling('falter')), operators: [calling('falter'), calling('sift'), { ...calling('falter'), after: 0 }], hasDeadLetters: true },
    settings: { ...SMALL, sinkGiveUpMs: 4 * SECOND },
    commands: ['savepoint', 'savepoint', 'stop', 'stop', 'cancel'],
    shows: [...PROCESS.shows, ...TIMERS, 'sinkOutage', 'deadLetters', 'deadLettersCompared', 'failedCall', 'redone'],
  },
  /** State of source partitions, some of which come while the job runs; lists of all of them meet in every restore. */
  partitionState: {
    ...PROCESS,
    shape: { sources: [EVENTS, { ...EVENTS, topics: ['others', 'events'], idleTimeoutMs: 3000 }], operators: [calling('sift', [0, 1]), { ...calling('count'), after: 0 }], skipsFailures: true },
    growth: 0.03,
    commands: ['savepoint', 'savepoint', 'stop', 'restore', 'fork', 'fork'],
    shows: [...PROCESS.shows, 'forked', 'newPartition', 'restored', 'restored:newPartition', 'failedCall', 'redone'],
  },
  partitionStateOnEvent: { ...BASE, shape: over(calling('gather'), { ...EVENTS, isOnEvent: true }), disorderS: 60, shows: [...FAULTS, 'sideOutput'] },
  /** Functions in the writer: every kind of state, with functions and windows below. */
  within: {
    ...PROCESS,
    partitions: 3,
    disorderS: 150,
    shape: { sources: [EVENTS], operators: [within('count'), { ...counting(TUMBLE), after: 0 }, { ...calling('count'), after: 0 }] },
    commands: ['savepoint', 'savepoint', 'stop', 'cancel', 'restore', 'fork'],
    shows: [...PROCESS.shows, 'within:rows', 'forked'],
  },
  withinTimers: { ...PROCESS, partitions: 3, disorderS: 90, shape: over(within('timeWithin')), commands: ['savepoint', 'stop', 'cancel', 'restore', 'drain'], shows: [...PROCESS.shows, ...TIMERS, 'within:rows', 'within:time', 'entry:TIME'] },
  withinTtl: { ...PROCESS, partitions: 3, shape: over(within('expire')), pausesTtl: true, clocks: { skewMs: CLOCK_SKEW_MAX_MS, broken: 0, stop: true, hasServer: true }, shows: [...PROCESS.shows, 'pausedTtl', 'timer:processing', 'expired:shown', 'expired:hidden', 'expired:element', 'expired:cleanedUp', 'entry:TIME'] },
  withinSkips: { ...PROCESS, shape: { ...over(within('falterWithin')), skipsFailures: true }, shows: [...PROCESS.shows, ...TIMERS, 'failedCall', 'entry:TIME'] },
  withinLetters: {
    ...PROCESS,
    poison: 0.1,
    shape: { ...over(within('falterWithin')), hasDeadLetters: true },
    commands: ['savepoint', 'savepoint', 'stop', 'stop', 'cancel'],
    shows: [...PROCESS.shows, ...TIMERS, 'failedCall', 'deadLetters', 'deadLettersCompared', 'entry:TIME'],
  },
  withinStormy: {
    ...BASE,
    shape: over(within('timeWithin')),
    partitions: 3,
    disorderS: 90,
    faultRate: 0.15,
    firers: 3,
    sinkOutageMs: 200_000,
    limits: { ...DYNAMODB, pageBytes: 3000, writesPerSecond: 4 },
    settings: { ...SMALL, spillInlineMax: 0, fireMaxEntries: 12 },
    shows: [...FAULTS, 'sinkOutage', 'overCapacity', 'sideOutput', ...TIMERS, 'entry:TIME'],
  },
  /** Timers are rows, in entries as in FIREs. */
  withinBounded: { ...PROCESS, shape: over(within('timeWithin')), settings: { ...SMALL, fireMaxRows: 3, fireMaxEntries: 8 }, commands: ['savepoint', 'savepoint', 'stop', 'cancel', 'drain'], shows: [...PROCESS.shows, ...TIMERS, 'entry:TIME'] },
  /** A sink is away for less time than elsewhere: what waits for it has functions to run before a checkpoint covers it. */
  withinRetention: { ...RETENTION, shape: over(within('expire')), sinkOutageMs: 5 * DAY, shows: [...RETENTION.shows.filter((what) => what !== 'firerOutage'), 'sideOutput', 'entry:TIME'] },
  /** Two streams by key, each a source of its own. */
  connected: {
    ...PROCESS,
    disorderS: 60,
    shape: { sources: [EVENTS, { ...EVENTS, topics: ['others'], idleTimeoutMs: 3000 }], operators: [calling('join', [0, 1])] },
    shows: [...PROCESS.shows, 'timer:event', 'timer:processing'],
  },
  /** A function below a window, another below it, and a window below that one. */
  processCascade: {
    ...PROCESS,
    records: 32,
    disorderS: 150,
    shape: { sources: [EVENTS], operators: [counting(TUMBLE), { ...calling('time'), after: 0 }, { ...calling('count'), after: 1 }, { ...counting(TUMBLE), after: 1 }] },
    shows: [...PROCESS.shows, ...TIMERS, 'late'],
  },
} satisfies Record<string, Config>;

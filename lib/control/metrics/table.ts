/**
 * All metrics that Sluice tells of, once. Where Flink has one, it has Flink's name, scope and unit; REST, Prometheus and OpenTelemetry are made of this table,
 * and docs/metrics.md is held against it.
 */

/** As Flink's scopes: what a value is of. */
export type Scope = 'jobmanager' | 'job' | 'operator' | 'partition';

export interface Metric {
  readonly scope: Scope;
  /** A counter begins again at zero when its source does: the process, or the generation of the job. */
  readonly type: 'gauge' | 'counter' | 'text';
  readonly unit: 'ms' | 's' | 'bytes' | 'records' | 'rows' | 'offsets' | 'epoch ms' | 'epoch s' | 'event time' | 'usd' | 'count' | 'per second' | 'path';
  /** Absent: the name is Flink's, and so is what it says. */
  readonly own?: true;
  /** Labels beside those of the scope. */
  readonly labels?: readonly string[];
  /** Functions in AWS tell it to CloudWatch, under its name. */
  readonly cloudWatch?: true;
  readonly help: string;
}

/** What a process of `sluice up` sees of the jobs that it runs; there is no value where another one runs them. */
const SEEN = 'Counted by the process that runs the job.';

export const METRICS = {
  numRunningJobs: { scope: 'jobmanager', type: 'gauge', unit: 'count', help: 'Jobs that have not ended.' },
  jobs: { scope: 'jobmanager', type: 'gauge', unit: 'count', own: true, labels: ['status'], help: 'Jobs by status; ended ones have no other values.' },
  jobsLeftOut: { scope: 'jobmanager', type: 'gauge', unit: 'count', own: true, help: 'Jobs that run and have no values here: they are too many, or their logs could not be read.' },
  partitionsLeftOut: { scope: 'jobmanager', type: 'gauge', unit: 'count', own: true, help: 'Partitions that have no values of their own here: they are too many.' },
  readingAge: { scope: 'jobmanager', type: 'gauge', unit: 's', own: true, help: 'Age of the oldest reading of a job that values are from.' },

  uptime: { scope: 'job', type: 'gauge', unit: 'ms', help: 'Since the job was created; 0 while it does not run.' },
  runningTime: { scope: 'job', type: 'gauge', unit: 'ms', help: 'As uptime.' },
  restartingTime: { scope: 'job', type: 'gauge', unit: 'ms', help: 'Since the job was created, while something holds it up; else 0.' },
  numRestarts: { scope: 'job', type: 'counter', unit: 'count', help: `How often something held the job, or one of its partitions, up. ${SEEN}` },
  fullRestarts: { scope: 'job', type: 'counter', unit: 'count', help: 'How often the job was resumed: its generation.' },
  numberOfCompletedCheckpoints: { scope: 'job', type: 'counter', unit: 'count', help: `Checkpoints and savepoints that were completed. ${SEEN}` },
  numberOfFailedCheckpoints: { scope: 'job', type: 'counter', unit: 'count', help: `Savepoints that failed. ${SEEN}` },
  numberOfInProgressCheckpoints: { scope: 'job', type: 'gauge', unit: 'count', help: 'Stops with savepoint that are under way.' },
  lastCheckpointDuration: { scope: 'job', type: 'gauge', unit: 'ms', help: `How long the newest checkpoint took. ${SEEN}` },
  lastCheckpointSize: { scope: 'job', type: 'gauge', unit: 'bytes', help: 'What the newest checkpoint wrote: its chunks that the one before it has not.' },
  lastCheckpointFullSize: { scope: 'job', type: 'gauge', unit: 'bytes', help: 'Of the newest checkpoint, as it is packed.' },
  lastCheckpointExternalPath: { scope: 'job', type: 'text', unit: 'path', help: 'Of the newest savepoint.' },
  status: { scope: 'job', type: 'gauge', unit: 'count', own: true, labels: ['status'], help: '1 for the status that the job has.' },
  logEntries: { scope: 'job', type: 'counter', unit: 'count', own: true, help: 'Entries that the logs of the generation have taken: each was one write to the store at least.' },
  stateMonthlyCost: { scope: 'job', type: 'gauge', unit: 'usd', own: true, help: 'A model of what the state costs in AWS, kept for a month as it is.' },
  resumableUntil: { scope: 'job', type: 'gauge', unit: 'epoch s', own: true, help: 'Until when the job can be resumed from its last state; absent where that does not expire.' },

  numRecordsIn: { scope: 'operator', type: 'counter', unit: 'records', cloudWatch: true, help: `Records that a source has committed. ${SEEN}` },
  numRecordsInPerSecond: { scope: 'operator', type: 'gauge', unit: 'per second', help: `Of numRecordsIn, over the last minute. ${SEEN}` },
  numRecordsInErrors: { scope: 'operator', type: 'counter', unit: 'records', help: 'Bad records of a source that were left out, or went to the dead-letter table, since the generation began.' },
  numRecordsOut: { scope: 'operator', type: 'counter', unit: 'rows', cloudWatch: true, help: `Rows that a sink was given. ${SEEN}` },
  numRecordsOutPerSecond: { scope: 'operator', type: 'gauge', unit: 'per second', help: `Of numRecordsOut, over the last minute. ${SEEN}` },
  numLateRecordsDropped: { scope: 'operator', type: 'counter', unit: 'rows', cloudWatch: true, help: 'Rows that were too late for all of their windows.' },
  currentInputWatermark: { scope: 'operator', type: 'gauge', unit: 'event time', help: 'The watermark that the operator works by; the least `long` before there is one.' },
  currentOutputWatermark: { scope: 'operator', type: 'gauge', unit: 'event time', help: 'The watermark that a source gives to what is below it.' },
  watermarkLag: { scope: 'operator', type: 'gauge', unit: 'ms', cloudWatch: true, help: "From a source's watermark to now." },
  currentEmitEventTimeLag: { scope: 'operator', type: 'gauge', unit: 'ms', cloudWatch: true, help: 'Age of the newest record of a batch when it is committed, where functions run the job.' },
  pendingRecords: { scope: 'operator', type: 'gauge', unit: 'records', help: 'Records of the topics that a source has not committed yet: its lag.' },
  pendingBytes: { scope: 'operator', type: 'gauge', unit: 'bytes', help: 'The same where offsets are bytes: in files, and embedded topics.' },
  openWindows: { scope: 'operator', type: 'gauge', unit: 'count', own: true, help: 'Windows that have state and have not fired, of each slice the next one; all sessions count as one.' },
  stateEntries: { scope: 'operator', type: 'gauge', unit: 'count', own: true, help: 'Panes of windows, keys of a function.' },
  stateSize: { scope: 'operator', type: 'gauge', unit: 'bytes', own: true, help: 'Of the state as JSON, without its keys.' },
  timers: { scope: 'operator', type: 'gauge', unit: 'count', own: true, labels: ['time'], help: 'Timers of a function that are set, of event time and of processing time.' },
  failedRows: { scope: 'operator', type: 'counter', unit: 'rows', own: true, help: 'Rows that functions of the program failed on, and that were left out or are dead letters.' },

  nextOffset: { scope: 'partition', type: 'gauge', unit: 'offsets', own: true, help: 'First offset that is not committed.' },
  endOffset: { scope: 'partition', type: 'gauge', unit: 'offsets', own: true, help: 'Where the partition of the topic ends.' },
  lag: { scope: 'partition', type: 'gauge', unit: 'offsets', own: true, help: 'Offsets between the two.' },
  watermark: { scope: 'partition', type: 'gauge', unit: 'event time', own: true, help: 'Of the partition; the least `long` before there is one.' },
  idle: { scope: 'partition', type: 'gauge', unit: 'count', own: true, help: '1 while the partition is idle: it holds no watermark back.' },
  skippedRecords: { scope: 'partition', type: 'counter', unit: 'records', own: true, help: 'Bad records that were left out since the generation began.' },
  deadLetters: { scope: 'partition', type: 'counter', unit: 'records', own: true, help: 'Bad records that went to the dead-letter table since then.' },
  lostOffsets: { scope: 'partition', type: 'counter', unit: 'offsets', own: true, help: 'Offsets whose records the topic had removed before they were read.' },
  aheadRecords: { scope: 'partition', type: 'counter', unit: 'records', own: true, help: 'Records too far ahead of the clock to move the watermark.' },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;

export const metricOf = (name: MetricName): Metric => METRICS[name];

export const isMetricName = (name: string): name is MetricName => Object.hasOwn(METRICS, name);

/** All of them, in the order of the table. */
export const METRIC_NAMES: readonly MetricName[] = Object.keys(METRICS).filter(isMetricName);

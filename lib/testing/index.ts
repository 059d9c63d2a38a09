/** `sluice/testing`: functions and jobs in tests, without services, in milliseconds. It asks for no runner of tests: vitest, jest and node:test all do. */
export { coProcessHarness, processHarness, type CoProcessHarness, type ProcessHarness } from './process-harness.ts';
export { partitionHarness, type HarnessPartition, type PartitionHarness, type PartitionRestoreOptions } from './partition-harness.ts';
export type { FunctionHarness } from './function-harness.ts';
export type { Emitted, HarnessOptions, StepHarness } from './step-harness.ts';
export type { HeldValues } from './held-values.ts';
export type { HarnessSnapshot, RestoreOptions } from './snapshot.ts';
export { runJob, type JobRun, type ResumeOptions, type RunOptions, type SinkRow } from './job-run.ts';
export type { Records, RecordValue, TopicRecord } from './job-records.ts';

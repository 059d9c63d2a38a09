/** A job as a program defines it: `export default defineJob('fraud', (job) => { … })`. */
import type { Plan } from '../core/plan.ts';
import type { Code } from '../core/process/code.ts';
import type { Surroundings } from '../sql/plan-catalog.ts';
import { buildJob } from './build.ts';
import type { JobBuilder } from './job.ts';

export interface JobDefinition {
  readonly name: string;
  /** The plan, the same whenever it is built, and the functions that its nodes call. Throws JOB_DEFINITION, and what SQL throws. */
  build(surroundings?: Surroundings): BuiltJob;
}

export interface BuiltJob {
  readonly plan: Plan;
  readonly code: Code;
  /** What the program had better say, one sentence each. */
  readonly warnings: readonly string[];
}

export interface JobOptions {
  /** What SET puts in force in SQL: `{ 'execution.checkpointing.interval': '10 s' }`. */
  readonly options?: Readonly<Record<string, string>>;
}

/** Calls `define` whenever the job is built; it says what the job does, and does nothing else. */
export function defineJob(name: string, define: (job: JobBuilder) => void): JobDefinition;
export function defineJob(name: string, options: JobOptions, define: (job: JobBuilder) => void): JobDefinition;
export function defineJob(name: string, options: JobOptions | ((job: JobBuilder) => void), define?: (job: JobBuilder) => void): JobDefinition {
  const [given, program] = typeof options === 'function' ? [{}, options] : [options, define];
  return { name, build: (surroundings = HERE) => buildJob(name, given, program, surroundings) };
}

/** Paths are as the program writes them. */
const HERE: Surroundings = { warehouse: '', resolvePath: (path) => path };

/** What the REST API needs of a platform. Every place that runs jobs implements it once. */
import type { JobId } from '../../core/numbers.ts';
import type { Plan } from '../../core/plan.ts';
import type { DeadLetterItem } from '../../engine/dead-letters.ts';
import type { Settings } from '../../engine/settings.ts';
import type { Codec, Runtime } from '../../ports/runtime.ts';
import type { JobDescription } from '../describe.ts';
import type { OffsetUnit } from '../offset-unit.ts';
import type { PlanDiff, WantedResume } from '../plan-diff.ts';
import type { Progress } from '../progress.ts';
import type { SqlSession } from '../session.ts';
import type { Standing } from '../standing.ts';
import type { JobSummary } from '../summary.ts';

export interface PlannedJob {
  readonly planHash: string;
  readonly plan: Plan;
  readonly settings: Settings;
}

export interface ControlPlane {
  readonly runtime: Runtime;
  readonly codec: Codec;
  /** Whether what the store does costs money. */
  readonly isPaid: boolean;
  /** What offsets of topics count. */
  readonly offsets: OffsetUnit;
  /** Where savepoints go that name no directory, of jobs that name none; null: nowhere. */
  readonly savepoints: string | null;
  /** What a path or URL of a user means in every process. Throws OPTION_INVALID. */
  readonly absolute: (path: string) => string;
  /** A session of SQL, with the options that are in force before the first SET. Throws OPTION_INVALID. */
  readonly openSession: (properties: Readonly<Record<string, string>>) => SqlSession;
  /** All jobs, oldest first. */
  jobs(): Promise<readonly JobSummary[]>;
  /** Throws JOB_UNKNOWN. */
  job(id: JobId): Promise<JobSummary>;
  /** One job with what its logs hold, which is read for it. Throws JOB_UNKNOWN. */
  describe(id: JobId): Promise<JobDescription>;
  /** Where the job stands, which is cheap to ask; null before it has begun. Throws JOB_UNKNOWN. */
  standing(id: JobId): Promise<Standing | null>;
  /** What is being done to the job. Throws JOB_UNKNOWN. */
  progress(id: JobId): Promise<Progress>;
  /** The last dead letter of each partition, and how many there were, of the generation that runs, or ran last. Throws JOB_UNKNOWN. */
  deadLetters(id: JobId): Promise<readonly DeadLetterItem[]>;
  /** What the job runs now, or ran last. Throws JOB_UNKNOWN. */
  plan(id: JobId): Promise<PlannedJob>;
  /** Takes a savepoint below `directory` and returns its location; the job goes on. A `trigger` that is repeated is the same savepoint. */
  savepoint(id: JobId, directory: string, trigger: string): Promise<string>;
  /** Ends a job behind a savepoint below `directory` and returns its location; with `drain` all windows fire before it. */
  stop(id: JobId, directory: string, drain: boolean, trigger: string): Promise<string>;
  /** Lets a job go on, and returns the state that was dropped on the way. A `trigger` that is repeated is the same resume. */
  resume(id: JobId, wanted: WantedResume, trigger: string): Promise<readonly string[]>;
  /** What would become of the job's state; nothing is done. Throws JOB_UNKNOWN, SAVEPOINT_NOT_FOUND. */
  planDiff(id: JobId, wanted: WantedResume): Promise<PlanDiff>;
  /** Takes a checkpoint and returns its number. */
  checkpoint(id: JobId, trigger: string): Promise<number>;
  /** Ends a job; its last state stays. */
  cancel(id: JobId): Promise<void>;
  /** Deletes the savepoint at a location. Throws SAVEPOINT_NOT_FOUND. */
  dispose(location: string): Promise<void>;
}

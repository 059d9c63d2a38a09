/** What would become of a job's state if it went on from somewhere, with the plan that it has or with another one. Nothing is done. */
import { isError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import type { Plan } from '../core/plan.ts';
import { failureOf, programOf, readControl, readPlan, type Failure, type Workshop } from '../engine/lifecycle/job-control.ts';
import { checkResume } from '../engine/lifecycle/start.ts';
import { compareState, comparisonLines, verdictOf, type Comparison, type Verdict } from '../savepoint/compatibility.ts';
import { statesDeclaredIn } from '../savepoint/function-compatibility.ts';
import { locationOf } from '../savepoint/location.ts';
import { describeSavepoint } from '../savepoint/verify.ts';

export interface WantedResume {
  /** An absolute location; null: the last state. */
  readonly savepoint: string | null;
  /** Null: the one that the job has. */
  readonly plan: Plan | null;
  readonly allowNonRestored: boolean;
  readonly allowOffsetGap: boolean;
}

export interface PlanDiff extends Comparison {
  /** A savepoint, or null for the last state. */
  readonly from: string | null;
  /** Of the job with the next plan. */
  readonly name: string;
  readonly verdict: Verdict;
  /** The comparison for people: a line for each state. */
  readonly lines: readonly string[];
  /** What else keeps the resume from beginning now: records that are gone, a savepoint that was drained, a job that runs. */
  readonly warnings: readonly Failure[];
}

/** Throws JOB_UNKNOWN, SAVEPOINT_NOT_FOUND and what else keeps the savepoint from being read. */
export async function planDiff(workshop: Workshop, id: JobId, wanted: WantedResume): Promise<PlanDiff> {
  const { control } = await readControl(workshop.ports, id);
  const saved = wanted.savepoint === null ? await readPlan(workshop.ports, id, control.begun?.planHash ?? control.planHash) : await savedPlan(workshop, wanted.savepoint);
  const next = wanted.plan ?? (await readPlan(workshop.ports, id, control.planHash));
  const comparison = compareState(saved, next, statesDeclaredIn(await programOf(workshop, next)));
  return { from: wanted.savepoint, name: next.name, verdict: verdictOf(comparison), ...comparison, lines: comparisonLines(comparison), warnings: await warningsOf(workshop, id, wanted) };
}

async function savedPlan({ ports }: Workshop, savepoint: string): Promise<Plan> {
  const path = locationOf(savepoint);
  return (await describeSavepoint({ blob: ports.openDirectory(path), codec: ports.codec }, path)).plan;
}

/** The comparison tells of the state already. */
async function warningsOf(workshop: Workshop, id: JobId, wanted: WantedResume): Promise<Failure[]> {
  try {
    await checkResume(workshop, id, { ...wanted, allowNonRestored: true });
    return [];
  } catch (error) {
    if (!isError(error)) throw error;
    return error.code === 'STATE_INCOMPATIBLE' ? [] : [failureOf(error)];
  }
}

/**
 * What becomes of a job that shall run another plan, before anything is done (protocol V2, 11.5 step 1): an upgrade is a stop with savepoint and a
 * resume with the new plan, whose every failure before RUNNING lets the old plan go on.
 */
import { SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import type { Plan } from '../../core/plan.ts';
import { assertCompatible, canTakeOver, compareState, comparisonLines, verdictOf, type Comparison } from '../../savepoint/compatibility.ts';
import { statesDeclaredIn } from '../../savepoint/function-compatibility.ts';
import { recognize } from '../../savepoint/recognition.ts';
import { isFinal, planHashOf, programOf, readControl, readPlan, workshopFor, type JobControl, type Workshop } from './job-control.ts';
import { busy } from './operation.ts';
import { resolveTopics } from './start.ts';

export type UpgradeCheck =
  /** The job runs this plan, if under other uids. */
  | { readonly kind: 'same' }
  /** The new plan takes over the state of the running job. */
  | { readonly kind: 'upgrade'; readonly comparison: Comparison }
  /** The job has ended: it is resumed from the savepoint that its stop left, else (null) from its last state. */
  | { readonly kind: 'restart'; readonly comparison: Comparison; readonly savepoint: string | null }
  /** The plan before the last upgrade, which cannot take over what has become of its state: it goes back to where that upgrade began. */
  | { readonly kind: 'revert'; readonly savepoint: string };

export interface UpgradeRules {
  readonly allowNonRestored: boolean;
  /** The plan may be that of a deployment which is taken back: only then, and soon, a job goes back in time. */
  readonly mayRevert: boolean;
}

/** Behind this an update that names an old plan is no rollback: a deployment has come to its end. */
const REVERT_WITHIN_MS = 6 * 3600 * 1000;

/** Throws STATE_INCOMPATIBLE with the whole list, JOB_STATE, JOB_BUSY, or what is wrong with the topics of the plan. Nothing has changed. */
export async function checkUpgrade(given: Workshop, id: JobId, plan: Plan, rules: UpgradeRules): Promise<UpgradeCheck> {
  const { ports } = workshopFor(given, plan);
  const { control } = await readControl(ports, id);
  if (control.operation !== null) throw busy(id, control.operation);
  const { begun, replaced } = control;
  const runs = async (planHash: string): Promise<boolean> => {
    const stored = await readPlan(ports, id, planHash);
    return planHashOf(ports, asBuiltBy(recognize(stored, plan).plan, stored)) === planHash;
  };
  // What somebody has ended on purpose stays so; what has failed may run with new code.
  if (control.status !== 'FAILED' && (await runs(control.planHash))) return { kind: 'same' };
  if (begun === null) throw new SluiceError('JOB_STATE', { message: `job ${id} never ran: it has no state to go on from`, hint: 'submit it again' });
  await resolveTopics(ports, plan);
  const comparison = compareState(await readPlan(ports, id, begun.planHash), plan, statesDeclaredIn(await programOf(given, plan)));
  if (replaced !== null && !canTakeOver(verdictOf(comparison), rules) && (await runs(replaced.planHash))) {
    if (rules.mayRevert && ports.runtime.now() - replaced.at < REVERT_WITHIN_MS) return { kind: 'revert', savepoint: replaced.savepoint };
    throw wasReplaced(id, comparison, replaced.savepoint);
  }
  assertCompatible(comparison, rules);
  return isFinal(control.status) ? { kind: 'restart', comparison, savepoint: leftBy(control) } : { kind: 'upgrade', comparison };
}

/** The same nodes of another Sluice are the same plan. */
function asBuiltBy(plan: Plan, { builtBy }: Pick<Plan, 'builtBy'>): Plan {
  const { builtBy: _own, ...unsigned } = plan;
  return builtBy === undefined ? unsigned : { ...plan, builtBy };
}

/** Going back emits rows again, so that nobody does it for the user. */
const wasReplaced = (id: JobId, comparison: Comparison, savepoint: string): SluiceError =>
  new SluiceError('STATE_INCOMPATIBLE', {
    message: `the plan was replaced by an upgrade, and cannot take over what has become of its state:\n${comparisonLines(comparison).join('\n')}`,
    hint: `go back to before the upgrade, which emits all rows since then again: sluice resume ${id.slice(0, 8)} --from ${savepoint}, with the old statement by -f`,
    details: { ...comparison, savepoint },
  });

/** A savepoint outlives the last state (C8). */
const leftBy = ({ last, savepoints }: JobControl): string | null => savepoints.find(({ trigger }) => trigger === last?.id)?.path ?? null;

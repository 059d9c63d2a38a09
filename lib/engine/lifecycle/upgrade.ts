/**
 * What becomes of a job that shall run another plan, before anything is done (protocol V2, 11.5 step 1): an upgrade is a stop with savepoint and a
 * resume with the new plan, whose every failure before RUNNING lets the old plan go on.
 */
import { SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import type { Plan } from '../../core/plan.ts';
import { assertCompatible, canTakeOver, compareState, verdictOf, type Comparison } from '../../savepoint/compatibility.ts';
import { isFinal, planHashOf, readControl, readPlan, workshopFor, type Workshop } from './job-control.ts';
import { busy } from './operation.ts';
import { resolveTopics } from './start.ts';

export type UpgradeCheck =
  /** The job runs this plan. */
  | { readonly kind: 'same' }
  /** The new plan takes over the state of the running job. */
  | { readonly kind: 'upgrade'; readonly comparison: Comparison }
  /** The job has ended: it is resumed from its last state, nothing is to be stopped. */
  | { readonly kind: 'restart'; readonly comparison: Comparison }
  /** The plan before the last upgrade, which cannot take over what has become of its state: it goes back to where that upgrade began. */
  | { readonly kind: 'revert'; readonly savepoint: string };

/** Throws STATE_INCOMPATIBLE with the whole list, JOB_STATE, JOB_BUSY, or what is wrong with the topics of the plan. Nothing has changed. */
export async function checkUpgrade(given: Workshop, id: JobId, plan: Plan, rules: { readonly allowNonRestored: boolean }): Promise<UpgradeCheck> {
  const { ports } = workshopFor(given, plan);
  const { control } = await readControl(ports, id);
  if (control.operation !== null) throw busy(id, control.operation);
  const hash = planHashOf(ports, plan);
  if (hash === control.planHash && control.status === 'RUNNING') return { kind: 'same' };
  if (control.begun === null) throw new SluiceError('JOB_STATE', { message: `job ${id} never ran: it has no state to go on from`, hint: 'submit it again' });
  await resolveTopics(ports, plan);
  const comparison = compareState(await readPlan(ports, id, control.begun.planHash), plan);
  const savepoint = control.replaced?.planHash === hash ? control.replaced.savepoint : null;
  if (savepoint !== null && !canTakeOver(verdictOf(comparison), rules)) return { kind: 'revert', savepoint };
  assertCompatible(comparison, rules);
  return { kind: isFinal(control.status) ? 'restart' : 'upgrade', comparison };
}

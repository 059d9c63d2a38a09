/** What an upgrade has beside a stop and a resume: the check before it (protocol V2), and new code for a plan that stays. */
import { isError } from '../../core/errors.ts';
import { consumptionOf, sweepConsumers } from '../../engine/lifecycle/consumers.ts';
import { openControlledJob, readControl, readPlan, workshopFor, type JobControl, type Workshop } from '../../engine/lifecycle/job-control.ts';
import { checkUpgrade } from '../../engine/lifecycle/upgrade.ts';
import type { Phase } from '../../workflows/tasks.ts';
import type { Frame } from './frame.ts';
import { flag, readPlanText } from './input.ts';
import { savepointOf, type Outcome } from './outcome.ts';
import { standingOf } from './standing.ts';

/** What hinders the upgrade may be the upgrade itself: an invocation that was taken for dead may have led to its first steps. */
export async function check(workshop: Workshop, frame: Frame): Promise<Outcome> {
  try {
    const { kind } = await checkUpgrade(workshop, frame.job, readPlanText(frame.input), { allowNonRestored: flag(frame.input, 'allowNonRestored'), mayRevert: frame.isDeployment });
    return { state: kind, control: (await readControl(workshop.ports, frame.job)).control };
  } catch (error) {
    const outcome = isError(error, 'JOB_BUSY') ? await begun(workshop, frame) : null;
    if (outcome === null) throw error;
    return outcome;
  }
}

/** The way that the execution is on already. */
async function begun({ ports }: Workshop, frame: Frame): Promise<Outcome | null> {
  const { control } = await readControl(ports, frame.job);
  const state = wayBegun(frame, control);
  return state === null ? null : { state, control };
}

function wayBegun(frame: Frame, control: JobControl): 'upgrade' | 'restart' | 'revert' | null {
  const has = (phase: Phase): boolean => standingOf(control, phase, frame.requestId(phase)).kind !== 'unknown';
  if (has('revert')) return 'revert';
  if (has('stop') || has('undo')) return 'upgrade';
  if (!has('resume')) return null;
  return savepointOf(frame, control) === null ? 'restart' : 'upgrade';
}

/** The running generation goes on with the newest code. */
export async function roll(workshop: Workshop, { job: id }: Frame): Promise<Outcome> {
  const { control } = await readControl(workshop.ports, id);
  if (control.status !== 'RUNNING') return { state: 'done', control };
  const { ports } = workshopFor(workshop, await readPlan(workshop.ports, id, control.planHash));
  await ports.consumers.attach(consumptionOf(await openControlledJob(workshop, id, control)));
  await sweepConsumers({ ports }); // the job may have been stopped meanwhile
  return { state: 'done', control: (await readControl(ports, id)).control };
}

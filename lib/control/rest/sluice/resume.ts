/** Letting a job go on, and what would become of its state. */
import { SluiceError } from '../../../core/errors.ts';
import type { Plan } from '../../../core/plan.ts';
import type { WantedResume } from '../../plan-diff.ts';
import { refused } from '../refusal.ts';
import { get, route, type Rest, type Route } from '../route.ts';
import { flag, hex32, list, location, maybe, nullable, object, oneOf, optional, text, type Of } from '../shape.ts';
import { STATUS, statusOf, trigger, TRIGGERED } from '../trigger.ts';
import { FAILURE } from './words.ts';

const RESUME = object({
  /** Null: the last state. */
  savepoint: maybe(location),
  /** A script whose last INSERT the job goes on with; null: as it is. */
  sql: maybe(text),
  allowNonRestored: optional(flag),
  allowOffsetGap: optional(flag),
  triggerId: maybe(hex32),
});

const RESUME_STATUS = object({ status: STATUS, operation: nullable(object({ dropped: optional(list(text)), failure: optional(FAILURE) })) });

const NAME = { uid: text, state: text, was: optional(text) };
const REASONED = list(object({ ...NAME, reason: text, remedy: optional(text) }));

const DIFF = object({
  from: nullable(text),
  name: text,
  verdict: oneOf('compatible', 'partly compatible', 'incompatible'),
  restored: list(object({ ...NAME, checked: optional(text) })),
  evolved: list(object({ ...NAME, checked: optional(text), changes: list(text) })),
  dropped: list(object(NAME)),
  empty: list(object({ ...NAME, begins: optional(text), former: optional(list(text)) })),
  incompatible: REASONED,
  ambiguous: REASONED,
  /** The same for people. */
  lines: list(text),
  /** What else keeps the resume from beginning now. */
  warnings: list(FAILURE),
});

const PATH = '/sluice/v1/jobs/:jobid/resume';

export const RESUME_ROUTES: readonly Route[] = [
  route({ method: 'POST', path: PATH, summary: 'Triggers that a job which has ended goes on under its own id.', status: 202, requestName: 'ResumeRequest' }, RESUME, TRIGGERED, async (rest, { params: { jobid }, body }) => {
    await rest.plane.job(jobid);
    return trigger(rest, rest.resumes, { job: jobid, ...(await wantedBy(rest, body)) }, body.triggerId);
  }),
  route({ method: 'POST', path: `${PATH}/check`, summary: 'What would become of the state; nothing is done.', requestName: 'ResumeRequest' }, RESUME, DIFF, async (rest, { params: { jobid }, body }) =>
    rest.plane.planDiff(jobid, await wantedBy(rest, body)),
  ),
  get({ path: `${PATH}/:triggerid`, summary: 'What a triggered resume has come to.' }, RESUME_STATUS, async ({ resumes }, { params: { jobid, triggerid } }) => {
    const outcome = await resumes.outcomeOf({ job: jobid, trigger: triggerid });
    if (outcome === null) return refused(404, `There is no resume operation with triggerId=${triggerid} for job ${jobid}.`);
    return statusOf(outcome, (dropped) => ({ dropped }), (error) => ({ failure: failureOf(error) }));
  }),
];

const failureOf = (error: SluiceError | null): Of<typeof FAILURE> => ({ code: error?.code ?? 'INVARIANT', message: error?.message ?? 'Internal server error.', hint: error?.hint ?? null });

async function wantedBy(rest: Rest, { savepoint, sql, allowNonRestored, allowOffsetGap }: Of<typeof RESUME>): Promise<WantedResume> {
  return {
    savepoint: savepoint === undefined || savepoint === null ? null : rest.plane.absolute(savepoint),
    plan: sql === undefined || sql === null ? null : await planOf(rest, sql),
    allowNonRestored: allowNonRestored === true,
    allowOffsetGap: allowOffsetGap === true,
  };
}

/** What the script defines is known to its own job alone. */
async function planOf({ plane }: Rest, sql: string): Promise<Plan> {
  const rehearsal = await plane.openSession({}).rehearsal();
  const [error] = await rehearsal.run(sql);
  if (error !== undefined) throw error;
  const last = rehearsal.plans.at(-1);
  if (last === undefined) throw new SluiceError('SQL_VALIDATE', { message: 'there is no INSERT in the script', hint: 'A job is one INSERT INTO … SELECT ….' });
  return last;
}

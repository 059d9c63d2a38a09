/** What clients do to jobs and savepoints. All but a cancel is triggered, and asked about until it is completed. */
import { isError } from '../../../core/errors.ts';
import type { JobId } from '../../../core/numbers.ts';
import { urlOf } from '../../../savepoint/location.ts';
import { notFound, refused, unreadable, type Refusal } from '../refusal.ts';
import { get, route, type Call, type Rest, type Route } from '../route.ts';
import { flag, hex32, integer, location, maybe, nullable, object, oneOf, optional, text } from '../shape.ts';
import { FAILURE_CAUSE, failureCause, failureOf } from '../throwable.ts';
import { STATUS, statusOf, trigger, TRIGGERED } from '../trigger.ts';

/** Sluice has one format of savepoints, which is canonical; what asks for the other one gets it too. */
const FORMAT = maybe(oneOf('CANONICAL', 'NATIVE'));

const SAVEPOINT = object({ 'target-directory': maybe(location), 'cancel-job': optional(flag), formatType: FORMAT, triggerId: maybe(hex32) });
const STOP = object({ targetDirectory: maybe(location), drain: optional(flag), formatType: FORMAT, triggerId: maybe(hex32) });
/** A checkpoint lists all state, and chunks that have not changed are not written again: the types are one. */
const CHECKPOINT = object({ checkpointType: maybe(oneOf('CONFIGURED', 'FULL', 'INCREMENTAL')), triggerId: maybe(hex32) });
const DISPOSAL = object({ 'savepoint-path': location });

const SAVEPOINT_STATUS = object({ status: STATUS, operation: nullable(object({ location: optional(text), 'failure-cause': optional(FAILURE_CAUSE) })) });
const CHECKPOINT_STATUS = object({ status: STATUS, operation: nullable(object({ checkpointId: optional(integer), failureCause: optional(FAILURE_CAUSE) })) });
const DISPOSAL_STATUS = object({ status: STATUS, operation: nullable(object({ 'failure-cause': optional(FAILURE_CAUSE) })) });

const CHECKPOINT_EXCEPTION = 'org.apache.flink.runtime.checkpoint.CheckpointException';
const FLINK_EXCEPTION = 'org.apache.flink.util.FlinkException';

export const OPERATION_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/jobs', summary: 'Refused: the program of a Flink job is for the JVM.', takesNoJson: true, request: object({}), response: object({}), answer: async () => NO_JVM },
  route({ method: 'PATCH', path: '/jobs/:jobid', summary: 'Cancels a job; its last state stays.', query: ['mode'], status: 202 }, object({}), object({}), cancel),
  route(
    { method: 'POST', path: '/jobs/:jobid/savepoints', summary: 'Triggers a savepoint; with `cancel-job` the job ends behind it.', status: 202, requestName: 'SavepointTriggerRequestBody' },
    SAVEPOINT,
    TRIGGERED,
    async (rest, { params: { jobid }, body }) => {
      const directory = body['target-directory'] ?? (await savepointDirectory(rest, jobid));
      if (directory === null) return noDirectory('target-directory');
      const operation = body['cancel-job'] === true ? ({ kind: 'stop', job: jobid, directory, drain: false } as const) : ({ kind: 'savepoint', job: jobid, directory } as const);
      return trigger(rest, rest.savepoints, operation, body.triggerId);
    },
  ),
  route(
    { method: 'POST', path: '/jobs/:jobid/stop', summary: 'Ends a job behind a savepoint; with `drain` all windows fire first.', status: 202, requestName: 'StopWithSavepointRequestBody' },
    STOP,
    TRIGGERED,
    async (rest, { params: { jobid }, body }) => {
      const directory = body.targetDirectory ?? (await savepointDirectory(rest, jobid));
      if (directory === null) return noDirectory('targetDirectory');
      return trigger(rest, rest.savepoints, { kind: 'stop', job: jobid, directory, drain: body.drain === true }, body.triggerId);
    },
  ),
  get({ path: '/jobs/:jobid/savepoints/:triggerid', summary: 'What a triggered savepoint or stop has come to.' }, SAVEPOINT_STATUS, async (rest, { params: { jobid, triggerid } }) => {
    const outcome = await rest.savepoints.outcomeOf({ job: jobid, trigger: triggerid });
    if (outcome === null) return refused(404, `There is no savepoint operation with triggerId=${triggerid} for job ${jobid}.`);
    return statusOf(outcome, (path) => ({ location: urlOf(path) }), (error) => ({ 'failure-cause': failureCause(failureOf(error, jobid, CHECKPOINT_EXCEPTION)) }));
  }),
  route(
    { method: 'POST', path: '/jobs/:jobid/checkpoints', summary: 'Triggers a checkpoint.', status: 202, requestName: 'CheckpointTriggerRequestBody' },
    CHECKPOINT,
    TRIGGERED,
    async (rest, { params: { jobid }, body }) => trigger(rest, rest.checkpoints, { job: jobid }, body.triggerId),
  ),
  get({ path: '/jobs/:jobid/checkpoints/:triggerid', summary: 'What a triggered checkpoint has come to.' }, CHECKPOINT_STATUS, async (rest, { params: { jobid, triggerid } }) => {
    const outcome = await rest.checkpoints.outcomeOf({ job: jobid, trigger: triggerid });
    if (outcome === null) return refused(404, `There is no checkpoint operation with triggerId=${triggerid} for job ${jobid}.`);
    return statusOf(outcome, (checkpointId) => ({ checkpointId }), (error) => ({ failureCause: failureCause(failureOf(error, jobid, CHECKPOINT_EXCEPTION)) }));
  }),
  route({ method: 'POST', path: '/savepoint-disposal', summary: 'Triggers the deletion of a savepoint.', requestName: 'SavepointDisposalRequest' }, DISPOSAL, TRIGGERED, async (rest, { body }) =>
    trigger(rest, rest.disposals, { job: null, location: body['savepoint-path'] }, null),
  ),
  get({ path: '/savepoint-disposal/:triggerid', summary: 'What a triggered deletion has come to.' }, DISPOSAL_STATUS, async (rest, { params: { triggerid } }) => {
    const outcome = await rest.disposals.outcomeOf({ job: null, trigger: triggerid });
    if (outcome === null) return notFound(`Operation not found under key: ${triggerid}`);
    return statusOf(outcome, () => ({}), (error) => ({ 'failure-cause': failureCause(failureOf(error, null, FLINK_EXCEPTION)) }));
  }),
];

const NO_JVM = refused(501, 'Sluice does not run programs of the JVM. Submit the job with `sluice sql -f SCRIPT.sql`, or as a TypeScript program with `sluice run`.');

const STOP_REMOVED =
  'The termination mode "stop" has been removed. For an ungraceful shutdown, please use "cancel" instead. For a graceful shutdown, please use "jobs/:jobId/stop" instead.';

async function cancel({ plane }: Rest, { params: { jobid }, query }: Call<unknown>): Promise<object | Refusal> {
  const mode = query.get('mode')?.toLowerCase() ?? 'cancel';
  if (mode === 'stop') return refused(308, STOP_REMOVED);
  if (mode !== 'cancel') return unreadable(`Cannot resolve query parameter (mode) from value "${mode.slice(0, 64)}".`);
  try {
    const { status } = await plane.job(jobid);
    if (status === 'CANCELED') return {};
    if (status === 'FINISHED' || status === 'FAILED') return refused(409, `Job cancellation failed because the job has already reached another terminal state (${status}).`);
    await plane.cancel(jobid);
    return {};
  } catch (error) {
    if (!isError(error, 'JOB_UNKNOWN')) throw error;
    return refused(404, 'Job could not be found.');
  }
}

/** What the options of the job say, else where those of the platform go; null where neither says anything. */
async function savepointDirectory({ plane }: Rest, job: JobId): Promise<string | null> {
  const { options } = (await plane.plan(job)).plan;
  return options['execution.checkpointing.savepoint-dir'] ?? options['state.savepoints.dir'] ?? plane.savepoints;
}

const noDirectory = (property: string): Refusal => refused(400, `Config key [execution.checkpointing.savepoint-dir] is not set. Property [${property}] must be provided.`);


/**
 * The state machines as Amazon States Language, in the subset that every interpreter runs: JSONPath, Task, Choice, Wait, Pass, inline Map. The very
 * same text runs on Step Functions, on emulators and in process. What a machine does can be read off the names of its states; what a state does is
 * in the workflow function (`lib/lambda/workflow`).
 */
import { CANCEL, CREATE, RESUME, REVERT, SAVEPOINT, SETTLE, STOP, UNDO } from './chains.ts';
import type { WorkflowName } from './messages.ts';
import { chain, choice, invocation, type Ends, type Machine, type States, type Step } from './states.ts';

export interface StateMachine {
  readonly Comment: string;
  readonly StartAt: string;
  readonly States: States;
  /** For an execution whose function hangs; all that only takes time gives up before. */
  readonly TimeoutSeconds: number;
}

const TIMEOUT_SECONDS = 2 * 3600;

/** Names of the states that every machine ends with. */
const ANSWER = 'Was anybody waiting?';
const ANSWER_FAILURE = 'What went wrong?';

interface Workflow {
  readonly comment: string;
  /** The last states: of success and of failure. */
  readonly done: string;
  readonly failed: string;
  readonly begin: (machine: Machine) => { readonly startAt: string; readonly states: States };
}

const WORKFLOWS: Readonly<Record<WorkflowName, Workflow>> = {
  create: {
    comment: 'Creates a job and starts it, from nothing or from a savepoint.',
    done: 'The job runs',
    failed: 'The job does not run',
    begin: (machine) => straight(machine, CREATE),
  },
  savepoint: {
    comment: 'Takes a savepoint of a job that goes on running.',
    done: 'The savepoint is complete',
    failed: 'There is no savepoint',
    begin: (machine) => straight(machine, SAVEPOINT),
  },
  stop: {
    comment: 'Stops a job with a savepoint. If that cannot be written, the job goes on.',
    done: 'Stopped with a savepoint',
    failed: 'Not stopped',
    begin: (machine) => ({ startAt: nameOf(STOP), states: stop(machine, { done: ANSWER, failed: ANSWER_FAILURE }) }),
  },
  cancel: {
    comment: 'Ends a job at once. Its last state stays, to be resumed from.',
    done: 'Cancelled',
    failed: 'Not cancelled',
    begin: (machine) => straight(machine, CANCEL),
  },
  resume: {
    comment: 'Lets a job go on as its next generation: from its last state or a savepoint, with its plan or a new one.',
    done: 'The job runs again',
    failed: 'The job does not run again',
    begin: (machine) => straight(machine, RESUME),
  },
  upgrade: {
    comment: 'Gives a job a new plan: stops it with a savepoint and resumes it from there. If the new plan does not come to run, the old one goes on.',
    done: 'The job runs the plan',
    failed: 'Not upgraded',
    begin: upgrade,
  },
  teardown: {
    comment: 'Ends jobs before what they run on goes away.',
    done: 'No job is left',
    failed: 'Jobs are left',
    begin: teardown,
  },
};

/** The machine that carries out a workflow by invoking this function. */
export function stateMachine(name: WorkflowName, workflowFunctionArn: string): StateMachine {
  const machine: Machine = { workflow: name, functionArn: workflowFunctionArn };
  const { comment, begin, done, failed } = WORKFLOWS[name];
  const { startAt, states } = begin(machine);
  return { Comment: comment, StartAt: startAt, States: { ...states, ...successStates(machine, done), ...failureStates(machine, failed) }, TimeoutSeconds: TIMEOUT_SECONDS };
}

const nameOf = ([first]: readonly Step[]): string => first?.name ?? '';

const straight = (machine: Machine, steps: readonly Step[]): { startAt: string; states: States } => ({
  startAt: nameOf(steps),
  states: chain(machine, steps, { done: ANSWER, failed: ANSWER_FAILURE }),
});

/** A failed stop leaves a running job. */
const stop = (machine: Machine, ends: Ends): States => ({
  ...chain(machine, STOP, { ...ends, on: { refused: ANSWER_FAILURE, compensating: nameOf(SETTLE) } }),
  ...chain(machine, SETTLE, { done: ANSWER_FAILURE, failed: ends.failed }),
});

function upgrade(machine: Machine): { startAt: string; states: States } {
  const roll: Step = { name: 'Roll the aliases', task: { action: 'roll' } };
  const check: Step = { name: 'Check the new plan against the state', task: { action: 'check' }, on: { upgrade: nameOf(STOP), restart: nameOf(RESUME), revert: nameOf(REVERT), same: roll.name } };
  const undo = nameOf(UNDO);
  return {
    startAt: check.name,
    states: {
      ...chain(machine, [check], { done: ANSWER_FAILURE, failed: ANSWER_FAILURE }),
      ...chain(machine, [roll], { done: ANSWER, failed: ANSWER_FAILURE }),
      ...stop(machine, { done: nameOf(RESUME), failed: undo }),
      ...chain(machine, RESUME, { done: ANSWER, failed: undo }),
      ...chain(machine, REVERT, { done: ANSWER, failed: ANSWER_FAILURE }),
      // The reason of the upgrade's failure stays the reason. `same`: it runs the new plan after all.
      ...chain(machine, UNDO, { done: ANSWER_FAILURE, failed: ANSWER_FAILURE, on: { ended: ANSWER_FAILURE, same: ANSWER } }),
    },
  };
}

const JOBS_AT_ONCE = 10;

function teardown(machine: Machine): { startAt: string; states: States } {
  const list: Step = { name: 'List the jobs that have not ended', task: { action: 'list' } };
  const each = 'End each of them';
  const verify: Step = { name: 'Have all ended?', task: { action: 'verify' } };
  return {
    startAt: list.name,
    states: {
      ...chain(machine, [list], { done: each, failed: ANSWER_FAILURE }),
      // Whether a job has ended is read from the store behind it; an iteration only says what hindered it.
      [each]: { Type: 'Map', ItemsPath: '$.result.jobs', MaxConcurrency: JOBS_AT_ONCE, ItemProcessor: endOneJob(machine), ResultPath: '$.ended', Next: verify.name },
      ...chain(machine, [verify], { done: ANSWER, failed: ANSWER_FAILURE }),
    },
  };
}

function endOneJob(machine: Machine): object {
  const [start, over, silent] = ['With a savepoint?', 'The turn of the job is over', 'The function did not answer for the job'];
  const ends = { done: over, failed: over, silent, on: { ended: over } };
  return {
    ProcessorConfig: { Mode: 'INLINE' },
    StartAt: start,
    States: {
      [start]: choice([{ Variable: '$.policy', StringEquals: 'savepoint', Next: nameOf(STOP) }], nameOf(CANCEL)),
      ...chain(machine, STOP, { ...ends, on: { ...ends.on, compensating: nameOf(SETTLE) } }),
      ...chain(machine, SETTLE, ends),
      ...chain(machine, CANCEL, ends),
      [over]: { Type: 'Succeed', OutputPath: '$.result' },
      [silent]: { Type: 'Succeed', OutputPath: '$.job' },
    },
  };
}

/** The output of the execution is the result of its last step. */
function successStates(machine: Machine, done: string): States {
  const tell = 'Tell CloudFormation';
  return {
    [ANSWER]: choice([{ Variable: '$.respond', IsPresent: true, Next: tell }], done),
    [tell]: { ...invocation(machine, { action: 'respond' }), ResultPath: null, Next: done },
    [done]: { Type: 'Succeed', OutputPath: '$.result' },
  };
}

/** Error and cause of the execution are the failure of its last result. A function that does not answer leaves none. */
function failureStates(machine: Machine, failed: string): States {
  const [silent, waiting, tell] = ['The workflow function did not answer', 'Is anybody waiting for the reason?', 'Tell CloudFormation the reason'];
  return {
    [ANSWER_FAILURE]: choice([{ Variable: '$.result.failure.code', IsPresent: true, Next: waiting }], silent),
    [silent]: { Type: 'Pass', Result: { state: 'failed', failure: SILENT }, ResultPath: '$.result', Next: waiting },
    [waiting]: choice([{ Variable: '$.respond', IsPresent: true, Next: tell }], failed),
    [tell]: { ...invocation(machine, { action: 'respond' }), ResultPath: null, Next: failed },
    [failed]: { Type: 'Fail', ErrorPath: '$.result.failure.code', CausePath: '$.result.failure.message' },
  };
}

const SILENT = {
  code: 'FUNCTION_FAILED',
  message: 'the workflow function failed again and again; the history of the execution and the log of the function say why',
  hint: 'correct the cause; what has begun is finished by the schedule, see `sluice describe`',
};

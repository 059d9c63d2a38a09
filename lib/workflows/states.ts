/**
 * Pieces of state machines. A task is a state that invokes the workflow function, and two more: one that looks at what it was told, and one
 * that waits before the same is asked again.
 */
import type { WorkflowName } from './messages.ts';
import { RESULT_FIELDS, type Task, type TaskState } from './tasks.ts';

export type States = Readonly<Record<string, object>>;

/** The machine that the states are for. */
export interface Machine {
  readonly workflow: WorkflowName;
  readonly functionArn: string;
}

export interface Step {
  /** Name of the state: what happens, for whoever looks at the graph. */
  readonly name: string;
  readonly task: Task;
  /** States that follow other answers than `done` and `again`. */
  readonly on?: Readonly<Partial<Record<TaskState, string>>>;
}

/** Where a chain of steps leads to. */
export interface Ends {
  readonly done: string;
  /** Behind every answer that no step names. */
  readonly failed: string;
  /** Where the function does not answer at all; absent: as `failed`. */
  readonly silent?: string;
  /** Answers that lead to the same state from every step. */
  readonly on?: Step['on'];
}

/** Longer than a function may run: what is killed is invoked again, and finds its own traces. */
const TASK_SECONDS_MAX = 930;
const RETRY = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, BackoffRate: 2, MaxDelaySeconds: 30, MaxAttempts: 20 }];

/** Steps one after the other. */
export function chain(machine: Machine, steps: readonly Step[], ends: Ends): States {
  const parts = steps.map((step, i) => stepStates(machine, step, { ...ends, done: steps[i + 1]?.name ?? ends.done }));
  return Object.assign({}, ...parts);
}

function stepStates(machine: Machine, { name, task, on }: Step, ends: Ends): States {
  const [outcome, pause] = [`${name}: what came of it`, `${name}: wait`];
  const answers = { done: ends.done, again: pause, ...ends.on, ...on };
  return {
    [name]: { ...invocation(machine, task), ResultPath: '$.result', Next: outcome, Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.thrown', Next: ends.silent ?? ends.failed }] },
    [outcome]: choice(Object.entries(answers).map(([state, next]) => ({ Variable: '$.result.state', StringEquals: state, Next: next })), ends.failed),
    [pause]: { Type: 'Wait', SecondsPath: '$.result.waitSeconds', Next: name },
  };
}

export const choice = (choices: readonly object[], otherwise: string): object => ({ Type: 'Choice', Choices: choices, Default: otherwise });

/** What the function answers is the whole result; what else Lambda says is left out. */
export const invocation = ({ workflow, functionArn }: Machine, task: Task): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: functionArn, Payload: { ...task, workflow, 'execution.$': '$$.Execution.Name', 'input.$': '$' } },
  ResultSelector: Object.fromEntries(RESULT_FIELDS.map((field) => [`${field}.$`, `$.Payload.${field}`])),
  TimeoutSeconds: TASK_SECONDS_MAX,
  Retry: RETRY,
});

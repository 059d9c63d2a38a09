/**
 * The state machines as Amazon States Language, in the subset that every interpreter runs: JSONPath, Task, Choice, Wait, inline Map. The very same
 * text runs on Step Functions, on emulators and in process.
 */
import type { WorkflowName } from './messages.ts';

export interface StateMachine {
  readonly Comment: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, object>>;
  readonly TimeoutSeconds?: number;
}

/** The machine that carries out a workflow by invoking this function. */
export function stateMachine(name: WorkflowName, workflowFunctionArn: string): StateMachine {
  return {
    Comment: `Sluice: ${name}`,
    StartAt: 'Run',
    States: { Run: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: workflowFunctionArn, 'Payload.$': '$' }, End: true } },
  };
}

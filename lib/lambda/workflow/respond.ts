/** The end of an execution, told to CloudFormation. */
import { SluiceError } from '../../core/errors.ts';
import type { Workshop } from '../../engine/lifecycle/job-control.ts';
import type { Respond } from '../../workflows/messages.ts';
import type { TaskResult } from '../../workflows/tasks.ts';
import { answer, type PutText } from '../cloudformation.ts';
import type { Frame } from './frame.ts';
import type { Outcome } from './outcome.ts';

export interface RespondParts {
  readonly workshop: Workshop;
  readonly put: PutText;
}

/** Throws a StoreError if CloudFormation does not listen; USAGE. */
export async function respond({ workshop, put }: RespondParts, { input, previous }: Frame): Promise<Outcome> {
  const to = input['respond'];
  if (!isRespond(to)) throw new SluiceError('USAGE', { message: "'respond' of the execution's input names no place to answer to", hint: `give it ${TEXTS.join(', ')}, or leave it out` });
  await answer(to, { failure: previous.failure ?? null, data: dataOf(previous) }, put, workshop.ports.runtime);
  return { state: 'done' };
}

/** What a template reads with `Fn::GetAtt`. */
function dataOf({ job, status, generation, savepoint }: Partial<TaskResult>): Record<string, string> {
  const data = { JobId: job, Status: status, Generation: generation, Savepoint: savepoint };
  return Object.fromEntries(Object.entries(data).flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, String(value)]])));
}

const TEXTS = ['ResponseURL', 'StackId', 'RequestId', 'LogicalResourceId', 'PhysicalResourceId'] as const;

const isRespond = (value: unknown): value is Respond => {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map(Object.entries(value));
  return TEXTS.every((name) => typeof fields.get(name) === 'string');
};

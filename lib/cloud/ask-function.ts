/** What only the platform's own workflow function can do for a command: it reaches Kafka, which this machine may not. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CLIENT_OPTIONS } from '../adapters/aws-requests.ts';
import { SluiceError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import { cloudRequests } from './requests.ts';
import type { Stack } from './stack.ts';

/** The state of a job is read for it, which takes a while where it is large. */
const ANSWER_MS = 60_000;

/** An event that may be repeated. */
export type Question = { readonly action: 'describe'; readonly job: JobId } | { readonly action: 'checkpoint'; readonly job: JobId; readonly request: string };

/** Lambda's form of what a function has thrown. */
interface Thrown {
  readonly errorMessage?: string;
}

/** Throws CLOUD_FAILED where the function cannot be invoked, fails, or answers something else; StoreError. */
export async function askFunction<A extends object>(stack: Stack, question: Question, isAnswer: (answer: Partial<A>) => answer is A): Promise<A> {
  const client = new LambdaClient({ ...CLIENT_OPTIONS, requestHandler: { ...CLIENT_OPTIONS.requestHandler, socketTimeout: ANSWER_MS } });
  const command = new InvokeCommand({ FunctionName: stack.workflowFunction, Payload: JSON.stringify(question) });
  const { action, job } = question;
  try {
    const what = { what: `ask ${stack.workflowFunction} to ${action} job ${job}`, safety: 'repeatable', extra: ANSWER_MS } as const;
    const { FunctionError, Payload } = await cloudRequests(stack.name).run(what, (abortSignal) => client.send(command, { abortSignal }));
    const answer: (Partial<A> & Thrown) | null = JSON.parse(Payload?.transformToString() ?? 'null');
    if (FunctionError === undefined && answer !== null && isAnswer(answer)) return answer;
    throw new SluiceError('CLOUD_FAILED', { message: `the workflow function could not ${action} job ${job}: ${answer?.errorMessage ?? 'it gave no answer'}`, hint: 'see the log of the function' });
  } finally {
    client.destroy();
  }
}

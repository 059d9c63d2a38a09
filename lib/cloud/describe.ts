/** The description of a job as the platform's own function sees it: it reaches Kafka, which this machine may not. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CLIENT_OPTIONS } from '../adapters/aws-requests.ts';
import type { CheckpointDescription, JobDescription, OperatorDescription, PartitionDescription, StateDescription } from '../control/describe.ts';
import { SluiceError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import { cloudRequests } from './requests.ts';
import type { Stack } from './stack.ts';

/** The state of a job is read for it, which takes a while where it is large. */
const DESCRIBE_MS = 60_000;

/** Throws CLOUD_FAILED where the function cannot be invoked or fails, StoreError. */
export async function describeByFunction(stack: Stack, job: JobId): Promise<JobDescription> {
  const client = new LambdaClient({ ...CLIENT_OPTIONS, requestHandler: { ...CLIENT_OPTIONS.requestHandler, socketTimeout: DESCRIBE_MS } });
  const command = new InvokeCommand({ FunctionName: stack.workflowFunction, Payload: JSON.stringify({ action: 'describe', job }) });
  try {
    const what = { what: `ask ${stack.workflowFunction} about job ${job}`, safety: 'read', extra: DESCRIBE_MS } as const;
    const { FunctionError, Payload } = await cloudRequests(stack.name).run(what, (abortSignal) => client.send(command, { abortSignal }));
    const answer: Answer | null = JSON.parse(Payload?.transformToString() ?? 'null');
    if (FunctionError === undefined && isDescription(answer, job)) return withUntold(answer);
    throw new SluiceError('CLOUD_FAILED', { message: `the workflow function could not describe job ${job}: ${answer?.errorMessage ?? 'it gave no answer'}`, hint: 'see the log of the function' });
  } finally {
    client.destroy();
  }
}

/** What the function returns, or Lambda's form of what it has thrown. A description is numbers and texts alone: JSON holds all of it. */
type Answer = Partial<JobDescription> & { readonly errorMessage?: string };

const UNTOLD: Pick<JobDescription, 'deadLetters' | 'sinkErrors' | 'fireError'> = { deadLetters: null, sinkErrors: [], fireError: null };
const UNTOLD_OF_PARTITION: Pick<PartitionDescription, 'deadLetters'> = { deadLetters: 0 };

const UNTOLD_OF_STATE: Pick<StateDescription, 'growth'> = { growth: null };
const UNTOLD_OF_OPERATOR: Pick<OperatorDescription, 'kind' | 'states' | 'timers'> = { kind: 'window', states: [], timers: null };

const UNTOLD_OF_CHECKPOINT: Pick<CheckpointDescription, 'bytes'> = { bytes: null };

/** Adds what the function of an older platform does not tell. */
export function withUntold(answer: JobDescription): JobDescription {
  const { state } = answer;
  const sources = state?.sources.map((source) => ({ ...source, partitions: source.partitions.map((partition) => ({ ...UNTOLD_OF_PARTITION, ...partition })) }));
  const operators = state?.operators.map((operator) => ({ ...UNTOLD_OF_OPERATOR, ...operator }));
  const checkpoints = state?.checkpoints.map((checkpoint) => ({ ...UNTOLD_OF_CHECKPOINT, ...checkpoint }));
  return { ...UNTOLD, ...answer, state: state === null ? null : { ...UNTOLD_OF_STATE, ...state, sources: sources ?? [], operators: operators ?? [], checkpoints: checkpoints ?? [] } };
}

const isDescription = (answer: Answer | null, job: JobId): answer is JobDescription => answer?.id === job && answer.control !== undefined;

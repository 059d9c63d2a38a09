/** The description of a job as the platform's own function sees it. */
import type { CheckpointDescription, JobDescription, OperatorDescription, PartitionDescription, StateDescription } from '../control/describe.ts';
import type { OpenWindow } from '../control/open-windows.ts';
import { eventTime, type JobId } from '../core/numbers.ts';
import { askFunction } from './ask-function.ts';
import type { Stack } from './stack.ts';

/** A description is numbers and texts alone: JSON holds all of it. Throws as `askFunction` does. */
export const describeByFunction = async (stack: Stack, job: JobId): Promise<JobDescription> =>
  withUntold(await askFunction(stack, { action: 'describe', job }, (answer): answer is JobDescription => answer.id === job && answer.control !== undefined));

const UNTOLD: Pick<JobDescription, 'deadLetters' | 'sinkErrors' | 'fireError'> = { deadLetters: null, sinkErrors: [], fireError: null };
const UNTOLD_OF_PARTITION: Pick<PartitionDescription, 'deadLetters' | 'dataAt'> = { deadLetters: 0, dataAt: null };

const UNTOLD_OF_STATE: Pick<StateDescription, 'growth'> = { growth: null };
const UNTOLD_OF_OPERATOR: Pick<OperatorDescription, 'kind' | 'states' | 'timers'> = { kind: 'window', states: [], timers: null };

/** As if all were windows of UTC that share nothing. */
const untoldOfWindow = ({ end }: OpenWindow): Pick<OpenWindow, 'kind' | 'time' | 'firesAt'> => ({ kind: 'window', time: 'event', firesAt: eventTime(end - 1) });

const UNTOLD_OF_CHECKPOINT: Pick<CheckpointDescription, 'bytes' | 'newBytes'> = { bytes: null, newBytes: null };

/** Adds what the function of an older platform does not tell. */
export function withUntold(answer: JobDescription): JobDescription {
  const { state } = answer;
  const sources = state?.sources.map((source) => ({ ...source, partitions: source.partitions.map((partition) => ({ ...UNTOLD_OF_PARTITION, ...partition })) }));
  const operators = state?.operators.map((operator) => ({ ...UNTOLD_OF_OPERATOR, ...operator, windows: operator.windows.map((window) => ({ ...untoldOfWindow(window), ...window })) }));
  const checkpoints = state?.checkpoints.map((checkpoint) => ({ ...UNTOLD_OF_CHECKPOINT, ...checkpoint }));
  return { ...UNTOLD, ...answer, state: state === null ? null : { ...UNTOLD_OF_STATE, ...state, sources: sources ?? [], operators: operators ?? [], checkpoints: checkpoints ?? [] } };
}

/** A checkpoint of a job, taken by the platform's own function: it may have to make a FIRE for it, whose rows go where this machine may not write. */
import { seq, type JobId, type Seq } from '../core/numbers.ts';
import { askFunction } from './ask-function.ts';
import type { Stack } from './stack.ts';

interface Taken {
  readonly checkpoint: number;
}

/** Throws as `askFunction` does. */
export async function checkpointByFunction(stack: Stack, job: JobId, request: string): Promise<Seq> {
  const { checkpoint } = await askFunction(stack, { action: 'checkpoint', job, request }, (answer: Partial<Taken>): answer is Taken => typeof answer.checkpoint === 'number');
  return seq(checkpoint);
}

/** A function of the program as the firer runs it: failures go where the job sends them, calls are watched. */
import type { FunctionFlow } from '../../core/dataflow.ts';
import type { EventTime } from '../../core/numbers.ts';
import type { ProcessState } from '../../core/process/process-state.ts';
import { ProcessStep, type FailedCall } from '../../core/process/process-step.ts';
import type { StepFrame } from './stage.ts';

export interface FunctionStepFrame extends Omit<StepFrame, 'clock'> {
  /** Of before the step. */
  readonly watermark: EventTime;
}

export function openFunctionStep({ uid, fn }: FunctionFlow, state: ProcessState, { watermark, at, failures: { take }, watchdog }: FunctionStepFrame): ProcessStep {
  const spec = { uid, fn, ...(watchdog && { watchdog }), ...(take && { onFailure: (failed: FailedCall) => take(uid, failed) }) };
  return new ProcessStep(spec, state, watermark, at);
}

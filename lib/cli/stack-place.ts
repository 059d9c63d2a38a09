/** A platform in AWS as commands see it: the store is read directly, what is done to jobs are executions of Step Functions. */
import { cloudOperations } from '../cloud/executions.ts';
import { DESCRIBED_FOR_MS, findStack, type Stack } from '../cloud/stack.ts';
import { triggeredExecutions } from '../cloud/triggered-executions.ts';
import { StepFunctions } from '../cloud/step-functions.ts';
import { describeJob, type JobDescription } from '../control/describe.ts';
import { isError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import { printInfo, withParts, type Context, type Place } from './context.ts';
import { untilInterrupted } from './interrupt.ts';
import { waitLine, type WaitLine } from './progress.ts';
import { userPath } from './paths.ts';

export async function withStackPlace<T>(context: Context, name: string, use: (place: Place) => Promise<T>): Promise<T> {
  const stack = await findStack(name);
  const urls = { ...stack.urls, ...context.given };
  const functions = new StepFunctions(stack);
  try {
    return await withParts(context, urls, false, (place) => {
      const { workshop } = place;
      const line = waitLine(context);
      const operations = cloudOperations({
        functions,
        workshop,
        checkpoint: async (id, request) => (await import('../cloud/checkpoint.ts')).checkpointByFunction(stack, id, request),
        onStart: (id) => tell(context, line, `Execution ${id.name}`, 'Waiting for its first state'),
        onState: (state) => tell(context, line, `  ${state}`, state),
        interruptibly: (run) => untilInterrupted(run).finally(() => line(null)),
      });
      const describe: Place['describe'] = (id) => describeThere(context, workshop, stack, id);
      return use({ ...place, ports: workshop.ports, operations, urls, savepoints: stack.savepoints, describe, describedForMs: DESCRIBED_FOR_MS, triggered: triggeredExecutions({ functions, workshop }, userPath) });
    });
  } finally {
    functions.close();
  }
}

/** The workflow function of a stack sees Kafka where this machine may not. */
async function describeThere({ console }: Context, workshop: Workshop, stack: Stack, id: JobId): Promise<JobDescription> {
  const { describeByFunction } = await import('../cloud/describe.ts');
  try {
    return await describeByFunction(stack, id);
  } catch (error) {
    if (!isError(error, 'CLOUD_FAILED', 'STORE_FAILED')) throw error;
    console.err(`[WARN] Described from here, since the workflow function could not be asked: ${error.message}`);
    return describeJob(workshop, id);
  }
}

/** What has happened, and what is waited for behind it. */
function tell(context: Context, line: WaitLine, text: string, wait: string): void {
  line(null);
  printInfo(context, text);
  line(wait);
}

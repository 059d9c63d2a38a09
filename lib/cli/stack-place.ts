/** A platform in AWS as commands see it: the store is read directly, what is done to jobs are executions of Step Functions. */
import { cloudOperations } from '../cloud/executions.ts';
import { findStack } from '../cloud/stack.ts';
import { StepFunctions } from '../cloud/step-functions.ts';
import { printInfo, withParts, type Context, type Place } from './context.ts';
import { untilInterrupted } from './interrupt.ts';

export async function withStackPlace<T>(context: Context, name: string, use: (place: Place) => Promise<T>): Promise<T> {
  const stack = await findStack(name);
  const urls = { ...stack.urls, ...context.given };
  const functions = new StepFunctions(stack);
  try {
    return await withParts(context, urls, false, (place) => {
      const { workshop } = place;
      const operations = cloudOperations({
        functions,
        workshop,
        onStart: (id) => tell(context, `Execution ${id.name}`),
        onState: (state) => tell(context, `  ${state}`),
        interruptibly: untilInterrupted,
      });
      return use({ ...place, ports: workshop.ports, operations, urls, savepoints: stack.savepoints, stack });
    });
  } finally {
    functions.close();
  }
}

/** A line that is being overwritten makes room. */
function tell(context: Context, text: string): void {
  context.console.progress('');
  printInfo(context, text);
}

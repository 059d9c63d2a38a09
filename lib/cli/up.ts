/** `sluice up [--once]`: runs the jobs of the data directory until it is interrupted. */
import { runUp } from '../local/runner.ts';
import type { RunnerEvent } from '../local/runner-event.ts';
import type { SluiceError } from '../core/errors.ts';
import { contextOf, printInfo, withPlace, type AddCommand, type Context } from './context.ts';
import { untilInterrupted } from './interrupt.ts';
import { counted } from './text.ts';

export const addUp: AddCommand = (program, console) => {
  program
    .command('up')
    .description('run the jobs of the data directory')
    .option('--once', 'end when all input is read and all windows that are due are emitted')
    .action(async (options: { once?: true }, command) => {
      const context = contextOf(command, console);
      const troubles = await withPlace(context, { create: true }, async ({ ports }) => {
        printInfo(context, `Running the jobs of ${context.dir}; end with Ctrl-C.`);
        const onEvent = (event: RunnerEvent): void => printEvent(context, event);
        return untilInterrupted((signal) => runUp(ports, { once: options.once === true, signal, onEvent }));
      });
      const [first] = troubles;
      if (options.once === true && first !== undefined) throw first;
    });
};

function printEvent({ json, console }: Context, event: RunnerEvent): void {
  if (json) console.out(JSON.stringify('error' in event ? { ...event, error: errorData(event.error) } : event));
  else console.out(eventText(event));
}

const errorData = (error: SluiceError | null): object | null =>
  error === null ? null : { code: error.code, message: error.message, hint: error.hint ?? null };

function eventText(event: RunnerEvent): string {
  switch (event.kind) {
    case 'hosting':
      return `${event.job}  running ${event.name}, generation ${event.generation}`;
    case 'released':
      return `${event.job}  released`;
    case 'fired':
      return `${event.job}  FIRE ${event.f}: ${counted(event.rows, 'row')}`;
    case 'savepoint':
      return `${event.job}  ${event.location === null ? 'savepoint failed' : `savepoint ${event.location}`}`;
    case 'partition':
      return `${event.job}  ${event.topic}-${event.partition}: ${event.error === null ? 'goes on' : `${event.error.code}: ${event.error.message}`}`;
    case 'firer':
    case 'operation':
      return `${event.job}  ${event.error.code}: ${event.error.message}`;
    case 'store':
      return `${event.error.code}: ${event.error.message}`;
  }
}

/** `sluice cancel JOB`: ends a job; its last state stays and can be resumed. */
import { resolveJob } from '../control/jobs.ts';
import { contextOf, printInfo, printResult, withPlace, type AddCommand } from './context.ts';
import { examples } from './examples.ts';

export const addCancel: AddCommand = (program, console) => {
  program
    .command('cancel')
    .description('cancel a job; its last state stays, and can be resumed')
    .summary('cancel a job')
    .argument('<job>', 'id of a job, or the beginning of one')
    .addHelpText('after', examples(['cancel 3f9a', '`sluice resume 3f9a` lets it go on from its last state'], ['--stack prod cancel 3f9a', 'as an execution of Step Functions']))
    .action(async (prefix: string, _options: object, command) => {
      const context = contextOf(command, console);
      await withPlace(context, { create: false }, async ({ ports, operations }) => {
        const job = await resolveJob(ports, prefix);
        printInfo(context, `Cancelling job ${job}.`);
        await operations.cancel(job);
        printResult(context, `Cancelled job ${job}.`, { job, status: 'CANCELED' });
      });
    });
};

/** `sluice cancel JOB`: ends a job; its last state stays and can be resumed. */
import { resolveJob } from '../control/jobs.ts';
import { contextOf, printInfo, printResult, withPlace, type AddCommand } from './context.ts';

export const addCancel: AddCommand = (program, console) => {
  program
    .command('cancel')
    .description('cancel a job')
    .argument('<job>', 'id of a job, or the beginning of one')
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

/** `sluice describe JOB`: one job in full. */
import { describeJob } from '../control/describe.ts';
import { resolveJob } from '../control/jobs.ts';
import { contextOf, withPlace, type AddCommand } from './context.ts';
import { descriptionJson, descriptionText } from './describe-text.ts';

export const addDescribe: AddCommand = (program, console) => {
  program
    .command('describe')
    .description('show one job: progress, watermarks, state, checkpoints, savepoints, errors')
    .argument('<job>', 'id of a job, or the beginning of one')
    .action(async (prefix: string, _options: object, command) => {
      const context = contextOf(command, console);
      const job = await withPlace(context, { create: false }, async ({ ports, workshop }) =>
        describeJob(workshop, await resolveJob(ports, prefix)),
      );
      console.out(context.json ? JSON.stringify(descriptionJson(job)) : descriptionText(job));
    });
};

/** `sluice describe JOB`: one job in full. */
import { descriptionJson } from '../control/description-json.ts';
import { resolveJob } from '../control/jobs.ts';
import { isEmbedded } from '../place/urls.ts';
import { contextOf, withPlace, type AddCommand } from './context.ts';
import { descriptionText } from './describe-text.ts';
import { examples } from './examples.ts';

export const addDescribe: AddCommand = (program, console) => {
  program
    .command('describe')
    .description('show one job: lag, watermarks, state, checkpoints, savepoints, costs, errors')
    .summary('show one job in full')
    .argument('<job>', 'id of a job, or the beginning of one')
    .addHelpText('after', examples(['describe 3f9a', 'the job whose id begins with 3f9a: which partition holds its watermark, and why windows are open'], ['describe 3f9a --json', 'the same for programs']))
    .action(async (prefix: string, _options: object, command) => {
      const context = contextOf(command, console);
      await withPlace(context, { create: false }, async (place) => {
        const job = await place.describe(await resolveJob(place.ports, prefix));
        console.out(context.json ? JSON.stringify(descriptionJson(job)) : descriptionText(job, { isPaid: !isEmbedded(place.urls.store) }));
      });
    });
};

/** `sluice describe JOB`: one job in full. */
import { describeJob, type JobDescription } from '../control/describe.ts';
import { resolveJob } from '../control/jobs.ts';
import { isError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import { isEmbedded } from '../place/urls.ts';
import { contextOf, withPlace, type AddCommand, type Context, type Place } from './context.ts';
import { descriptionJson, descriptionText } from './describe-text.ts';

export const addDescribe: AddCommand = (program, console) => {
  program
    .command('describe')
    .description('show one job: lag, watermarks, state, checkpoints, savepoints, costs, errors')
    .argument('<job>', 'id of a job, or the beginning of one')
    .action(async (prefix: string, _options: object, command) => {
      const context = contextOf(command, console);
      await withPlace(context, { create: false }, async (place) => {
        const job = await describe(context, place, await resolveJob(place.ports, prefix));
        console.out(context.json ? JSON.stringify(descriptionJson(job)) : descriptionText(job, { isPaid: !isEmbedded(place.urls.store) }));
      });
    });
};

/** The workflow function of a stack sees Kafka where this machine may not. */
async function describe({ console }: Context, { workshop, stack }: Place, id: JobId): Promise<JobDescription> {
  if (stack === null) return describeJob(workshop, id);
  const { describeByFunction } = await import('../cloud/describe.ts');
  try {
    return await describeByFunction(stack, id);
  } catch (error) {
    if (!isError(error, 'CLOUD_FAILED', 'STORE_FAILED')) throw error;
    console.err(`[WARN] Described from here, since the workflow function could not be asked: ${error.message}`);
    return describeJob(workshop, id);
  }
}

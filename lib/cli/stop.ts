/** `sluice stop JOB [-p DIR] [--drain]`: ends a job behind a savepoint. */
import { resolveJob } from '../control/jobs.ts';
import { contextOf, printInfo, printResult, withPlace, type AddCommand } from './context.ts';
import { examples } from './examples.ts';
import { savepointDirectory } from './paths.ts';

interface StopFlags {
  readonly drain?: true;
  readonly savepointPath?: string;
}

export const addStop: AddCommand = (program, console) => {
  program
    .command('stop')
    .description('stop a job with a savepoint, from which it can be resumed')
    .summary('stop a job with a savepoint')
    .argument('<job>', 'id of a job, or the beginning of one')
    .option('-p, --savepointPath <directory>', 'where the savepoint goes')
    .option('-d, --drain', 'end the input first: all windows fire, and the savepoint cannot be resumed from')
    .addHelpText('after', examples(['stop 3f9a', 'can be resumed from its savepoint'], ['--stack prod stop 3f9a --drain', 'all windows fire; nothing to resume is left']))
    .action(async (prefix: string, flags: StopFlags, command) => {
      const context = contextOf(command, console);
      await withPlace(context, { create: false }, async (place) => {
        const job = await resolveJob(place.ports, prefix);
        const drain = flags.drain === true;
        const directory = await savepointDirectory(place, job, flags.savepointPath);
        printInfo(context, `${drain ? 'Draining' : 'Suspending'} job "${job}" with a CANONICAL savepoint.`);
        printInfo(context, `Triggering stop-with-savepoint for job ${job}.`);
        const path = await place.operations.stop(job, { directory, drain });
        printResult(context, `Savepoint completed. Path: ${path}`, { job, path });
      });
    });
};

/** `sluice savepoint JOB [DIR]` and `sluice savepoint --dispose PATH`. */
import { resolveJob } from '../control/jobs.ts';
import { disposeSavepoint } from '../savepoint/dispose.ts';
import { locationOf } from '../savepoint/location.ts';
import { contextOf, printInfo, printResult, withPlace, type AddCommand, type Context } from './context.ts';
import { usage } from './errors.ts';
import { examples } from './examples.ts';
import { savepointAt, savepointDirectory, userPath } from './paths.ts';

export const addSavepoint: AddCommand = (program, console) => {
  program
    .command('savepoint')
    .description('take a savepoint of a running job, or delete one')
    .summary('take a savepoint, or delete one')
    .argument('[job]', 'id of a job, or the beginning of one')
    .argument('[directory]', "where the savepoint's own directory is made; default: the job's savepoint directory, else that of the stack, or savepoints in the data directory")
    .option('-d, --dispose <savepoint>', 'delete the savepoint at this path')
    .addHelpText(
      'after',
      examples(
        ['savepoint 3f9a', 'of the job whose id begins with 3f9a'],
        ['--stack prod savepoint 3f9a s3://other-bucket/savepoints', 'as an execution of Step Functions'],
        ['savepoint --dispose s3://bucket/savepoints/savepoint-3f9a21-0c1d2e3f4a5b', 'delete one'],
      ),
    )
    .action(async (job: string | undefined, directory: string | undefined, options: { dispose?: string }, command) => {
      const context = contextOf(command, console);
      if (options.dispose !== undefined) return dispose(context, options.dispose);
      if (job === undefined) throw usage("missing required argument 'job'", 'sluice savepoint JOB [DIR]');
      return take(context, job, directory);
    });
};

async function take(context: Context, prefix: string, directory: string | undefined): Promise<void> {
  await withPlace(context, { create: false }, async (place) => {
    const job = await resolveJob(place.ports, prefix);
    const target = await savepointDirectory(place, job, directory);
    printInfo(context, `Triggering savepoint for job ${job}.`);
    const path = await place.operations.savepoint(job, target);
    printResult(context, `Savepoint completed. Path: ${path}`, { job, path });
    printInfo(context, 'You can resume your program from this savepoint with the run command.');
  });
}

/** Needs no data directory: a savepoint is complete in itself. */
async function dispose(context: Context, url: string): Promise<void> {
  const path = locationOf(userPath(url));
  printInfo(context, `Disposing savepoint '${url}'.`);
  await disposeSavepoint(savepointAt(path), path);
  printResult(context, `Savepoint '${url}' disposed.`, { path });
}

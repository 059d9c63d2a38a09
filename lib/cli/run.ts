/** `sluice run JOB.ts`: submits the job of a program, as `flink run` does. */
import { contextOf, printInfo, printResult, withPlace, type AddCommand } from './context.ts';
import { named } from './deploy.ts';
import { usage } from './errors.ts';
import { examples } from './examples.ts';
import { userPath } from './paths.ts';
import { readProgram, storeBundle } from './programs.ts';

interface RunFlags {
  readonly name?: string;
  readonly savepoint?: string;
  readonly allowNonRestoredState?: true;
  readonly pauseTtl?: true;
}

const ABOUT = `
The program is a TypeScript or JavaScript file: export default defineJob('name', …), of 'sluice/api'. It is stored with all that it imports, so the job
keeps it as it is now. Functions run where the job runs: in \`sluice up\`.`;

export const addRun: AddCommand = (program, console) => {
  program
    .command('run')
    .description('submit the job of a program in TypeScript')
    .argument('<program>', 'TypeScript file whose default export is a job')
    .option('--name <name>', 'name of the job; default: that of its definition')
    .option('-s, --savepoint <savepoint>', 'the job begins from the one at this path')
    .option('-n, --allow-non-restored-state', 'drop state that the program has no place for')
    .option('--pause-ttl', 'let the time-to-live of state go on from where it was when the savepoint was taken')
    .addHelpText('after', ABOUT)
    .addHelpText(
      'after',
      examples(
        ['run jobs/fraud.ts', 'a new job, without state; `sluice up` runs it'],
        ['run jobs/fraud.ts -s savepoints/savepoint-3f9a21-0c1d2e3f4a5b', 'a new job, from a savepoint'],
        ['plan --diff 3f9a jobs/fraud.ts', 'look first what becomes of the state of job 3f9a…'],
        ['resume 3f9a --program jobs/fraud.ts', 'the same job goes on with another program'],
      ),
    )
    .action(async (file: string, flags: RunFlags, command) => {
      const context = contextOf(command, console);
      const savepoint = flags.savepoint === undefined ? null : userPath(flags.savepoint);
      const pauseTtl = flags.pauseTtl === true;
      if (pauseTtl && savepoint === null) throw usage('--pause-ttl is about the state of a savepoint, and none is named', 'name one with -s');
      const prepared = await readProgram(context, file);
      await withPlace(context, { create: true }, async (place) => {
        await storeBundle(place, prepared);
        const job = await place.operations.create(named(prepared.plan, flags.name), { savepoint, allowNonRestored: flags.allowNonRestoredState === true, pauseTtl });
        printInfo(context, '[INFO] The job of the program has been successfully submitted to the cluster:');
        printResult(context, `Job ID: ${job}\n`, { jobId: job });
      });
    });
};

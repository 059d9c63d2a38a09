/** `sluice resume JOB`: a job that has ended goes on under its own id. */
import { resolveJob } from '../control/jobs.ts';
import type { Plan } from '../core/plan.ts';
import { contextOf, printInfo, printResult, withPlace, type AddCommand, type Context, type Place } from './context.ts';
import { usage } from './errors.ts';
import { examples } from './examples.ts';
import { userPath } from './paths.ts';
import { readProgram, storeBundle } from './programs.ts';
import { collect, openSession, readScript, runScript, type ScriptOption } from './scripts.ts';

interface ResumeFlags {
  readonly from?: string;
  readonly init?: readonly ScriptOption[];
  readonly file?: readonly ScriptOption[];
  readonly program?: string;
  readonly allowNonRestoredState?: true;
  readonly allowOffsetGap?: true;
  readonly pauseTtl?: true;
}

export const addResume: AddCommand = (program, console) => {
  program
    .command('resume')
    .description('let a job go on, from its last state or from a savepoint')
    .summary('let a job go on')
    .argument('<job>', 'id of a job, or the beginning of one')
    .option('-s, --from <savepoint>', 'path of a savepoint; default: the last state of the job')
    .option('-i, --init <file>', 'statements to execute before those of -f', collect('file'))
    .option('-f, --file <file>', 'go on with the last INSERT of this file', collect('file'))
    .option('--program <file>', 'go on with this program: a TypeScript file')
    .option('-n, --allow-non-restored-state', 'drop state that the new plan has no place for')
    .option('--allow-offset-gap', 'go on although records behind the state are gone')
    .option('--pause-ttl', 'let the time-to-live of state go on from where it was when the job stopped')
    .addHelpText(
      'after',
      examples(
        ['resume 3f9a', 'from its last state'],
        ['--stack prod resume 3f9a --from s3://bucket/savepoints/savepoint-3f9a21-0c1d2e3f4a5b', 'from a savepoint'],
        ['resume 3f9a -f clicks.sql', 'with another statement; `sluice deploy` also stops the job before'],
        ['resume 3f9a --program jobs/fraud.ts', 'with another program'],
      ),
    )
    .action(async (prefix: string, flags: ResumeFlags, command) => {
      const context = contextOf(command, console);
      await withPlace(context, { create: false }, (place) => resume(context, place, prefix, flags));
    });
};

async function resume(context: Context, place: Place, prefix: string, flags: ResumeFlags): Promise<void> {
  const job = await resolveJob(place.ports, prefix);
  const savepoint = flags.from === undefined ? null : userPath(flags.from);
  const plan = await nextPlan(context, place, flags);
  const { allowNonRestoredState, allowOffsetGap, pauseTtl } = flags;
  const dropped = await place.operations.resume(job, {
    savepoint,
    plan,
    allowNonRestored: allowNonRestoredState === true,
    allowOffsetGap: allowOffsetGap === true,
    pauseTtl: pauseTtl === true,
  });
  printResult(context, `Resumed job ${job} from ${savepoint ?? 'its last state'}.`, { job, from: savepoint, dropped });
  for (const state of dropped) printInfo(context, `Dropped state: ${state}`);
}

/** Null where the job goes on as it is. */
async function nextPlan(context: Context, place: Place, { init = [], file, program }: ResumeFlags): Promise<Plan | null> {
  if (program === undefined) return file === undefined ? null : planOf(context, place, [...init, ...file]);
  if (file !== undefined) throw usage('a job goes on with a statement or with a program, and both are given', 'leave out -f or --program');
  const prepared = await readProgram(context, program);
  await storeBundle(place, prepared);
  return prepared.plan;
}

/** Executes the files with nothing submitted; the last INSERT is what the job shall be. */
async function planOf(context: Context, place: Place, files: readonly ScriptOption[]): Promise<Plan> {
  const plans: Plan[] = [];
  const submit = async (plan: Plan): Promise<null> => {
    plans.push(plan);
    return null;
  };
  const session = openSession(context, place, { submit });
  for (const file of files) await runScript(session, await readScript(file), async () => {});
  const last = plans.at(-1);
  if (last === undefined) throw usage(`there is no INSERT in ${files.map((file) => file.value).join(', ')}`);
  return last;
}

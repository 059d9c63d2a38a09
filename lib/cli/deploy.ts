/** `sluice deploy JOB.sql|JOB.ts`: makes a job be what its script or program says, whether it is there already or not. */
import { jobNamed, jobsWriting } from '../control/jobs.ts';
import type { Upgraded } from '../control/operations.ts';
import type { JobSummary } from '../control/summary.ts';
import { sinksOf, type Plan } from '../core/plan.ts';
import { NO_CODE, type Code } from '../core/process/code.ts';
import { isProgram } from '../program/name.ts';
import { planJob, type ScriptedJob } from '../sql/plan-script.ts';
import { contextOf, printInfo, printResult, withPlace, type AddCommand, type Context, type Place } from './context.ts';
import { usage } from './errors.ts';
import { examples } from './examples.ts';
import { savepointDirectory, userPath } from './paths.ts';
import { readProgram, storeBundle } from './programs.ts';
import { collect, readScript, surroundingsOf, type ScriptOption } from './scripts.ts';

interface DeployFlags {
  readonly init?: readonly ScriptOption[];
  readonly name?: string;
  readonly savepoint?: string;
  readonly savepointPath?: string;
  readonly allowNonRestoredState?: true;
}

const ABOUT = `
The script says all that its job needs: SET, CREATE and USE, and one INSERT. A job is known by its name: 'pipeline.name', or --name.
Without either the name follows from the tables that its INSERTs write, and changes with them.
Its tables are its own: \`sluice query\` sees those that \`sluice sql\` has made.`;

export const addDeploy: AddCommand = (program, console) => {
  program
    .command('deploy')
    .description('create the job of a script or program, or upgrade the one with its name, which keeps its state')
    .summary('create a job, or upgrade it with its state')
    .argument('<script>', 'SQL file with one INSERT, or a program: a TypeScript file')
    .option('-i, --init <file>', 'statements before those of the script; may be repeated', collect('file'))
    .option('--name <name>', "name of the job; default: what the script says with 'pipeline.name'")
    .option('--savepoint <savepoint>', 'a new job begins from the one at this path')
    .option('-p, --savepointPath <directory>', 'where the savepoint of an upgrade goes')
    .option('-n, --allow-non-restored-state', 'drop state that the new plan has no place for, and begin anew what has none')
    .addHelpText('after', ABOUT)
    .addHelpText(
      'after',
      examples(
        ['--stack prod deploy clicks.sql', 'create the job, or upgrade the one that has its name'],
        ['plan --diff 3f9a clicks.sql', 'look first what becomes of the state of job 3f9a…'],
        ['deploy -i tables.sql clicks.sql --name clicks', 'definitions from a file of their own'],
      ),
    )
    .action(async (script: string, flags: DeployFlags, command) => {
      const context = contextOf(command, console);
      const job = await plannedJob(context, script, flags);
      await withPlace(context, { create: true }, (place) => deploy(context, place, job, flags));
    });
};

/** The job of a file, and the program that its plan names, if any. */
export interface PlannedJob extends ScriptedJob {
  readonly bundle: Uint8Array | null;
  readonly code: Code;
}

/** The job of a script or program, with the name of the command line. */
export async function plannedJob(context: Context, file: string, { init = [], name }: Pick<DeployFlags, 'init' | 'name'>): Promise<PlannedJob> {
  const job = isProgram(file) ? await programmedJob(context, file, init) : await scriptedJob(context, file, init);
  return { ...job, plan: named(job.plan, name) };
}

async function scriptedJob(context: Context, file: string, init: readonly ScriptOption[]): Promise<PlannedJob> {
  const scripts = await Promise.all([...init, { kind: 'file', value: file } as const].map(readScript));
  return { ...planJob(scripts, surroundingsOf(context)), bundle: null, code: NO_CODE };
}

async function programmedJob(context: Context, file: string, [init]: readonly ScriptOption[]): Promise<PlannedJob> {
  if (init !== undefined) throw usage(`--init '${init.value}' is SQL, and '${file}' is a program`, 'a program defines its tables itself');
  const { plan, bundle, code } = await readProgram(context, file);
  return { plan, bundle, code, savepoint: null, allowNonRestored: false };
}

/** A plan with the name of the command line, if there is one. */
export const named = (plan: Plan, name: string | undefined): Plan => (name === undefined ? plan : { ...plan, name, options: { ...plan.options, 'pipeline.name': name } });

async function deploy(context: Context, place: Place, job: PlannedJob, flags: DeployFlags): Promise<void> {
  await storeBundle(place, job);
  const there = await jobNamed(place.workshop, job.plan.name);
  if (there !== null) return upgrade(context, place, there, job, flags);
  if (isScript(job.plan) && job.plan.options['pipeline.name'] === undefined) await requireNewTables(place, job.plan);
  return create(context, place, job, flags);
}

/** A program always names its job. */
const isScript = ({ sql }: Plan): boolean => sql !== '';

/** An INSERT more, or one less, gives a script without a name another one: it may well mean the job that is there. */
async function requireNewTables({ workshop }: Place, plan: Plan): Promise<void> {
  const tables = sinksOf(plan).map(({ table }) => table);
  const [job] = await jobsWriting(workshop, tables);
  if (job === undefined) return;
  throw usage(
    `the script gives its job no name, and job ${job.id} ('${job.name}') writes one of its tables already: ${tables.join(', ')}`,
    `upgrade that job with --name '${job.name}', or name another one: SET 'pipeline.name' = '…', or --name`,
  );
}

async function create(context: Context, { operations }: Place, { plan, ...said }: ScriptedJob, flags: DeployFlags): Promise<void> {
  const savepoint = flags.savepoint === undefined ? said.savepoint : userPath(flags.savepoint);
  const id = await operations.create(plan, { savepoint, allowNonRestored: flags.allowNonRestoredState === true || said.allowNonRestored });
  printResult(context, `Created job ${id}: ${plan.name}${savepoint === null ? '' : `, from ${savepoint}`}`, { job: id, name: plan.name, action: 'create', savepoint, dropped: [] });
}

/** Where a script begins a new job says nothing about one that runs. */
async function upgrade(context: Context, place: Place, { id, name }: JobSummary, { plan, allowNonRestored }: ScriptedJob, flags: DeployFlags): Promise<void> {
  if (flags.savepoint !== undefined) {
    throw usage(`--savepoint is where a new job begins, but job ${id} is named '${name}' already`, `go back to a savepoint with: sluice resume ${id.slice(0, 8)} --from ${flags.savepoint}`);
  }
  const directory = await savepointDirectory(place, id, flags.savepointPath);
  const upgraded = await place.operations.upgrade(id, plan, { directory, allowNonRestored: flags.allowNonRestoredState === true || allowNonRestored });
  printResult(context, `${upgradedText(upgraded, id)}: ${name}`, { job: id, name, action: upgraded.kind, savepoint: upgraded.savepoint, dropped: upgraded.dropped });
  for (const state of upgraded.dropped) printInfo(context, `Dropped state: ${state}`);
}

function upgradedText({ kind, savepoint }: Upgraded, id: string): string {
  switch (kind) {
    case 'same':
      return `Nothing to change in job ${id}`;
    case 'upgrade':
      return `Upgraded job ${id} with savepoint ${savepoint}`;
    case 'restart':
      return `Restarted job ${id} from its last state`;
    case 'revert':
      return `Took job ${id} back to savepoint ${savepoint}`;
  }
}

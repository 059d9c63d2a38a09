/** `sluice plan [--diff SAVEPOINT|JOB] JOB.sql|JOB.ts`: what a script or program would run, and what would become of a state. Changes nothing. */
import { jobNamed, resolveJob } from '../control/jobs.ts';
import type { Plan } from '../core/plan.ts';
import { withoutSecrets } from '../core/secrets.ts';
import { readControl, readPlan } from '../engine/lifecycle/job-control.ts';
import { compareState, comparisonLines, verdictOf, type Verdict } from '../savepoint/compatibility.ts';
import { statesDeclaredIn } from '../savepoint/function-compatibility.ts';
import { locationOf } from '../savepoint/location.ts';
import { describeSavepoint } from '../savepoint/verify.ts';
import { explainPlan } from '../sql/explain.ts';
import { contextOf, printResult, withPlace, type AddCommand, type Context, type Place } from './context.ts';
import { plannedJob, type PlannedJob } from './deploy.ts';
import { EndsWith } from './errors.ts';
import { examples } from './examples.ts';
import { savepointAt, userPath } from './paths.ts';
import { collect, type ScriptOption } from './scripts.ts';

interface PlanFlags {
  readonly diff?: string;
  readonly init?: readonly ScriptOption[];
}

/** Exit codes with --diff, behind those of every command. */
export const VERDICTS: Readonly<Record<Verdict, number>> = { compatible: 0, 'partly compatible': 3, incompatible: 4 };

const ABOUT = `
With --diff the exit code is 0 if all state goes on, 3 if some would be dropped or begin anew (which --allow-non-restored-state allows),
and 4 if some cannot be taken over.`;

export const addPlan: AddCommand = (program, console) => {
  program
    .command('plan')
    .description('show what the script or program of a job would run; with --diff, what would become of a state')
    .summary('show what would run, and become of the state')
    .argument('<script>', 'SQL file with one INSERT, or a program: a TypeScript file')
    .option('-i, --init <file>', 'statements before those of the script; may be repeated', collect('file'))
    .option('--diff <savepoint|job>', 'path of a savepoint; or the name of a job, or its id, or the beginning of that')
    .addHelpText('after', ABOUT)
    .addHelpText(
      'after',
      examples(
        ['plan clicks.sql', 'the plan, from the sink down to the sources'],
        ['plan jobs/fraud.ts', 'the plan of a program'],
        ['--stack prod plan --diff clicks clicks.sql', 'what `sluice deploy` would do to the state of the job of this name'],
        ['plan --diff s3://bucket/savepoints/savepoint-3f9a21-0c1d2e3f4a5b clicks.sql', 'could the job begin from there?'],
      ),
    )
    .action(async (script: string, flags: PlanFlags, command) => {
      const context = contextOf(command, console);
      const { plan, code } = await plannedJob(context, script, flags);
      if (flags.diff === undefined) printResult(context, explainPlan(plan), withoutSecrets(plan));
      else printDifference(context, flags.diff, await savedPlan(context, flags.diff), { plan, code });
    });
};

const PATH = /[/:\\]|^savepoint-/;

async function savedPlan(context: Context, from: string): Promise<Plan> {
  if (!PATH.test(from)) return withPlace(context, { create: false }, (place) => planOfJob(place, from));
  const path = locationOf(userPath(from));
  return (await describeSavepoint(savepointAt(path), path)).plan;
}

async function planOfJob({ ports, workshop }: Place, name: string): Promise<Plan> {
  const job = (await jobNamed(workshop, name))?.id ?? (await resolveJob(ports, name));
  const { control } = await readControl(ports, job);
  return readPlan(ports, job, control.begun?.planHash ?? control.planHash);
}

function printDifference(context: Context, from: string, saved: Plan, { plan: next, code }: Pick<PlannedJob, 'plan' | 'code'>): void {
  const comparison = compareState(saved, next, statesDeclaredIn(code));
  const verdict = verdictOf(comparison);
  printResult(context, [`${from} to '${next.name}': ${verdict}`, ...comparisonLines(comparison)].join('\n'), { from, name: next.name, verdict, ...comparison });
  if (verdict !== 'compatible') throw new EndsWith(VERDICTS[verdict]);
}

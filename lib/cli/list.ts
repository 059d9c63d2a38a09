/** `sluice list [-a]`: running jobs, and those that have ended. */
import { listJobs } from '../control/jobs.ts';
import { isEnded, type JobSummary } from '../control/summary.ts';
import { contextOf, printInfo, withPlace, type AddCommand } from './context.ts';
import { examples } from './examples.ts';
import { deadLetterLines, fireErrorLines, recordErrorLines, sinkErrorLines, timeText } from './text.ts';

export const addList: AddCommand = (program, console) => {
  program
    .command('list')
    .description('list jobs, with what holds them up')
    .summary('list jobs')
    .option('-a, --all', 'also jobs that have ended')
    .option('-r, --running', 'running jobs only (the default)')
    .addHelpText('after', examples(['list', 'jobs that run, and what holds them up'], ['list -a --json', 'also those that have ended, as JSON lines'], ['--stack prod list', 'those of a stack']))
    .action(async (options: { all?: true }, command) => {
      const context = contextOf(command, console);
      const jobs = await withPlace(context, { create: false }, ({ workshop }) => listJobs(workshop));
      const shown = jobs.filter((job) => options.all === true || !isEnded(job));
      if (context.json) for (const job of shown) console.out(JSON.stringify(job));
      else printInfo(context, listText(shown, options.all === true).join('\n'));
    });
};

/** `all`: also those that have ended. */
export function listText(jobs: readonly JobSummary[], all: boolean): string[] {
  const running = jobs.filter((job) => !isEnded(job));
  const ended = jobs.filter(isEnded);
  return [
    ...(running.length === 0 ? ['No running jobs.'] : section('------------------ Running/Restarting Jobs -------------------', running)),
    ...(all && ended.length > 0 ? section('---------------------- Terminated Jobs -----------------------', ended) : []),
  ];
}

const RULE = '--------------------------------------------------------------';

const section = (head: string, jobs: readonly JobSummary[]): string[] => [head, ...jobs.flatMap(jobLines), RULE];

function jobLines(job: JobSummary): string[] {
  const failure = job.failure === null ? [] : [`    ${job.failure.code}: ${job.failure.message}`];
  const fails = job.fireError === null ? [] : fireErrorLines(job.fireError).map((line, i) => `${' '.repeat(i === 0 ? 4 : 6)}${line}`);
  return [`${timeText(job.startedAt)} : ${job.id} : ${job.name} (${job.status})`, ...failure, ...fails, ...recordErrorLines(job.recordErrors, '    '), ...sinkErrorLines(job.sinkErrors, '    '), ...deadLetterLines(job.deadLetters, '    ')];
}

/** `sluice executions list|show`: what is and was done to the jobs of a stack. */
import { contextOf, type AddCommand, type Context } from './context.ts';
import { examples } from './examples.ts';
import { usage } from './errors.ts';

export const addExecutions: AddCommand = (program, console) => {
  const executions = program.command('executions').description('the executions of a stack: what is and was done to its jobs').summary('what is and was done to the jobs of a stack');
  const shown = examples(['--stack prod executions list 3f9a', 'what was done to job 3f9a…'], ['--stack prod executions show 3f9a21c0d4e5f60718293a4b5c6d7e8f-savepoint-9a8b7c', 'step by step']);
  executions.addHelpText('after', shown);
  executions
    .command('list')
    .description('list the newest executions')
    .argument('[job]', 'id of a job, or the beginning of one; those that a deployment has started are named after its requests')
    .option('--limit <number>', 'of each workflow', '20')
    .addHelpText('after', shown)
    .action(async (job: string | undefined, { limit }: { limit: string }, command) => {
      if (!/^[1-9]\d{0,2}$/.test(limit)) throw usage(`--limit cannot be '${limit}'`, 'it is a number from 1 to 999');
      const context = contextOf(command, console);
      await (await import('./executions-run.ts')).listExecutions(context, stackOf(context), { job: job ?? '', limit: Number(limit) });
    });
  executions
    .command('show')
    .description('show an execution: its states as they were entered, and what came of it')
    .argument('<name>', 'name of the execution')
    .addHelpText('after', shown)
    .action(async (name: string, _options: object, command) => {
      const context = contextOf(command, console);
      await (await import('./executions-run.ts')).showExecution(context, stackOf(context), name);
    });
};

function stackOf({ stack }: Context): string {
  if (stack === null) throw usage('executions are those of a stack', 'name it with --stack, or set SLUICE_STACK');
  return stack;
}

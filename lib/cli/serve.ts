/** `sluice serve [--stack NAME]`: the REST API of a platform whose jobs run elsewhere: in AWS, or by `sluice up` of another process. */
import { once } from 'node:events';
import { contextOf, printInfo, withPlace, type AddCommand } from './context.ts';
import { examples } from './examples.ts';
import { untilInterrupted } from './interrupt.ts';
import { withServer } from './rest.ts';
import { addRestOptions, type RestOptions } from './rest-options.ts';

const ABOUT = `
With --stack it stands between clients of Flink and a platform in AWS: they call this machine, and it calls AWS with your credentials. What they do to
jobs are executions of Step Functions, which go on when this command ends.`;

export const addServe: AddCommand = (program, console) => {
  addRestOptions(program.command('serve'))
    .description('serve the REST API of jobs that run elsewhere')
    .addHelpText('after', ABOUT)
    .addHelpText('after', examples(['--stack prod serve', '`flink list` and all that it is about: the jobs of the stack'], ['serve --rest-port 0', 'of the data directory, whose jobs another process runs']))
    .action(async (options: RestOptions, command) => {
      const context = contextOf(command, console);
      await withPlace(context, { create: true }, (place) =>
        withServer(context, place, options, async () => {
          printInfo(context, `No jobs run here: those of ${context.stack === null ? 'the store' : `stack '${context.stack}'`} are shown, and operated. End with Ctrl-C.`);
          await untilInterrupted((signal) => once(signal, 'abort'));
        }),
      );
    });
};

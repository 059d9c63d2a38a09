/** `sluice esm`: Kafka event source mappings for functions of any kind, without AWS. */
import { contextOf, type AddCommand } from './context.ts';
import { examples } from './examples.ts';
import { untilInterrupted } from './interrupt.ts';

export interface EsmOptions {
  readonly port: string;
  readonly lambdaEndpoint?: string;
  readonly follow?: true;
  readonly state?: string;
}

export const addEsm: AddCommand = (program, console) => {
  program
    .command('esm')
    .description("poll Kafka and invoke functions, as Lambda's event source mappings do")
    .summary('poll Kafka and invoke functions')
    .option('--port <port>', "port of 127.0.0.1 for Lambda's API; 0: any free one", '9010')
    .option('--lambda-endpoint <url>', 'Lambda API that has the functions, and answers all other calls')
    .option('--follow', 'poll the mappings that the Lambda endpoint has, instead of serving an API')
    .option('--state <file>', 'JSON file in which mappings outlive this process')
    .addHelpText('after', examples(['--kafka localhost:9092 esm', "an API of Lambda's mappings on port 9010"], ['--kafka localhost:9092 esm --follow --lambda-endpoint http://localhost:4566', 'the mappings of an emulator']))
    .action(async (options: EsmOptions, command) => {
      const { runEsm } = await import('./esm-run.ts');
      await untilInterrupted((signal) => runEsm(contextOf(command, console), options, signal));
    });
};

/** The `sluice` command: its options, its commands, and what its exit codes say. */
import { Command, CommanderError, Option } from 'commander';
import type { AddCommand } from './context.ts';
import { endOnClosedPipe, processConsole, type Console } from './console.ts';
import type { SluiceError } from '../core/errors.ts';
import { VERSION } from '../core/version.ts';
import { EndsWith, errorJson, errorText, EXIT, exitCodeOf, usage } from './errors.ts';
import { addCancel } from './cancel.ts';
import { addCompletion } from './completion.ts';
import { addDeploy } from './deploy.ts';
import { addDescribe } from './describe.ts';
import { addDoctor } from './doctor.ts';
import { addEsm } from './esm.ts';
import { examples } from './examples.ts';
import { addExecutions } from './executions.ts';
import { addLab } from './lab.ts';
import { addList } from './list.ts';
import { addPlan } from './plan.ts';
import { addQuery } from './query.ts';
import { addResume } from './resume.ts';
import { addRun } from './run.ts';
import { addSavepoint } from './savepoint.ts';
import { addServe } from './serve.ts';
import { addSql } from './sql.ts';
import { addStop } from './stop.ts';
import { addStore } from './store.ts';
import { addToken } from './token.ts';
import { addTopic } from './topic.ts';
import { addUp } from './up.ts';

/** In the order of the help. */
const COMMANDS: readonly (readonly [heading: string, commands: readonly AddCommand[]])[] = [
  ['Submit jobs:', [addSql, addRun, addDeploy, addPlan]],
  ['Operate them:', [addList, addDescribe, addSavepoint, addStop, addCancel, addResume, addExecutions]],
  ['Run them:', [addUp, addServe, addToken, addEsm]],
  ['Data:', [addTopic, addQuery, addStore]],
];

export async function main(): Promise<void> {
  endOnClosedPipe();
  process.exitCode = await run(process.argv.slice(2), processConsole);
}

/** Runs one command line and returns its exit code. */
export async function run(argv: readonly string[], console: Console): Promise<number> {
  try {
    await programOn(console).parseAsync(argv, { from: 'user' });
    return EXIT.ok;
  } catch (thrown) {
    if (thrown instanceof EndsWith) return thrown.exitCode;
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.ok;
    // A command without its subcommand: its help is printed already.
    if (thrown instanceof CommanderError && thrown.code === 'commander.help') return EXIT.usage;
    const error = thrown instanceof CommanderError ? usageOf(thrown) : thrown;
    console.err(argv.includes('--json') ? errorJson(error) : errorText(error));
    return exitCodeOf(error);
  }
}

/** `error: unknown command 'lst'`, and below it perhaps `(Did you mean list?)`. */
function usageOf({ message }: CommanderError): SluiceError {
  const [what = '', suggestion] = message.replace(/^error: /, '').split('\n');
  return usage(what, suggestion?.replace(/^\((.*)\)$/, '$1'));
}

/** All commands and their options. */
export function programOn(console: Console): Command {
  const program = new Command('sluice')
    .description('Stream processing with savepoints: Flink SQL, exactly once, on a laptop or in AWS.')
    .version(VERSION)
    .optionsGroup('Options of all commands:')
    .option('--dir <directory>', 'data directory', '.sluice')
    .option('--json', 'print data as JSON lines')
    .optionsGroup('A platform in AWS:')
    .addOption(new Option('--stack <name>', 'its CloudFormation stack').env('SLUICE_STACK'))
    .option('--profile <name>', 'profile of AWS; the same as AWS_PROFILE')
    .option('--region <name>', 'region of AWS; the same as AWS_REGION')
    .optionsGroup('Parts that are not embedded:')
    .addOption(new Option('--store <url>', 'logs and state: dynamodb://TABLE').env('SLUICE_STORE'))
    .addOption(new Option('--blobs <url>', 'large objects: s3://BUCKET/PREFIX').env('SLUICE_BLOBS'))
    .addOption(new Option('--kafka <brokers>', 'topics: HOST:PORT').env('SLUICE_KAFKA'))
    .addOption(new Option('--kafka-config <file>', 'properties of all Kafka clients').env('SLUICE_KAFKA_CONFIG'))
    .hook('preAction', (_, command) => useAccount(command.optsWithGlobals()))
    .exitOverride()
    .configureHelp({ subcommandTerm })
    .configureOutput({
      writeOut: (text) => console.out(text.trimEnd()),
      writeErr: (text) => console.err(text.trimEnd()),
      // Errors are printed in one place, by `run`.
      outputError: () => {},
    });
  for (const [heading, commands] of COMMANDS) {
    program.commandsGroup(heading);
    for (const add of commands) add(program, console);
  }
  program.commandsGroup('Help:').helpCommand('help [command]', 'the help of a command');
  addLab(program, console, run);
  addDoctor(program, console);
  addCompletion(program, console);
  program.addHelpText('afterAll', ({ command }) => (command === program ? '' : OF_ALL));
  return program.addHelpText('after', examples(['lab', 'see what it does'], ['sql', 'a prompt'], ['savepoint --help', 'the options of a command, and examples']));
}

const OF_ALL = '\nBefore or after them: --dir, --json, --stack and the other options of all commands; see `sluice --help`.';

/** Their options stand in their own help. */
const subcommandTerm = (command: Command): string => [command.name(), ...command.registeredArguments.map((argument) => (argument.required ? `<${argument.name()}>` : `[${argument.name()}]`))].join(' ');

/** All clients of AWS read these when their first request needs them. */
function useAccount({ profile, region }: { readonly profile?: string; readonly region?: string }): void {
  if (profile !== undefined) process.env['AWS_PROFILE'] = profile;
  if (region !== undefined) process.env['AWS_REGION'] = region;
}

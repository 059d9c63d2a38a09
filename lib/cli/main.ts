/** The `sluice` command: its options, its commands, and what its exit codes say. */
import { Command, CommanderError, Option } from 'commander';
import { endOnClosedPipe, processConsole, type Console } from './console.ts';
import type { SluiceError } from '../core/errors.ts';
import { VERSION } from '../core/version.ts';
import { EndsWith, errorJson, errorText, EXIT, exitCodeOf, usage } from './errors.ts';
import { addCancel } from './cancel.ts';
import { addDeploy } from './deploy.ts';
import { addDescribe } from './describe.ts';
import { addEsm } from './esm.ts';
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

/** In the order of the help; the lab, which runs the others, comes last. */
const COMMANDS = [addUp, addServe, addSql, addRun, addPlan, addDeploy, addList, addDescribe, addSavepoint, addStop, addCancel, addResume, addExecutions, addTopic, addStore, addQuery, addEsm, addToken];

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

function programOn(console: Console): Command {
  const program = new Command('sluice')
    .description('Stream processing with savepoints: Flink SQL, exactly once, on a laptop or in AWS.')
    .version(VERSION)
    .option('--dir <directory>', 'data directory', '.sluice')
    .option('--json', 'print data as JSON lines')
    .addOption(new Option('--stack <name>', 'the platform of this CloudFormation stack').env('SLUICE_STACK'))
    .addOption(new Option('--profile <name>', 'profile of AWS; the same as AWS_PROFILE'))
    .addOption(new Option('--region <name>', 'region of AWS; the same as AWS_REGION'))
    .addOption(new Option('--store <url>', 'where jobs keep their logs and state: embedded (default), or dynamodb://TABLE').env('SLUICE_STORE'))
    .addOption(new Option('--blobs <url>', 'where their large objects are: embedded (default), or s3://BUCKET/PREFIX').env('SLUICE_BLOBS'))
    .addOption(new Option('--kafka <brokers>', 'where topics are: embedded (default), HOST:PORT, or tables for what each table says').env('SLUICE_KAFKA'))
    .addOption(new Option('--kafka-config <file>', 'properties of Kafka clients, for all tables').env('SLUICE_KAFKA_CONFIG'))
    .hook('preAction', (_, command) => useAccount(command.optsWithGlobals()))
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => console.out(text.trimEnd()),
      writeErr: (text) => console.err(text.trimEnd()),
      // Errors are printed in one place, by `run`.
      outputError: () => {},
    });
  for (const add of COMMANDS) add(program, console);
  addLab(program, console, run);
  return program;
}

/** All clients of AWS read these when their first request needs them. */
function useAccount({ profile, region }: { readonly profile?: string; readonly region?: string }): void {
  if (profile !== undefined) process.env['AWS_PROFILE'] = profile;
  if (region !== undefined) process.env['AWS_REGION'] = region;
}

/** Deploys the app of this repository, unchanged, to an emulator, and takes it away again. */
import { mkdir } from 'node:fs/promises';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CREDENTIALS } from '../services/environment.ts';
import { playCloudFormation } from './custom-resources.ts';
import { clientOptions, TRAITS, type Emulator } from './emulators.ts';
import { templatesOf } from './template.ts';
import { cdk, type Ended, type Surroundings } from './programs.ts';

/** Where stacks are deployed, and what they are given. */
export interface Place {
  readonly emulator: Emulator;
  /** `127.0.0.1:PORT` */
  readonly kafka: string;
  /** URL of the local event source. */
  readonly eventSources: string;
  /** For templates and notes, one directory for each emulator. */
  readonly dir: string;
}

export interface StackWanted {
  readonly name: string;
  /** Files with SQL or a program. */
  readonly jobs?: readonly string[];
  /** `NAME=VALUE` */
  readonly context?: readonly string[];
}

type Echo = Surroundings['echo'];
const ACCOUNT = '000000000000';

/** In a directory without an app: what is bootstrapped is the account. */
export async function bootstrap({ emulator, dir }: Place, echo?: Echo): Promise<Ended> {
  await mkdir(dir, { recursive: true });
  return succeeded('cdk bootstrap', await cdk(['bootstrap', `aws://${ACCOUNT}/${CREDENTIALS.AWS_REGION}`], { emulator, cwd: dir, ...echoing(echo) }));
}

/** The exit code says whether it succeeded: a deployment that is refused is not always a mistake. */
export async function deploy(place: Place, stack: StackWanted, echo?: Echo): Promise<Ended> {
  const ended = await cdk(['deploy', stack.name, '--require-approval', 'never', ...appOf(place, stack)], { emulator: place.emulator, ...echoing(echo) });
  if (ended.exitCode !== 0 || TRAITS[place.emulator.name].asksCustomResources) return ended;
  return finished(ended, await playCloudFormation(place, stack.name, 'deploy'), echo);
}

/** Deletes the stack; table and bucket stay, as on AWS. */
export async function destroy(place: Place, stack: StackWanted, echo?: Echo): Promise<Ended> {
  const trouble = TRAITS[place.emulator.name].asksCustomResources ? null : await playCloudFormation(place, stack.name, 'destroy');
  if (trouble !== null) throw new Error(trouble);
  return succeeded('cdk destroy', await cdk(['destroy', stack.name, '--force', ...appOf(place, stack)], { emulator: place.emulator, ...echoing(echo) }));
}

function appOf({ emulator, kafka, eventSources, dir }: Place, { name, jobs = [], context = [] }: StackWanted): string[] {
  const { leaveOut } = TRAITS[emulator.name];
  const values = [
    `sluice:stack=${name}`,
    `sluice:kafka=${kafka}`,
    `sluice:event-sources-endpoint=${eventSources}`,
    ...(leaveOut.length === 0 ? [] : [`sluice:leave-out=${leaveOut.join(',')}`]),
    ...(jobs.length === 0 ? [] : [`sluice:jobs=${jobs.join(',')}`]),
    ...context,
  ];
  return ['--output', templatesOf(dir), ...values.flatMap((value) => ['-c', value])];
}

/** Outputs of a stack, by name. */
export async function outputsOf(emulator: Emulator, stack: string): Promise<Readonly<Record<string, string>>> {
  const client = new CloudFormationClient(clientOptions(emulator));
  try {
    const { Stacks: [found] = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    return Object.fromEntries((found?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  } finally {
    client.destroy();
  }
}

function finished(ended: Ended, trouble: string | null, echo: Echo = () => {}): Ended {
  if (trouble === null) return ended;
  echo(`${trouble}\n`);
  return { ...ended, exitCode: 1, output: `${ended.output}${trouble}\n` };
}

function succeeded(what: string, ended: Ended): Ended {
  if (ended.exitCode !== 0) throw new Error(`${what} failed:\n${ended.output.trimEnd().split('\n').slice(-20).join('\n')}`);
  return ended;
}

const echoing = (echo: Echo): Pick<Surroundings, 'echo'> => (echo === undefined ? {} : { echo });

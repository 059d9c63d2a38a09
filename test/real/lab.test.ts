/**
 * The savepoint lab, all eight steps by the command line, with Kafka, DynamoDB and S3: state, spill and the savepoint itself. Nothing runs while the job
 * is submitted again, so that Kafka's own tool shows where the new generation's consumer group begins: exactly behind sp004.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Console } from '../../lib/cli/console.ts';
import { LabRun, type RunProgram } from '../../lib/cli/lab-run.ts';
import type { LabStep } from '../../lib/cli/lab-command.ts';
import { LAB } from '../../lib/cli/lab-steps.ts';
import { BUCKET } from '../services/environment.ts';
import { groupOffsets, kafkaTool, servers } from './servers.ts';

const PROGRAM = new URL('../../bin/sluice.ts', import.meta.url).pathname;
const SAVEPOINTS = `s3://${BUCKET}/savepoints`;

let dir = '';
let runner: ChildProcess | null = null;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-lab-'));
});
afterEach(async () => {
  await stopRunner();
  rmSync(dir, { recursive: true, force: true });
});

/** A process of its own for every command, as a user has it. */
const program: RunProgram = (argv, { out, err }) =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [PROGRAM, ...argv, ...PLACE()], (_, stdout, stderr) => {
      for (const line of stdout.trimEnd().split('\n')) out(line);
      if (stderr !== '') err(stderr.trimEnd());
      resolve(child.exitCode ?? 1);
    });
  });

const PLACE = (): string[] => ['--kafka', servers.kafka, '--store', 'dynamodb://sluice', '--blobs', `s3://${BUCKET}/lab`];

async function startRunner(): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, 'up', '--dir', dir, ...PLACE()], { stdio: ['ignore', 'pipe', 'inherit'] });
  runner = child;
  await once(child.stdout, 'data');
  child.stdout.resume();
}

async function stopRunner(): Promise<void> {
  if (runner === null) return;
  const ended = once(runner, 'exit');
  if (runner.exitCode === null && runner.signalCode === null && runner.kill('SIGTERM')) await ended;
  runner = null;
}

/** The lab's steps, with savepoints in S3. */
const steps: readonly LabStep[] = LAB.map((step) => ({
  ...step,
  commands: step.commands.map((command) => ({ ...command, type: command.type.map((word) => word.replace('{dir}/savepoints', SAVEPOINTS)) })),
}));

test('eight steps, and a consumer group that begins exactly behind sp004', { timeout: 180_000 }, async () => {
  const printed: string[] = [];
  const print = (line: string): void => void printed.push(line);
  const console: Console = { out: print, err: print, progress: () => {}, input: async () => null, terminal: () => null };
  const lab = new LabRun(dir, console, program);
  const take = async (step: LabStep | undefined): Promise<void> => {
    if (step === undefined) throw new Error('the lab has eight steps');
    const difference = await lab.take(step, () => runner !== null && runner.exitCode !== null);
    expect(difference, printed.join('\n')).toBeNull();
  };
  expect(steps).toHaveLength(8);

  await startRunner();
  for (const step of steps.slice(0, 5)) await take(step);
  await stopRunner();
  const before = await generationGroups();
  await take(steps[5]);
  const after = await generationGroups();
  const added = after.filter((group) => !before.includes(group));
  expect(added).toEqual([expect.stringMatching(/^sluice-[0-9a-f]{32}-g\d+-0\.savepoint-events$/)]);
  expect(printed.join('\n')).toContain(`Path: ${SAVEPOINTS}/savepoint-`);
  // Offsets 0 to 3 are sp001 to sp004; sp005 to sp008 wait.
  expect(await groupOffsets(added[0] ?? '')).toEqual([{ topic: 'savepoint-events', partition: 0, current: 4, end: 8 }]);

  await startRunner();
  for (const step of steps.slice(6)) await take(step);
});

/** The groups of generations, which exist beside those that tables name. */
const generationGroups = async (): Promise<string[]> => (await kafkaTool('groups', ['--list'])).split('\n').filter((name) => name.startsWith('sluice-'));

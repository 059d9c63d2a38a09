/** The lab's own `sluice up`: a process that is always ended, by its id. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { SluiceError } from '../core/errors.ts';
import { setTimeout as sleep } from 'node:timers/promises';

const STARTED_WITHIN_MS = 20_000;
const ENDS_WITHIN_MS = 5000;

export interface LabRunner {
  /** What it has printed on standard error, to explain a difference. */
  errors(): string;
  isDown(): boolean;
  stop(): Promise<void>;
}

/** Starts the runner and waits until it says that it runs. */
export async function startRunner(dir: string): Promise<LabRunner> {
  const [node, script = ''] = process.argv;
  const child = spawn(node ?? process.execPath, [script, 'up', '--dir', dir], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const errors = (): string => (stderr === '' ? '' : `\nthe runner said:\n${stderr.trimEnd()}`);
  const isDown = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (isDown()) return;
    child.kill('SIGTERM');
    await Promise.race([ended, sleep(ENDS_WITHIN_MS, undefined, { ref: false })]);
    if (!isDown()) child.kill('SIGKILL');
    await ended;
  };
  const isUp = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false), sleep(STARTED_WITHIN_MS, false, { ref: false })]);
  child.stdout.resume();
  if (isUp) return { errors, isDown, stop };
  await stop();
  throw new SluiceError('INVARIANT', { message: `the runner did not start${errors()}` });
}

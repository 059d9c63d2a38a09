/** Starts Kafka, DynamoDB and S3 once for all tests against real servers. A guard sees to it that nothing is left behind, however the run ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Guarded } from './guard.ts';

const GUARD = new URL('guard.ts', import.meta.url).pathname;

export default async function setup(): Promise<() => Promise<void>> {
  const guard = spawn(process.execPath, [GUARD], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(guard, 'exit');
  const teardown = async (): Promise<void> => {
    guard.stdin.end();
    await ended;
  };
  const { environment, absent } = await guarded(guard);
  if (absent.length > 0) {
    await teardown();
    throw new Error(`The tests against real servers need all of them.\n${absent.join('\n')}`);
  }
  Object.assign(process.env, environment);
  return teardown;
}

async function guarded({ stdout }: ChildProcess): Promise<Guarded> {
  if (stdout === null) throw new Error('the guard has no output');
  for await (const line of createInterface({ input: stdout })) return JSON.parse(line);
  throw new Error('the guard ended before it said what runs');
}

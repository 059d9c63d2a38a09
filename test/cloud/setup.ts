/** Gives the tests of a project an emulator with Kafka and the local event source. A guard sees to it that nothing is left behind, however the run ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestProject } from 'vitest/node';
import type { Place } from './stacks.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly place: Place;
  }
}

const GUARD = new URL('guard.ts', import.meta.url).pathname;

export default async function setup({ name, provide }: TestProject): Promise<() => Promise<void>> {
  const guard = spawn(process.execPath, [GUARD, name], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(guard, 'exit');
  provide('place', await placeOf(guard));
  return async () => {
    guard.stdin.end();
    await ended;
  };
}

async function placeOf({ stdout }: ChildProcess): Promise<Place> {
  if (stdout === null) throw new Error('the guard has no output');
  for await (const line of createInterface({ input: stdout })) return JSON.parse(line);
  throw new Error('the guard ended before it said what runs');
}

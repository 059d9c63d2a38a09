/**
 * Owns the services of one test run, in a process of its own: it starts them, says so in one line of JSON, and when its standard input ends, since the
 * run is over or was ended in whatever way, stops them and removes their directory.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentOf, type Running } from '../services/environment.ts';
import { down, up } from '../services/services.ts';
import { DIRECTORY } from './servers.ts';

/** What it says. */
export interface Guarded {
  readonly environment: Readonly<Record<string, string>>;
  /** Why something does not run; empty if all does. */
  readonly absent: readonly string[];
}

/** Without what makes the real parts the place of every command: a test says which of them are its place. */
function connections(running: Running): Readonly<Record<string, string>> {
  const { SLUICE_KAFKA: _kafka, SLUICE_STORE: _store, SLUICE_BLOBS: _blobs, ...rest } = environmentOf(running);
  return rest;
}

const dir = mkdtempSync(join(tmpdir(), 'sluice-real-'));
// Ctrl-C goes to all processes of a terminal; this one has something left to do then.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
const ended = new Promise((resolve) => process.stdin.once('end', resolve).once('close', resolve).resume());

try {
  const { running, absent } = await up({ dir });
  const guarded: Guarded = {
    environment: { ...connections(running), [DIRECTORY]: dir },
    absent: absent.map(({ name, kind, why }) => `${name}: ${kind}. ${why}`),
  };
  process.stdout.on('error', () => {}); // the run may be gone already
  process.stdout.write(`${JSON.stringify(guarded)}\n`);
  await ended;
} finally {
  await down({ dir });
  rmSync(dir, { recursive: true, force: true });
}

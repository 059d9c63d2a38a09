/**
 * Owns the services of one test run, in a process of its own: it starts them, says so in one line of JSON, and when its standard input ends, since the
 * run is over or was ended in whatever way, stops them and removes their directory.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentOf } from '../services/environment.ts';
import { down, up } from '../services/services.ts';
import { DIRECTORY } from './servers.ts';

/** What it says. */
export interface Guarded {
  readonly environment: Readonly<Record<string, string>>;
  /** Why something does not run; empty if all does. */
  readonly absent: readonly string[];
}

const dir = mkdtempSync(join(tmpdir(), 'sluice-real-'));
// Ctrl-C goes to all processes of a terminal; this one has something left to do then.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
const ended = new Promise((resolve) => process.stdin.once('end', resolve).once('close', resolve).resume());

try {
  const { running, absent } = await up({ dir });
  const guarded: Guarded = {
    environment: { ...environmentOf(running), [DIRECTORY]: dir },
    absent: absent.map(({ name, kind, why }) => `${name}: ${kind}. ${why}`),
  };
  process.stdout.on('error', () => {}); // the run may be gone already
  process.stdout.write(`${JSON.stringify(guarded)}\n`);
  await ended;
} finally {
  await down({ dir });
  rmSync(dir, { recursive: true, force: true });
}

/** The command in this process, with its output caught, on a data directory of one test. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { run } from '../../lib/cli/main.ts';

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export const ROOT = new URL('../..', import.meta.url).pathname;
export const LAB = `${ROOT}lib/cli/lab/`;

/** A fresh directory; `sluice(...)` works on the data directory inside it. */
export function place(): { dir: string; file(name: string, text: string): string; sluice(...argv: string[]): Promise<Outcome> } {
  const root = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const dir = join(root, 'data');
  const file = (name: string, text: string): string => {
    writeFileSync(join(root, name), text);
    return join(root, name);
  };
  return { dir, file, sluice: (...argv) => command(['--dir', dir, ...argv]) };
}

/** Runs a command line in this process; `input` is its standard input, null a terminal. */
export async function command(argv: readonly string[], input: string | null = null): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(argv, { out: (line) => out.push(line), err: (line) => err.push(line), progress: () => {}, input: async () => input, terminal: () => null });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** Runs a command line in a process of its own. */
export function spawned(...argv: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [`${ROOT}bin/sluice.ts`, ...argv], { cwd: ROOT }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

/** Submits the job of the lab with its topic, and returns its id. */
export async function submitLab(sluice: (...argv: string[]) => Promise<Outcome>, partitions = 1): Promise<string> {
  await sluice('topic', 'create', 'savepoint-events', '--partitions', String(partitions));
  const { out } = await sluice('sql', '-i', `${LAB}0-catalog.sql`, '-f', `${LAB}1-job.sql`);
  return /Job ID: ([0-9a-f]{32})/.exec(out)?.[1] ?? 'no job id';
}

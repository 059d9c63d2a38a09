/** A server that outlives the process that started it, and is found again by its pid file. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists, sleep } from './cache.ts';
import type { Launch } from './launch.ts';
import { isAlive, startOf } from './process.ts';

const START_MS = 90_000;
const STOP_MS = 15_000;
const POLL_MS = 50;

/** What the pid file says. */
export interface Daemon {
  readonly pid: number;
  /** Tells the process from a later one that got the same pid. */
  readonly since: string;
  readonly endpoint: string;
  /** What runs, with its version. */
  readonly engine: string;
}

const pidFile = (dir: string): string => join(dir, 'pid.json');
export const logFile = (dir: string): string => join(dir, 'server.log');

/** The server of this directory, or null if none runs. */
export async function runningIn(dir: string): Promise<Daemon | null> {
  if (!(await exists(pidFile(dir)))) return null;
  const daemon: Daemon = JSON.parse(await readFile(pidFile(dir), 'utf8'));
  return isSame(daemon) ? daemon : null;
}

const isSame = ({ pid, since }: Daemon): boolean => isAlive(pid) && startOf(pid) === since;

/** Starts a server and returns once it answers. What it prints is in `server.log`. */
export async function startIn(dir: string, launch: Launch): Promise<Daemon> {
  const child = await spawned(dir, launch);
  const pid = child.pid ?? 0;
  const daemon: Daemon = { pid, since: startOf(pid), endpoint: launch.endpoint, engine: launch.engine };
  await writeFile(`${pidFile(dir)}.tmp`, JSON.stringify(daemon));
  await rename(`${pidFile(dir)}.tmp`, pidFile(dir));
  try {
    await answered(child, launch, logFile(dir));
  } catch (error) {
    await stopIn(dir);
    throw error;
  }
  child.unref();
  return daemon;
}

async function spawned(dir: string, { command, args, env }: Launch): Promise<ChildProcess> {
  const log = openSync(logFile(dir), 'w');
  const child = spawn(command, [...args], { cwd: dir, detached: true, stdio: ['ignore', log, log], env: { ...process.env, ...env } });
  closeSync(log);
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  return child;
}

async function answered(child: ChildProcess, launch: Launch, file: string): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    const log = await readFile(file, 'utf8');
    const isOver = child.exitCode !== null || child.signalCode !== null;
    if (!isOver && (await launch.isReady(log))) return;
    if (isOver || Date.now() > deadline) throw new Error(`it did not start; the end of ${file}:\n${log.trimEnd().split('\n').slice(-12).join('\n')}`);
    await sleep(POLL_MS);
  }
}

/** Stops the server of this directory, if one runs, and returns once it is gone. */
export async function stopIn(dir: string, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<Daemon | null> {
  const daemon = await runningIn(dir);
  if (daemon !== null) await end(daemon, signal);
  await rm(pidFile(dir), { force: true });
  return daemon;
}

async function end(daemon: Daemon, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  process.kill(daemon.pid, signal);
  if (await isGone(daemon)) return;
  process.kill(daemon.pid, 'SIGKILL');
  if (!(await isGone(daemon))) throw new Error(`process ${daemon.pid} does not end`);
}

async function isGone(daemon: Daemon): Promise<boolean> {
  for (const deadline = Date.now() + STOP_MS; Date.now() < deadline; await sleep(POLL_MS)) if (!isSame(daemon)) return true;
  return false;
}

/** The services of one directory: started, found again and stopped together or one by one. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from './cache.ts';
import { type Daemon, runningIn, startIn, stopIn } from './daemon.ts';
import type { Running } from './environment.ts';
import { ensureBucket, ensureTable } from './furnish.ts';
import { type DynamoEngine, LAUNCHES, SERVICES, type ServiceName } from './launch.ts';

export interface Wanted {
  /** Absolute; data, logs and pid files of each service in a directory of its own below. */
  readonly dir: string;
  readonly names?: readonly ServiceName[];
  readonly dynamo?: DynamoEngine;
}

/** Why a service does not run: something is not installed, or it did not start. */
export interface Absent {
  readonly name: ServiceName;
  readonly kind: 'skipped' | 'failed';
  readonly why: string;
}

export interface Outcome {
  readonly running: Running;
  readonly absent: readonly Absent[];
}

const dirOf = (dir: string, name: ServiceName): string => join(dir, name);

/** Starts what does not run yet, one after the other, with table and bucket. */
export async function up({ dir, names = SERVICES, dynamo = 'local' }: Wanted): Promise<Outcome> {
  await mkdir(dir, { recursive: true });
  return withLock(join(dir, 'lock'), async () => {
    const running = new Map<ServiceName, Daemon>();
    const absent: Absent[] = [];
    for (const name of names) {
      const outcome = await start(dir, name, dynamo);
      if ('pid' in outcome) running.set(name, outcome);
      else absent.push(outcome);
    }
    return { running, absent };
  });
}

async function start(dir: string, name: ServiceName, dynamo: DynamoEngine): Promise<Daemon | Absent> {
  let kind: Absent['kind'] = 'skipped';
  try {
    const own = dirOf(dir, name);
    let daemon = await runningIn(own);
    if (daemon === null) {
      const launch = await LAUNCHES[name](own, dynamo);
      kind = 'failed';
      daemon = await startIn(own, launch);
    }
    await furnish(name, daemon.endpoint);
    return daemon;
  } catch (error) {
    return { name, kind, why: error instanceof Error ? error.message : String(error) };
  }
}

/** Makes what the environment names: table or bucket. */
export async function furnish(name: ServiceName, endpoint: string): Promise<void> {
  if (name === 'dynamodb') await ensureTable(endpoint);
  if (name === 's3') await ensureBucket(endpoint);
}

/** Stops what runs; data stays. Returns what was stopped. */
export async function down({ dir, names = SERVICES }: Wanted, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<Running> {
  await mkdir(dir, { recursive: true });
  return withLock(join(dir, 'lock'), () => collect(names, (name) => stopIn(dirOf(dir, name), signal)));
}

/** What runs. */
export const status = ({ dir, names = SERVICES }: Wanted): Promise<Running> => collect(names, (name) => runningIn(dirOf(dir, name)));

async function collect(names: readonly ServiceName[], find: (name: ServiceName) => Promise<Daemon | null>): Promise<Running> {
  const found = await Promise.all(names.map(async (name) => [name, await find(name)] as const));
  return new Map(found.flatMap(([name, daemon]) => (daemon === null ? [] : [[name, daemon]])));
}

/** What a deployment needs beside an emulator, found again by pid files below one directory: Kafka, and the local event source before the emulator's Lambda. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '../services/cache.ts';
import { runningIn, startIn, stopIn, type Daemon } from '../services/daemon.ts';
import { http, keptPort, launchMiniStack, type Launch } from '../services/launch.ts';
import { down, up } from '../services/services.ts';
import { environmentOf, type Emulator } from './emulators.ts';
import { pathWithNode, SLUICE } from './programs.ts';

const MINISTACK = 'ministack';
const EVENT_SOURCES = 'event-sources';

/** Starts what does not run yet. */
export async function startMiniStack(dir: string): Promise<Emulator> {
  const { endpoint } = await daemonIn(join(dir, MINISTACK), async (own) => {
    // It leaves the code of functions in the directory of temporary files.
    const TMPDIR = join(own, 'tmp');
    await mkdir(TMPDIR, { recursive: true });
    const launch = await launchMiniStack(own, { TMPDIR, PATH: pathWithNode() });
    // Functions get the environment of the emulator: nothing in it may lead them elsewhere.
    return { ...launch, env: { ...launch.env, ...environmentOf({ name: 'ministack', endpoint: launch.endpoint }) } };
  });
  return { name: 'ministack', endpoint };
}

/** `127.0.0.1:PORT` */
export async function startKafka(dir: string): Promise<string> {
  const { running, absent } = await up({ dir, names: ['kafka'] });
  for (const { why } of absent) throw new Error(`Kafka: ${why}`);
  return running.get('kafka')?.endpoint ?? '';
}

/** `sluice esm`: where event source mappings are made. */
export async function startEventSources(dir: string, emulator: Emulator, kafka: string): Promise<string> {
  const { endpoint } = await daemonIn(join(dir, EVENT_SOURCES), (own) => launchEventSources(own, emulator, kafka));
  return endpoint;
}

async function launchEventSources(dir: string, emulator: Emulator, kafka: string): Promise<Launch> {
  const port = await keptPort(dir);
  const args = [SLUICE, 'esm', '--port', String(port), '--lambda-endpoint', emulator.endpoint, '--kafka', kafka, '--state', join(dir, 'mappings.json')];
  return { engine: 'sluice esm', command: process.execPath, args, env: environmentOf(emulator), ...http(port, '/2015-03-31/event-source-mappings') };
}

/** Stops what `dir` owns. Functions of MiniStack are its children and end with it. */
export async function stopServers(dir: string): Promise<void> {
  await stopIn(join(dir, EVENT_SOURCES));
  await stopIn(join(dir, MINISTACK));
  await down({ dir, names: ['kafka'] });
}

async function daemonIn(dir: string, launch: (dir: string) => Promise<Launch>): Promise<Daemon> {
  await mkdir(dir, { recursive: true });
  return withLock(join(dir, 'lock'), async () => (await runningIn(dir)) ?? startIn(dir, await launch(dir)));
}

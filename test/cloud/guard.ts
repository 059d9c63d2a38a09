/**
 * Owns the servers of one test run, in a process of its own: it starts them, bootstraps the account, says where all is in one line of JSON, and when
 * its standard input ends, since the run is over or was ended in whatever way, stops them and removes their directory. LocalStack is not its own.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emulatorAt, LOCALSTACK_ENDPOINT } from './emulators.ts';
import { startEventSources, startKafka, startMiniStack, stopServers } from './servers.ts';
import { bootstrap, type Place } from './stacks.ts';

const dir = mkdtempSync(join(tmpdir(), 'sluice-cloud-'));
// Ctrl-C goes to all processes of a terminal; this one has something left to do then.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
const ended = new Promise((resolve) => process.stdin.once('end', resolve).once('close', resolve).resume());

async function open(): Promise<Place> {
  const emulator = process.argv[2] === 'ministack' ? await startMiniStack(dir) : await emulatorAt(process.env[LOCALSTACK_ENDPOINT] ?? '');
  const kafka = await startKafka(dir);
  const place: Place = { emulator, kafka, eventSources: await startEventSources(dir, emulator, kafka), dir: join(dir, 'stacks') };
  await bootstrap(place);
  return place;
}

try {
  const place = await open();
  process.stdout.on('error', () => {}); // the run may be gone already
  process.stdout.write(`${JSON.stringify(place)}\n`);
  await ended;
} finally {
  await stopServers(dir);
  rmSync(dir, { recursive: true, force: true });
}

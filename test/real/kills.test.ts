/**
 * Real processes on real parts, and everything that can happen to them: sandboxes are killed and frozen in the middle of invocations and go on as
 * zombies, runners are killed and rebalance, the broker restarts, the store throttles, lies and goes away, events come twice, re-cut or again, while
 * savepoints, stops, cancels, resumes and a fork happen. In the end the rows are those of DuckDB's GROUP BY over what was produced. `SEED=n` repeats all
 * choices, not the moments at which the processes meet; `RECORDS=n` sets how many there are.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTable } from '../../lib/adapters/dynamodb/index.ts';
import { cancelJob, createJob, resumeJob, stopJob, takeSavepoint } from '../../lib/control/operations.ts';
import type { JobId } from '../../lib/core/numbers.ts';
import { readControl, readPlan } from '../../lib/engine/lifecycle/job-control.ts';
import { openBundles, type Bundles } from '../../lib/local/function-runner/bundles.ts';
import { openRealPlace, type RealPlace } from '../../lib/place/real.ts';
import { filesIn, firesOf, rowsOf } from '../local/emitted.ts';
import { BUCKET } from '../services/environment.ts';
import { Prng } from '../simulation/prng.ts';
import { fresh } from './kafka-world.ts';
import { Events, PARTITIONS } from './kills/events.ts';
import { committed, groupBy, startJob } from './kills/job.ts';
import { running } from './kills/processes.ts';
import { Runners } from './kills/runners.ts';
import { harassStore } from './kills/store-chaos.ts';
import { openHttpProxy, type HttpProxy } from './proxy/http-proxy.ts';
import { restart, servers } from './servers.ts';

const RECORDS = Number(process.env['RECORDS'] ?? 1_000_000);
const PIECES = 40;
const PIECE_MS = 120_000;
/** Pieces that the job may be behind what is produced, so that what operators do meets work under way. */
const AHEAD = 4;
const OPERATION_EVERY = 3;
const FORK_BASE_AT = 24;
const FORK_AT = 29;
const OUTAGE_MS = 4000;
const BEHIND_MAX_MS = 180_000;
const RULES = { plan: null, allowNonRestored: false, allowOffsetGap: false } as const;

let dir = '';
let bundles: Bundles;
let proxy: HttpProxy;
let place: RealPlace;
let runners: Runners;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-real-kills-'));
  bundles = await openBundles();
  proxy = await openHttpProxy(servers.dynamodb);
});
afterEach(async () => {
  await runners?.endAll();
  await place?.close();
  await proxy.close();
  await bundles.dispose();
  rmSync(dir, { recursive: true, force: true });
});

test('rows equal a GROUP BY over what was produced, whatever is killed, frozen or cut off', { timeout: 1_800_000 }, async () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
  console.log(`real kills: seed ${seed}, ${RECORDS} records (repeat with SEED=${seed} RECORDS=${RECORDS})`);
  const began = performance.now();
  const prng = new Prng(seed);
  const name = fresh('kills');
  const urls = { store: `dynamodb://${name}`, blobs: `s3://${BUCKET}/${name}`, kafka: servers.kafka };
  await createTable(urls.store);
  place = openRealPlace(urls);
  const { workshop, kafka } = place;
  await kafka.general().admin.createTopic(name, PARTITIONS);
  const [out, file, savepoints] = [join(dir, 'out'), join(dir, 'events.jsonl'), `s3://${BUCKET}/${name}-savepoints`];
  const events = new Events({ kafka: kafka.general(), topic: name, file, seed: seed + 1, records: RECORDS, pieces: PIECES, pieceMs: PIECE_MS });
  runners = new Runners(bundles.directory, { SLUICE_STORE: urls.store, SLUICE_BLOBS: urls.blobs, SLUICE_KAFKA: urls.kafka, AWS_ENDPOINT_URL_DYNAMODB: proxy.url }, new Prng(seed + 2));
  const first = await startJob(workshop, name, out);
  let id: JobId = first;

  const newest = async (): Promise<string> => (await readControl(workshop.ports, id)).control.savepoints[0]?.path ?? '';
  const operations: Readonly<Record<string, () => Promise<unknown>>> = {
    savepoint: () => takeSavepoint(workshop, id, savepoints),
    'stop and resume': async () => {
      await stopJob(workshop, id, { directory: savepoints, drain: false });
      await resumeJob(workshop, id, { savepoint: await newest(), ...RULES });
    },
    'cancel and resume': async () => {
      await cancelJob(workshop, id);
      await resumeJob(workshop, id, { savepoint: null, ...RULES });
    },
    'broker restart': () => restart('kafka', prng.pick(['SIGTERM', 'SIGKILL'] as const)),
    'store outage': () => proxy.outage(OUTAGE_MS),
  };
  const order = shuffled(prng, [...Object.keys(operations), 'stop and resume', 'broker restart', 'store outage', 'savepoint', 'cancel and resume']);

  const ending = new AbortController();
  runners.start('a');
  const chaos = [harassRunners(new Prng(seed + 3), ending.signal), harassStore(proxy, new Prng(seed + 4), (what) => runners.count(what), ending.signal)];
  let forkBase = '';
  for (let piece = 0; piece < PIECES; piece++) {
    await untilBehind(id, (behind) => behind <= (RECORDS / PIECES) * AHEAD, events);
    await events.produce(piece);
    if (piece === FORK_BASE_AT) forkBase = await takeSavepoint(workshop, id, savepoints);
    if (piece === FORK_AT) {
      await cancelJob(workshop, id);
      const { control } = await readControl(workshop.ports, id);
      id = await createJob(workshop, await readPlan(workshop.ports, id, control.planHash), { savepoint: forkBase, allowNonRestored: false });
      runners.count('fork');
    } else if (piece % OPERATION_EVERY === 2) {
      const operation = order.shift() ?? 'savepoint';
      await operations[operation]?.();
      runners.count(operation);
    }
    note(began, `piece ${piece}, ${events.produced} produced`);
  }
  ending.abort();
  await Promise.all(chaos);
  await runners.endAll();
  note(began, 'all produced; a runner that nobody disturbs takes over');
  runners.start('calm', 'calm');
  await untilBehind(id, (behind) => behind === 0, events);
  await stopJob(workshop, id, { directory: savepoints, drain: true });
  await runners.end('calm', 'SIGTERM');
  events.close();
  note(began, `all committed: ${JSON.stringify(runners.counts())}`);

  const expected = await groupBy(file);
  const emitted = filesIn(out);
  const base = await baseOf(forkBase);
  expect(rowsOf(out, emitted.filter((e) => e.job === id || e.f <= base))).toEqual(expected);
  const known = new Set(expected);
  expect(rowsOf(out, emitted.filter((e) => e.job === first)).filter((row) => !known.has(row))).toEqual([]);
  expect(firesOf(emitted).size).toBe(emitted.length);
  expect(runners.lost).toEqual([]);
  expect(running(bundles.directory)).toEqual([]);
  note(began, `${expected.length} rows of ${emitted.length} FIREs`);
});

/** One runner is killed and comes again; another one joins it and leaves, so that the groups rebalance. */
async function harassRunners(prng: Prng, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await napping(prng.between(8000, 22_000), signal);
    if (signal.aborted) return;
    if (prng.chance(0.4)) {
      await runners.end('a', 'SIGKILL');
      await napping(prng.below(4000), signal);
      runners.start('a');
    } else if (runners.has('b')) await runners.end('b', prng.pick(['SIGKILL', 'SIGTERM'] as const));
    else {
      runners.start('b');
      runners.count('runner joined');
    }
  }
}

async function napping(ms: number, signal: AbortSignal): Promise<void> {
  for (const until = performance.now() + ms; performance.now() < until && !signal.aborted; ) await sleep(50);
}

function shuffled(prng: Prng, names: readonly string[]): string[] {
  return names.map((name) => ({ name, place: prng.next() })).sort((a, b) => a.place - b.place).map(({ name }) => name);
}

async function untilBehind(id: JobId, isEnough: (behind: number) => boolean, events: Events): Promise<void> {
  const until = performance.now() + BEHIND_MAX_MS;
  for (;;) {
    const done = (await committed(place.workshop, id)).reduce((a, b) => a + b, 0);
    if (isEnough(events.produced - done)) return;
    if (performance.now() > until) throw new Error(`${done} of ${events.produced} records are committed and nothing moves:\n${runners.troubles.slice(-30).join('\n')}`);
    await sleep(200);
  }
}

/** The FIRE that a savepoint stands behind. */
async function baseOf(savepoint: string): Promise<number> {
  const bytes = await place.workshop.ports.openDirectory(savepoint).get('_metadata');
  return Number(JSON.parse(Buffer.from(bytes ?? []).toString()).position.f);
}

const note = (began: number, what: string): void => console.log(`${((performance.now() - began) / 1000).toFixed(1)} s: ${what}`);

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
import { openBundles, type Bundles } from '../../lib/local/function-runner/bundles.ts';
import { openRealPlace, type RealPlace } from '../../lib/place/real.ts';
import type { PlaceUrls } from '../../lib/place/urls.ts';
import { filesIn, firesOf, rowsOf } from '../local/emitted.ts';
import { BUCKET } from '../services/environment.ts';
import { Prng } from '../simulation/prng.ts';
import { fresh } from './kafka-world.ts';
import { Events, PARTITIONS } from './kills/events.ts';
import { committed, groupBy, startJob } from './kills/job.ts';
import { fireOf, Operator } from './kills/operator.ts';
import { running } from './kills/processes.ts';
import { Runners } from './kills/runners.ts';
import { harassStore } from './kills/store-chaos.ts';
import { openHttpProxy, type HttpProxy } from './proxy/http-proxy.ts';
import { servers } from './servers.ts';

const RECORDS = Number(process.env['RECORDS'] ?? 1_000_000);
const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
const PIECES = 40;
const PIECE_MS = 120_000;
/** Pieces that the job may be behind what is produced, so that what operators do meets work under way. */
const AHEAD = 4;
/** Pieces between two operations, and how often each kind of them comes. */
const OPERATION_EVERY = 3;
const TIMES = 2;
const FORK_BASE_AT = 16;
const FORK_AT = 19;
const STILL_MAX_MS = 180_000;

let dir = '';
let urls: PlaceUrls;
let bundles: Bundles;
let proxy: HttpProxy;
let place: RealPlace;
let runners: Runners;
let ending = new AbortController();
let chaos: Promise<unknown> = Promise.resolve();

beforeEach(async () => {
  const name = fresh('kills');
  dir = mkdtempSync(join(tmpdir(), 'sluice-real-kills-'));
  bundles = await openBundles();
  proxy = await openHttpProxy(servers.dynamodb);
  urls = { store: `dynamodb://${name}`, blobs: `s3://${BUCKET}/${name}`, kafka: servers.kafka };
  await createTable(urls.store);
  place = openRealPlace(urls);
  const environment = { SLUICE_STORE: urls.store, SLUICE_BLOBS: urls.blobs, SLUICE_KAFKA: urls.kafka, AWS_ENDPOINT_URL_DYNAMODB: proxy.url };
  runners = new Runners(bundles.directory, environment, new Prng(SEED + 2));
  ending = new AbortController();
});
afterEach(async () => {
  await calm();
  await place.close();
  await proxy.close();
  await bundles.dispose();
  rmSync(dir, { recursive: true, force: true });
});

function harass(): void {
  runners.start('a');
  const count = (what: string): void => runners.count(what);
  chaos = Promise.all([runners.harass(new Prng(SEED + 3), ending.signal), harassStore(proxy, new Prng(SEED + 4), count, ending.signal)]);
}

/** Nothing is struck any more, and nothing runs. */
async function calm(): Promise<void> {
  ending.abort();
  await chaos;
  await runners.endAll();
}

test('rows equal a GROUP BY over what was produced, whatever is killed, frozen or cut off', { timeout: 1_800_000 }, async () => {
  console.log(`real kills: seed ${SEED} (repeat with SEED=${SEED} RECORDS=${RECORDS})`);
  const [topic, out, file] = [fresh('kills'), join(dir, 'out'), join(dir, 'events.jsonl')];
  const kafka = place.kafka.general();
  await kafka.admin.createTopic(topic, PARTITIONS);
  const events = new Events({ kafka, topic, file, seed: SEED + 1, records: RECORDS, pieces: PIECES, pieceMs: PIECE_MS });
  const first = await startJob(place.workshop, topic, out);
  const operator = new Operator(first, { workshop: place.workshop, savepoints: `${urls.blobs}-savepoints`, proxy, prng: new Prng(SEED) });

  harass();
  const base = await operate(operator, events);
  await calm();
  runners.start('undisturbed', 'calm');
  await untilBehind(operator, events, 0);
  await operator.stop(true);
  await runners.end('undisturbed', 'SIGTERM');
  events.close();

  const expected = await groupBy(file);
  const emitted = filesIn(out);
  expect(rowsOf(out, emitted.filter((e) => e.job === operator.id || e.f <= base))).toEqual(expected);
  // The first job was cancelled on its way: what it has emitted is a part of it.
  const known = new Set(expected);
  expect(rowsOf(out, emitted.filter((e) => e.job === first)).filter((row) => !known.has(row))).toEqual([]);
  // Every resume was from the newest state: a FIRE is in one generation only.
  expect(firesOf(emitted).size).toBe(emitted.length);
  expect(runners.lost).toEqual([]);
  await expect.poll(() => running(bundles.directory), { timeout: 10_000 }).toEqual([]);
  note(`${expected.length} rows in ${emitted.length} FIREs; ${JSON.stringify(runners.counts())}`);
  expect(Object.keys(runners.counts())).toEqual(expect.arrayContaining(STRUCK));
});

/** Without these the test has shown less than it says. */
const STRUCK = ['runner joined', 'runner killed', 'sluice-firer killed', 'sluice-writer continued behind others', 'sluice-writer killed', 'store cut', 'store failure', 'store throttle'];

/** Produces everything, and operates in between. Returns the FIRE that the fork began behind. */
async function operate(operator: Operator, events: Events): Promise<number> {
  const operations = operator.plan(TIMES);
  let savepoint = '';
  for (let piece = 0; piece < PIECES; piece++) {
    await untilBehind(operator, events, (RECORDS / PIECES) * AHEAD);
    await events.produce(piece);
    const operation = piece % OPERATION_EVERY === OPERATION_EVERY - 1 ? operations.shift() : undefined;
    if (piece === FORK_BASE_AT) savepoint = await operator.savepoint();
    else if (piece === FORK_AT) await operator.cancelAndFork(savepoint);
    else if (operation !== undefined) await operator.perform(operation);
    if (operation !== undefined) runners.count(operation);
    note(`${events.produced} records produced${operation === undefined ? '' : `, ${operation}`}`);
  }
  return fireOf(place.workshop, savepoint);
}

/** Until no more than so many records wait for the job. */
async function untilBehind(operator: Operator, events: Events, most: number): Promise<void> {
  const until = performance.now() + STILL_MAX_MS;
  for (;;) {
    const done = (await committed(place.workshop, operator.id)).reduce((a, b) => a + b, 0);
    if (events.produced - done <= most) return;
    if (performance.now() > until) throw new Error(`${done} of ${events.produced} records are committed, and nothing moves:\n${runners.notes.join('\n')}`);
    await sleep(200);
  }
}

const note = (what: string): void => console.log(`${(performance.now() / 1000).toFixed(1)} s: ${what}`);

/**
 * One flipped bit anywhere in a data directory: whoever reads it says STORE_CORRUPT with the key, and a run shows that error, or, where
 * nobody needs what is damaged, the very rows that it would show without. `SEED=n` repeats the choices.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CatalogStore } from '../../lib/control/catalog-store.ts';
import { listJobs } from '../../lib/control/jobs.ts';
import { createJob, stopJob, takeSavepoint } from '../../lib/control/operations.ts';
import { isError, SluiceError } from '../../lib/core/errors.ts';
import { partitionId, seq, type JobId } from '../../lib/core/numbers.ts';
import { openControlledJob, readControl, type Workshop } from '../../lib/engine/lifecycle/job-control.ts';
import { decodeCoordinatorEntry, decodePartitionEntry } from '../../lib/engine/log/codec.ts';
import { recordError } from '../../lib/engine/record-errors.ts';
import { openEmbedded, type Embedded } from '../../lib/place/embedded.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { EMBEDDED } from '../../lib/place/embedded-settings.ts';
import { runUp } from '../../lib/local/runner.ts';
import { workshopOf } from '../../lib/place/embedded-settings.ts';
import { labPlan, labRecord } from '../engine/lab-plan.ts';
import { Prng } from '../simulation/prng.ts';
import { deliver, fire } from './deliver.ts';
import { fastRuntime } from './fast-clock.ts';
import { cellsOf, cellText, flipCell, flipped, type Cell } from './flip.ts';

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
/** Runs of the whole with one flipped bit. */
const RUNS = 20;

const EXPECTED = ['10:00|2', '10:01|3', '10:02|1'];

let home = '';
let dir = '';
/** The data directory, as it was. */
let original = '';
let id: JobId;

/** Payloads in the store, and outside of it. */
const PLACES = { store: EMBEDDED, objects: { ...EMBEDDED, spillInlineMax: 0, resultInlineMax: 0, chunkInlineMax: 0 } };

async function withPorts<T>(use: (ports: Embedded) => Promise<T>): Promise<T> {
  const ports = openEmbedded(dir, { create: true, runtime: fastRuntime(Date.now()) });
  try {
    return await use(ports);
  } finally {
    ports.close();
  }
}

/** A job with entries of all kinds: some are behind a checkpoint, some wait; and everything that operators leave in a store. */
async function build(place: Workshop['place']): Promise<void> {
  await withPorts(async (ports) => {
    const workshop: Workshop = { ports, place };
    await ports.topics.createTopic('events', 1);
    const options = { 'execution.checkpointing.interval': '1 ms' };
    id = await createJob(workshop, labPlan({ planOptions: options, path: join(dir, 'out') }), { savepoint: null, allowNonRestored: false });
    await ports.topics.produce('events', [1, 2, 70, 66].map((second) => labRecord('click', second)));
    await deliver(workshop, id);
    await fire(workshop, id);
    await takeSavepoint(workshop, id, join(dir, 'savepoints'));
    await ports.topics.produce('events', [71, 130].map((second) => labRecord('click', second)));
    await deliver(workshop, id);
    const job = await openControlledJob(workshop, id, (await readControl(ports, id)).control);
    await recordError(ports, { job, p: partitionId(0, 0, 0), offset: 0 }, new SluiceError('ROWTIME_NULL', { message: 'long ago' }));
    const kept = { name: 'kept', type: 'filesystem', comment: null, options: {}, defaultDatabase: 'd', databases: [] } as const;
    await new CatalogStore(ports).change((catalogs) => ({ ...catalogs, catalogs: [...catalogs.catalogs, kept] }));
  });
}

const restore = (): void => {
  rmSync(dir, { recursive: true, force: true });
  cpSync(original, dir, { recursive: true });
};

/** Reads one cell's item as the engine does. */
async function read(ports: Embedded, { table, key: [first = '', second = '', third = ''] }: Cell): Promise<unknown> {
  switch (table) {
    case 'log': {
      const item = await ports.log.get(first, seq(Number(second)));
      if (item === null) return null;
      return first.endsWith('#C') ? decodeCoordinatorEntry(nodeCodec, first, item) : decodePartitionEntry(nodeCodec, first, item);
    }
    case 'chunk':
      return ports.chunks.get(first, second);
    case 'control':
      return ports.control.get({ pk: first, sk: second });
    case 'consumer_offset':
      return ports.offsets.committed(first, second, Number(third));
  }
}

/** All that is said when operators look at everything and a runner does what there is to do, and the rows that come of it. */
async function run(): Promise<{ errors: string[]; rows: string[] }> {
  const errors: string[] = [];
  const note = (error: unknown): void => {
    if (!isError(error)) throw error;
    errors.push(`${error.code}: ${error.message}`);
  };
  await withPorts(async (ports) => {
    const workshop = { ports, place: EMBEDDED };
    await listJobs(workshop).catch(note);
    await new CatalogStore(ports).read().catch(note);
    const onEvent = (event: object): void => void ('error' in event && event.error !== null && note(event.error));
    const troubles = await runUp(workshopOf(ports), { once: true, signal: AbortSignal.timeout(3000), onEvent }).catch(note);
    for (const error of troubles ?? []) note(error);
    const control = await readControl(ports, id).then((found) => found.control, note);
    if (control?.failure) errors.push(`${control.failure.code}: ${control.failure.message}`);
    if (control?.status === 'RUNNING') await stopJob(workshop, id, { directory: join(dir, 'savepoints'), drain: true }).catch(note);
  });
  return { errors, rows: rowsIn(join(dir, 'out')) };
}

const rowsIn = (out: string): string[] =>
  readdirSync(out)
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => readFileSync(join(out, name), 'utf8').trimEnd().split('\n'))
    .map((line): { window_start: string; event_count: number } => JSON.parse(line))
    .map((row) => `${row.window_start.slice(11, 16)}|${row.event_count}`)
    .sort();

describe.each(['store', 'objects'] as const)('with payloads in the %s', (place) => {
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'sluice-corruption-'));
    dir = join(home, 'data');
    original = join(home, 'original');
    await build(PLACES[place]);
    cpSync(dir, original, { recursive: true });
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  test('every cell of the store: a flipped bit is STORE_CORRUPT with the key', async () => {
    restore();
    const path = join(dir, 'store.db');
    const cells = cellsOf(path);
    expect(new Set(cells.map((cell) => `${cell.table}.${cell.column}`)).size).toBe(place === 'store' ? 13 : 8);
    for (const [i, cell] of cells.entries()) {
      const dice = (): Prng => new Prng(SEED + i);
      await withPorts((ports) => read(ports, cell));
      flipCell(path, cell, dice());
      const found: unknown = await withPorts((ports) => read(ports, cell)).catch((error: unknown) => error);
      const what = `SEED=${SEED}: ${cellText(cell)}`;
      if (cell.table === 'chunk' && cell.column === 'data') {
        // The reader compares it with the hash that the checkpoint lists, and has older checkpoints (C6).
        const { data, sha } = found as { data: Uint8Array; sha: string };
        expect(nodeCodec.sha256(data), what).not.toBe(sha);
      } else {
        expect(isError(found, 'STORE_CORRUPT'), what).toBe(true);
        for (const part of cell.key) expect(String(found), what).toContain(part);
      }
      flipCell(path, cell, dice());
    }
  });

  /** Flips a bit of what `target` names, and runs. */
  async function damaged(target: Cell | string, dice: Prng): Promise<{ errors: string[]; rows: string[] }> {
    restore();
    if (typeof target === 'string') writeFileSync(join(dir, target), flipped(readFileSync(join(dir, target)), dice));
    else flipCell(join(dir, 'store.db'), target, dice);
    return run();
  }

  test('a run that nothing is damaged for says nothing, and shows the rows', async () => {
    restore();
    expect(await run()).toEqual({ errors: [], rows: EXPECTED });
  });

  test('any cell or object: a run shows the error with the key, or the very same rows', { timeout: 120_000 }, async () => {
    restore();
    const prng = new Prng(SEED);
    const targets = [...cellsOf(join(dir, 'store.db')), ...filesIn(dir)];
    const seen: string[] = [];
    for (let n = 0; n < RUNS; n++) {
      const target = prng.pick(targets);
      const what = `SEED=${SEED}: ${typeof target === 'string' ? target : cellText(target)}`;
      const { errors, rows } = await damaged(target, prng);
      const key = typeof target === 'string' ? keyOfFile(target) : (target.key.at(-1) ?? '');
      expect(rows.filter((row) => !EXPECTED.includes(row)), what).toEqual([]);
      for (const error of errors) expect(error, what).toMatch(/^(STORE_CORRUPT|CHECKPOINT_CHUNK_MISSING|TOPIC_RECREATED): /);
      if (errors.length > 0) expect(errors.join('\n'), what).toContain(key);
      else expect(rows, what).toEqual(EXPECTED);
      seen.push(errors.length > 0 ? 'told' : 'not needed');
    }
    console.log(`corruption: seed ${SEED}, ${place}: ${seen.filter((s) => s === 'told').length} of ${RUNS} told, the others not needed`);
    expect(seen).toContain('told');
  });

  test('any name of an item: what is not found under its name is missed, or not needed', { timeout: 120_000 }, async () => {
    restore();
    const prng = new Prng(SEED);
    const targets = cellsOf(join(dir, 'store.db'), 'keys');
    for (let n = 0; n < RUNS; n++) {
      const target = prng.pick(targets);
      const what = `SEED=${SEED}: ${cellText(target)}`;
      const { errors, rows } = await damaged(target, prng);
      expect(rows.filter((row) => !EXPECTED.includes(row)), what).toEqual([]);
      for (const error of errors) expect(error, what).toMatch(/^(STORE_CORRUPT|CHECKPOINT_CHUNK_MISSING|LOG_TRUNCATED|LOG_EXPIRED|JOB_UNKNOWN): /);
      if (errors.length === 0) expect(rows, what).toEqual(EXPECTED);
    }
  });

  /** What a run says about one damaged item of each kind; `null`: it needs nothing of it, or has what it needs elsewhere. */
  const KINDS: readonly [string, (cell: Cell) => boolean, string | null][] = [
    ['the head of a partition log', (c) => c.column === 'body' && c.key[0]?.includes('#P') === true, 'STORE_CORRUPT'],
    ['the head of the coordinator log', (c) => c.column === 'body' && c.key[0]?.endsWith('#C') === true, 'STORE_CORRUPT'],
    ['the lifetime of a head', (c) => c.column === 'ttl' && c.key[0]?.endsWith('#C') === true, 'STORE_CORRUPT'],
    ['CTRL', (c) => c.column === 'body' && c.key[1] === 'CTRL', 'STORE_CORRUPT'],
    ['the version of CTRL', (c) => c.column === 'version' && c.key[1] === 'CTRL', 'STORE_CORRUPT'],
    ['the plan', (c) => c.column === 'body' && c.key[1]?.startsWith('PLAN#') === true, 'STORE_CORRUPT'],
    ['the list of jobs', (c) => c.column === 'body' && c.key[0] === 'JOBS', 'STORE_CORRUPT'],
    ['a catalog, which holds nothing else up', (c) => c.column === 'body' && c.key[0] === 'CATALOGS', 'STORE_CORRUPT'],
    ['a savepoint request, which holds nothing else up', (c) => c.column === 'body' && c.key[1]?.startsWith('SP#') === true, 'STORE_CORRUPT'],
    ['a record error, which holds nothing else up', (c) => c.column === 'body' && c.key[1]?.startsWith('ERR#') === true, 'STORE_CORRUPT'],
    // A damaged hint is a missing one (F12), and the next FIRE writes another one.
    ['a hint', (c) => c.column === 'body' && c.key[0]?.includes('#HINT#') === true, null],
    // The poller says so, and begins where the log of the partition ends.
    ['the offset of the consumer group, which holds nothing else up', (c) => c.column === 'next', 'STORE_CORRUPT'],
  ];

  test.each(KINDS)('%s', async (name, isMeant, code) => {
    restore();
    const cell = cellsOf(join(dir, 'store.db')).findLast(isMeant);
    if (cell === undefined) throw new Error('the store has none');
    const { errors, rows } = await damaged(cell, new Prng(SEED));
    if (code === null) return expect({ errors, rows }).toEqual({ errors: [], rows: EXPECTED });
    expect(errors.some((error) => error.startsWith(`${code}: `) && error.includes(cell.key.at(-1) ?? ''))).toBe(true);
    expect(rows.filter((row) => !EXPECTED.includes(row))).toEqual([]);
    if (name.includes('nothing else')) expect(rows).toEqual(EXPECTED);
  });
});

/** Spilled payloads, results and chunks; records, their sums and the id of the topic: paths below the data directory. */
const filesIn = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => /^(blobs|topics)\//.test(path));

/** How an error names a file. A topic is another one by its id. */
const keyOfFile = (path: string): string => (path.endsWith('/id') ? 'topic events' : path.replace(/^blobs\//, ''));

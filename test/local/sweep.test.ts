/** The sweep of the embedded store (architecture, decision 7): what it deletes, what it must never delete, and what a too-eager one breaks. */
import { runWithin } from '../../lib/adapters/node/run-within.ts';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { offset, partitionId, seq, wallTime, type JobId } from '../../lib/core/numbers.ts';
import { Firer } from '../../lib/engine/firer/firer.ts';
import type { Replica } from '../../lib/engine/firer/replica.ts';
import type { Job } from '../../lib/engine/job.ts';
import { chunkCollection, coordinatorLog, partitionLog, requestKey } from '../../lib/engine/keys.ts';
import { openControlledJob, readControl, type Workshop } from '../../lib/engine/lifecycle/job-control.ts';
import { advanceSavepoint, requestSavepoint } from '../../lib/engine/lifecycle/savepoint.ts';
import { requestCreate, requestResume } from '../../lib/engine/lifecycle/start.ts';
import { requestCancel } from '../../lib/engine/lifecycle/stop.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import { openCoordinatorLog } from '../../lib/engine/log/logs.ts';
import { planSweep, type SweepPlan } from '../../lib/engine/retention.ts';
import type { Settings } from '../../lib/engine/settings.ts';
import { Writer, type CommitResult } from '../../lib/engine/writer/writer.ts';
import type { Ports } from '../../lib/ports/ports.ts';
import type { Runtime } from '../../lib/ports/runtime.ts';
import { openEmbedded, type Embedded } from '../../lib/place/embedded.ts';
import { sweep } from '../../lib/adapters/embedded/sweep.ts';
import { memoryPorts, type MemoryPorts } from '../../lib/adapters/memory/index.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { EMBEDDED } from '../../lib/place/embedded-settings.ts';
import { programKey } from '../../lib/core/program-key.ts';
import { storeProgram } from '../../lib/program/store.ts';
import { SWEEP, Sweeper, sweepJob } from '../../lib/local/sweeper.ts';
import { temporaryDirectory } from '../adapters/temporary.ts';
import { labPlan, labRecord } from '../engine/lab-plan.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const P0 = partitionId(0, 0, 0);

/** Lets everybody else have a turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Clocks that only the test moves; waiting takes no real time. */
class ManualRuntime implements Runtime {
  #ms = 1_800_000_000_000;
  #drawn = 0;

  now = (): ReturnType<Runtime['now']> => wallTime(this.#ms);
  elapsed = (): number => this.#ms;
  randomHex = (bytes: number): string => (++this.#drawn).toString(16).padStart(2 * bytes, '0');

  async sleep(ms: number): Promise<void> {
    this.advance(ms);
    await turn();
  }

  runWithin = runWithin;

  advance(ms: number): void {
    this.#ms += ms;
  }
}

/** One job that gets two records a minute, and whatever time the test wants to pass. */
class World<P extends Ports> {
  readonly ports: P;
  readonly runtime: ManualRuntime;
  readonly workshop: Workshop;
  readonly id: JobId;
  readonly #produce: (lines: readonly string[]) => unknown;
  job: Job;
  minutes = 0;

  private constructor(ports: P, runtime: ManualRuntime, workshop: Workshop, job: Job, produce: (lines: readonly string[]) => unknown) {
    this.ports = ports;
    this.runtime = runtime;
    this.workshop = workshop;
    this.id = job.id;
    this.job = job;
    this.#produce = produce;
  }

  static async create<P extends Ports>(ports: P, runtime: ManualRuntime, path: string, place: Partial<Settings>, produce: (lines: readonly string[]) => unknown): Promise<World<P>> {
    const workshop: Workshop = { ports, place: { ...EMBEDDED, ...place } };
    const id = await requestCreate(workshop, labPlan({ path }), { savepoint: null, allowNonRestored: false });
    const control = await runOperation(workshop, id);
    return new World(ports, runtime, workshop, await openControlledJob(workshop, id, control), produce);
  }

  /** As a runner would: batches are committed, windows fire, checkpoints are taken when they are due. */
  async run(minutes: number, eachMinute: () => Promise<void> = async () => {}): Promise<void> {
    const [writer, firer] = [new Writer(this.ports, this.job), new Firer(this.ports, this.job)];
    for (let n = 0; n < minutes; n++) {
      await this.#produce([labRecord('click', this.minutes * 60 + 10), labRecord('view', this.minutes * 60 + 40)]);
      this.minutes++;
      await this.deliver(writer);
      while ((await firer.step()).kind === 'fired');
      this.runtime.advance(MINUTE);
      await eachMinute();
    }
  }

  async deliver(writer: Writer, from?: number): Promise<CommitResult | null> {
    const next = from ?? (await new Writer(this.ports, this.job).nextOffset(P0)) ?? 0;
    const batch = await this.ports.source.fetch('events', 0, offset(next), 1e9);
    return batch === null ? null : writer.commit(P0, batch);
  }

  /** A load that remembers nothing. */
  async load(): Promise<Replica> {
    const replica = await new Firer(this.ports, this.job).load();
    if (replica === null) throw new Error('the job has begun');
    return replica;
  }

  /** What a load gives, comparable. */
  async state(): Promise<unknown> {
    const { position, states, head } = await this.load();
    const panes = [...states].map(([uid, state]) => [uid, state.sliceEnds().map((end) => [end, [...state.panesAt(end)]])]);
    return { position, panes, head: head.entry };
  }

  async entries(log: string): Promise<number[]> {
    return (await this.ports.log.readAfter(log, -1, 1e9)).items.map((item) => item.seq);
  }

  async savepoint(directory: string): Promise<string> {
    const trigger = await requestSavepoint(this.workshop, this.id, directory);
    const request = await advanceSavepoint(this.workshop, this.id, trigger, null);
    expect(request).toMatchObject({ status: 'COMPLETED' });
    return request.location ?? '';
  }

  async cancel(): Promise<void> {
    await requestCancel(this.workshop, this.id);
    await runOperation(this.workshop, this.id);
  }

  /** null: from the last state. */
  async resume(savepoint: string | null): Promise<void> {
    await requestResume(this.workshop, this.id, { savepoint, plan: null, allowNonRestored: false, allowOffsetGap: false });
    expect(await runOperation(this.workshop, this.id)).toMatchObject({ status: 'RUNNING' });
    this.job = await openControlledJob(this.workshop, this.id, (await readControl(this.ports, this.id)).control);
  }
}

const partition = (job: Job): string => partitionLog(job.id, job.g, P0);
const coordinator = (job: Job): string => coordinatorLog(job.id, job.g);

/** Everything that can lie outside of the store does. */
const OBJECTS: Partial<Settings> = { spillInlineMax: 0, resultInlineMax: 0, chunkInlineMax: 0 };

type LocalWorld = World<Embedded> & { readonly dir: string };

async function local(place: Partial<Settings> = {}): Promise<LocalWorld> {
  const dir = temporaryDirectory();
  const runtime = new ManualRuntime();
  const ports = openEmbedded(dir, { create: true, runtime });
  onTestFinished(() => ports.close());
  await ports.topics.createTopic('events', 1);
  const world = await World.create(ports, runtime, join(dir, 'out'), place, (lines) => ports.topics.produce('events', [...lines]));
  return Object.assign(world, { dir });
}

async function inMemory(): Promise<World<MemoryPorts>> {
  const runtime = new ManualRuntime();
  const ports = memoryPorts({ runtime, codec: nodeCodec });
  ports.source.recreate('events', 1);
  return World.create(ports, runtime, '/out', {}, (lines) => ports.source.produce('events', [...lines]));
}

const sweepLocal = (world: LocalWorld, job = world.job) => sweepJob(world.ports, world.ports.store, job, SWEEP.ageMs);

/** The decision alone, on stores in memory. */
function planFor({ ports, job, runtime }: World<MemoryPorts>, ageMs = SWEEP.ageMs): Promise<SweepPlan | null> {
  const chunkKeys = (collection: string, { after, limit }: { after: string; limit: number }): string[] =>
    ports.chunks.keys(collection).filter((key) => key > after).sort().slice(0, limit);
  return planSweep({ ...ports, chunkKeys }, job, { now: runtime.now(), ageMs });
}

const belowOf = (plan: SweepPlan | null, log: string): number | undefined => plan?.logs.find((l) => l.log === log)?.below;

function sizeOf({ dir, ports }: LocalWorld): { entries: number; chunks: number; blobs: number } {
  const count = (table: string): number => Number(ports.store.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
  const blobs = join(dir, 'blobs');
  const files = existsSync(blobs) ? readdirSync(blobs, { recursive: true, withFileTypes: true }).filter((e) => e.isFile()) : [];
  return { entries: count('log'), chunks: count('chunk'), blobs: files.length };
}

/** `<window start>|<type>|<count>` of all rows of all generations. */
function rowsOf({ dir }: LocalWorld): string[] {
  const out = join(dir, 'out');
  return readdirSync(out)
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => readFileSync(join(out, name), 'utf8').trimEnd().split('\n'))
    .map((line): { window_start: string; event_type: string; event_count: number } => JSON.parse(line))
    .map((row) => `${row.window_start}|${row.event_type}|${row.event_count}`)
    .sort();
}

describe('the boundary', () => {
  test('nothing is deleted before a checkpoint is an hour old', async () => {
    const world = await inMemory();
    expect(await planFor(world)).toBeNull();
    await world.run(59);
    expect(await planFor(world)).toBeNull();
  });

  test('it is the newest checkpoint that is older than an hour; what its cut covers goes, what it covers last stays', async () => {
    const world = await inMemory();
    await world.run(100);
    const plan = await planFor(world);
    const log = openCoordinatorLog(world.ports, world.job);
    const boundary = await log.get(seq(belowOf(plan, coordinator(world.job)) ?? 0));
    if (boundary?.kind !== 'CHECKPOINT') throw new Error('the boundary is a checkpoint');
    expect(world.runtime.now() - boundary.at).toBeGreaterThanOrEqual(HOUR);
    expect(world.runtime.now() - boundary.at).toBeLessThan(HOUR + 2 * MINUTE);
    expect(belowOf(plan, partition(world.job))).toBe(boundary.position.cut[P0]?.seq);
  });

  test('it is not newer than the oldest retained checkpoint, however old that is', async () => {
    const world = await inMemory();
    await world.run(10);
    world.runtime.advance(100 * HOUR);
    const { checkpoints } = (await world.load()).head.entry;
    expect(checkpoints).toHaveLength(3);
    expect(belowOf(await planFor(world), coordinator(world.job))).toBe(checkpoints[2]?.seq);
  });

  test('a checkpoint that a savepoint is exported from stays', async () => {
    const world = await inMemory();
    await world.run(10);
    const exported = (await world.load()).checkpoint.seq;
    await world.run(100);
    const trigger = await requestSavepoint(world.workshop, world.id, 'file:/savepoints');
    const key = requestKey(world.id, trigger);
    const request: object = JSON.parse((await world.ports.control.get(key))?.body ?? '{}');
    await world.ports.control.put(key, JSON.stringify({ ...request, checkpoint: exported }), 'any');
    expect(belowOf(await planFor(world), coordinator(world.job))).toBe(exported);
  });

  test('chunks that a checkpoint from the boundary on lists stay, and those of positions behind it', async () => {
    const world = await inMemory();
    await world.run(100);
    const collection = chunkCollection(world.id, world.job.g);
    const orphan = `0#00000#${String(world.job.settings.checkpointsRetained + 1e6).padStart(16, '0')}`;
    await world.ports.chunks.put(collection, orphan, { sha: '', data: new Uint8Array(), expiresAt: 0 });
    const plan = await planFor(world);
    const gone = new Set(plan?.chunks.map((c) => c.key));
    expect(gone.size).toBeGreaterThan(30);
    expect(gone.has(orphan)).toBe(false);
    const log = openCoordinatorLog(world.ports, world.job);
    const { entries } = await log.readAfter((belowOf(plan, coordinator(world.job)) ?? 0) - 1, 1e9);
    const listed = entries.flatMap((e) => (e.kind === 'CHECKPOINT' ? e.chunks.map((c) => c.key) : []));
    expect(listed.length).toBeGreaterThan(30);
    expect(listed.filter((key) => gone.has(key))).toEqual([]);
  });
});

describe.each([{ where: 'in the store', place: {} }, { where: 'in objects', place: OBJECTS }])('with payloads $where', { timeout: 120_000 }, ({ place }) => {
  test('a long run stays small, a cold load gives the same state, the heads remain', async () => {
    const world = await local(place);
    const sizes: ReturnType<typeof sizeOf>[] = [];
    await world.run(160, async () => {
      if (world.minutes % 5 === 0) await sweepLocal(world);
      sizes.push(sizeOf(world));
    });
    const largest = (of: (typeof sizes)[number][]) => ({
      entries: Math.max(...of.map((s) => s.entries)),
      chunks: Math.max(...of.map((s) => s.chunks)),
      blobs: Math.max(...of.map((s) => s.blobs)),
    });
    const [first, last] = [largest(sizes.slice(0, 75)), largest(sizes.slice(75))];
    expect(last.entries).toBeLessThanOrEqual(first.entries + 4);
    expect(last.chunks).toBeLessThanOrEqual(first.chunks + 4);
    expect(last.blobs).toBeLessThanOrEqual(first.blobs + 4);

    await world.run(7);
    const before = await world.state();
    expect((await sweepLocal(world)).entries).toBeGreaterThan(0);
    expect(await world.state()).toEqual(before);
    expect(await sweepLocal(world)).toEqual({ entries: 0, chunks: 0, blobs: 0 });
    expect(rowsOf(world)).toHaveLength(2 * (world.minutes - 1));
  });

  test('savepoint, cancel and resume go on behind a sweep; the closed generation is swept an hour later', async () => {
    const world = await local(place);
    await world.run(80);
    await sweepLocal(world);
    const path = await world.savepoint(join(world.dir, 'savepoints'));
    await world.cancel();
    const old = world.job;
    await world.resume(null);
    await world.run(30);
    expect((await sweepLocal(world)).entries).toBe(0);
    expect((await world.entries(coordinator(old))).length).toBeGreaterThan(1);
    await world.run(40);
    expect((await sweepLocal(world)).entries).toBeGreaterThan(0);
    expect(await world.entries(coordinator(old))).toHaveLength(1);
    expect(await world.entries(partition(old))).toHaveLength(1);
    expect(await world.ports.blob.list(`spill/${partition(old).replaceAll('#', '/')}/`, { after: '', limit: 9 })).toHaveLength(place === OBJECTS ? 1 : 0);
    expect(rowsOf(world)).toHaveLength(2 * (world.minutes - 1));

    await world.resume(path);
    await sweepLocal(world);
    await world.load();
    await world.run(5);
    expect(new Set(rowsOf(world)).size).toBe(2 * (world.minutes - 1));
  });

  test('a chunk that was written long before the boundary stays as long as it is listed', async () => {
    const world = await local(place);
    const write = new Writer(world.ports, world.job);
    await world.ports.topics.produce('events', [labRecord('click', 10)]);
    for (let n = 0; n < 6; n++) {
      // The window of the first record stays open; only the one behind it changes.
      await world.ports.topics.produce('events', [labRecord('click', 62)]);
      await world.deliver(write);
      world.runtime.advance(2 * MINUTE);
      await world.savepoint(join(world.dir, 'savepoints'));
    }
    world.runtime.advance(2 * HOUR);
    const before = await world.state();
    const swept = await sweepLocal(world);
    expect(swept.chunks + swept.blobs).toBeGreaterThan(0);
    expect(await world.state()).toEqual(before);
  });
});

describe('row 56: numbers reopen', () => {
  test('a sweep younger than HEAD_MAX_AGE is refused', async () => {
    const world = await inMemory();
    await world.run(10);
    const { headMaxAgeMs } = world.job.settings;
    expect(SWEEP.ageMs).toBeGreaterThanOrEqual(60 * headMaxAgeMs);
    for (const ageMs of [0, headMaxAgeMs - 1]) await expect(planFor(world, ageMs)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    expect(await planFor(world, headMaxAgeMs)).not.toBeNull();
  });

  /** A writer that remembers its head, and another one that takes the places behind it. */
  async function withZombie(): Promise<{ world: LocalWorld; zombie: Writer; from: number; taken: number }> {
    const world = await local();
    const zombie = new Writer(world.ports, world.job);
    await world.ports.topics.produce('events', [labRecord('click', 0)]);
    await world.deliver(zombie);
    const from = (await zombie.nextOffset(P0)) ?? 0;
    const taken = ((await world.ports.log.head(partition(world.job)))?.seq ?? 0) + 1;
    return { world, zombie, from, taken };
  }

  test('the mutant: what an eager sweep frees, a zombie takes, and believes that it is in the log', async () => {
    const { world, zombie, from, taken } = await withZombie();
    for (let n = 1; n <= 4; n++) {
      await world.ports.topics.produce('events', [labRecord('click', n)]);
      await world.deliver(new Writer(world.ports, world.job));
    }
    sweep(world.ports.store, { logs: [{ log: partition(world.job), below: seq(taken + 2) }], chunks: [] });
    expect(await world.deliver(zombie, from)).toMatchObject({ kind: 'committed' });
    expect(await world.entries(partition(world.job))).toEqual([taken, taken + 2, taken + 3]);
  });

  test('after an hour the zombie reads again, and finds a duplicate', async () => {
    const { world, zombie, from, taken } = await withZombie();
    await world.run(80);
    expect((await sweepLocal(world)).entries).toBeGreaterThan(0);
    expect((await world.entries(partition(world.job)))[0]).toBeGreaterThan(taken);
    expect(await world.deliver(zombie, from)).toMatchObject({ kind: 'duplicate' });
  });

  test('a firer that slept while its entries were swept loads again', async () => {
    const world = await local();
    await world.run(3);
    const sleeper = new Firer(world.ports, world.job);
    await sleeper.step();
    await world.run(90);
    await sweepLocal(world);
    expect((await sleeper.load())?.position).toEqual((await world.load()).position);
  });
});

test('a runner removes the program that nobody has submitted for a day, and no job runs', async () => {
  const world = await local();
  const key = programKey(await storedProgram(world));
  const end = new AbortController();
  const sweeper = new Sweeper(world.ports, world.job, (error) => expect.fail(error.message), { ...SWEEP, intervalMs: 1 });
  const running = sweeper.run(end.signal);
  while (world.runtime.elapsed() < 1_800_000_000_000 + 20 * HOUR) await world.runtime.sleep(HOUR);
  expect(await world.ports.blob.get(key)).not.toBeNull();
  while (world.runtime.elapsed() < 1_800_000_000_000 + 30 * HOUR) await world.runtime.sleep(HOUR);
  end.abort();
  await running;
  expect(await world.ports.blob.get(key)).toBeNull();
});

async function storedProgram({ ports, runtime }: LocalWorld): Promise<string> {
  const bytes = new TextEncoder().encode('program');
  await storeProgram(ports, bytes);
  // Again: only what is renewed has the time of this clock.
  await storeProgram(ports, bytes);
  expect(runtime.now()).toBeLessThan(1_800_000_000_000 + HOUR);
  return nodeCodec.sha256(bytes);
}

describe('any number of runners', () => {
  test('two sweeps at once delete what one would', async () => {
    const world = await local(OBJECTS);
    const second = openEmbedded(world.dir, { create: false, runtime: world.runtime });
    onTestFinished(() => second.close());
    await world.run(90);
    const before = await world.state();
    const [a, b] = await Promise.all([sweepLocal(world), sweepJob(second, second.store, world.job, SWEEP.ageMs)]);
    expect(a.entries + b.entries).toBeGreaterThan(0);
    expect(await sweepLocal(world)).toEqual({ entries: 0, chunks: 0, blobs: 0 });
    expect(await world.state()).toEqual(before);
  });

  test('a sweep that ends early is finished by the next one', async () => {
    const world = await local(OBJECTS);
    await world.run(90);
    const before = await world.state();
    const stop = new AbortController();
    stop.abort();
    expect(await sweepJob(world.ports, world.ports.store, world.job, SWEEP.ageMs, stop.signal)).toEqual({ entries: 0, chunks: 0, blobs: 1 });
    expect((await sweepLocal(world)).entries).toBeGreaterThan(0);
    expect(await sweepLocal(world)).toEqual({ entries: 0, chunks: 0, blobs: 0 });
    expect(await world.state()).toEqual(before);
  });

  test('a zombie that sweeps an older generation leaves the objects that the restored one refers to', async () => {
    const world = await local(OBJECTS);
    await world.run(10);
    const path = await world.savepoint(join(world.dir, 'savepoints'));
    await world.run(90);
    const old = world.job;
    await world.resume(path);
    const before = await world.state();
    const restored = (await openCoordinatorLog(world.ports, world.job).get((await world.load()).checkpoint.seq)) ?? null;
    const own = restored?.kind === 'CHECKPOINT' ? restored.chunks.map((c) => c.key) : [];
    const plan = await planSweep({ ...world.ports, chunkKeys: () => [] }, old, { now: world.runtime.now(), ageMs: SWEEP.ageMs });
    expect(plan?.blobs.length).toBeGreaterThan(0);
    expect(own.length).toBeGreaterThan(0);
    expect(own.filter((key) => plan?.blobs.includes(key))).toEqual([]);
    await sweepLocal(world, old);
    expect(await world.state()).toEqual(before);
  });

  test('a closed generation that a zombie still writes to is swept when it has been quiet for an hour', async () => {
    const world = await local();
    await world.run(10);
    await world.cancel();
    const old = world.job;
    await world.resume(null);
    await world.run(70);
    world.job = old;
    expect(await world.deliver(new Writer(world.ports, old))).toMatchObject({ kind: 'committed' });
    world.job = await openControlledJob(world.workshop, world.id, (await readControl(world.ports, world.id)).control);
    await sweepLocal(world);
    expect((await world.entries(partition(old))).length).toBeGreaterThan(10);
    await world.run(61);
    await sweepLocal(world);
    expect(await world.entries(partition(old))).toHaveLength(1);
  });

  test('a runner sweeps the jobs that it hosts now and then', async () => {
    const world = await local();
    await world.run(90);
    const before = sizeOf(world).entries;
    const stop = new AbortController();
    const errors: unknown[] = [];
    // Its waiting moves no clock: the minutes of the world do.
    const { now, elapsed, randomHex, runWithin } = world.runtime;
    const ports = { ...world.ports, runtime: { now, elapsed, randomHex, runWithin, sleep: turn } };
    const running = new Sweeper(ports, world.job, (error) => errors.push(error)).run(stop.signal);
    while (sizeOf(world).entries === before) await turn();
    await world.run(30);
    while (sizeOf(world).entries > before) await turn();
    stop.abort();
    await running;
    expect(errors).toEqual([]);
    expect(rowsOf(world)).toHaveLength(2 * (world.minutes - 1));
  });
});

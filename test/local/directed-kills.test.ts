/**
 * An operation is killed before each of its effects in turn, in a process of its own: before and behind every step of a resume, a stop, a
 * savepoint's export, a checkpoint. A runner that comes up afterwards finishes the work, and the rows are those of a run that nothing
 * disturbed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cancelJob, createJob, resumeJob, stopJob, takeSavepoint } from '../../lib/control/operations.ts';
import { listJobs } from '../../lib/control/jobs.ts';
import type { JobId } from '../../lib/core/numbers.ts';
import { readControl, type Workshop } from '../../lib/engine/lifecycle/job-control.ts';
import { openEmbedded, type Embedded } from '../../lib/place/embedded.ts';
import { workshopOf } from '../../lib/place/embedded-settings.ts';
import { runUp } from '../../lib/local/runner.ts';
import { labPlan, labRecord } from '../engine/lab-plan.ts';
import { deliver, fire, fireWithoutEmission } from './deliver.ts';
import { fastRuntime } from './fast-clock.ts';
import { OPERATIONS, type Operation } from './operation.ts';

/** Worlds that are killed at the same time: they wait more than they work. */
const AT_ONCE = 4;
/** No operation has as many effects. */
const EFFECTS_MAX = 200;
const PARTITIONS = 2;

/** Per partition: what is read before the operation, what lies in the topic during it, what comes behind it. Seconds of `click`s. */
const BEFORE = [[1, 2, 70, 135], [3, 61, 140]];
const DURING = [[136, 190, 200], [141, 142, 205]];
const BEHIND = [[210, 330], [260, 331]];

const counted = (seconds: readonly number[]): string[] =>
  Object.entries(Object.groupBy(seconds, minuteOf)).map(([minute, clicks]) => `${minute}|${clicks?.length}`).sort();
const minuteOf = (second: number): string => `10:${String(Math.floor(second / 60)).padStart(2, '0')}`;
const EXPECTED = counted([BEFORE, DURING, BEHIND].flat(2));
/** Of a job that was drained before the last records came. */
const DRAINED = counted([BEFORE, DURING].flat(2));

let home = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-directed-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const RULES = { plan: null, allowNonRestored: false, allowOffsetGap: false };

/** One data directory with one job; `n` numbers the effect that its operation dies before. */
class World {
  readonly dir: string;
  readonly start = Date.now();
  readonly ports: Embedded;
  readonly workshop: Workshop;
  readonly #n: number;

  constructor(operation: Operation, n: number) {
    this.#n = n;
    this.dir = join(home, `${operation}-${n}`);
    this.ports = openEmbedded(this.dir, { create: true, runtime: fastRuntime(this.start) });
    this.workshop = workshopOf(this.ports);
  }

  async createJob(): Promise<JobId> {
    await this.ports.topics.createTopic('events', PARTITIONS);
    const planOptions = { 'execution.checkpointing.interval': '1 ms' };
    return createJob(this.workshop, labPlan({ planOptions, path: join(this.dir, 'out') }), { savepoint: null, allowNonRestored: false });
  }

  async produce(seconds: readonly (readonly number[])[]): Promise<void> {
    for (const [partition, list] of seconds.entries()) {
      await this.ports.topics.produce('events', list.map((second) => labRecord('click', second)), { partition });
    }
  }

  /** What there is to read is read, and what is due is fired. */
  async work(id: JobId): Promise<void> {
    await deliver(this.workshop, id);
    await fire(this.workshop, id);
  }

  /** A runner comes up, finds what there is to do, and ends. */
  async up(): Promise<void> {
    expect(await runUp(workshopOf(this.ports), { once: true, signal: AbortSignal.timeout(20_000) })).toEqual([]);
  }

  /** The effect before which the operation was killed; null if it came to its end. */
  async operate(operation: Operation, id: JobId): Promise<string | null> {
    const script = join(import.meta.dirname, 'doomed.ts');
    const child = spawn(process.execPath, [script, this.dir, String(this.start), id, operation, String(this.#n)], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [effect, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    if (child.signalCode === 'SIGKILL') return effect;
    expect({ errors, exitCode: child.exitCode }).toEqual({ errors: '', exitCode: 0 });
    return null;
  }

  /** True if the job runs again; one that was drained has ended for good. */
  async resumeIfEnded(id: JobId): Promise<boolean> {
    const { control } = await readControl(this.ports, id);
    expect(control.operation).toBeNull();
    expect(['RUNNING', 'CANCELED', 'FINISHED']).toContain(control.status);
    if (control.status === 'RUNNING') return true;
    if (control.savepoints[0]?.drained === true) return false;
    const savepoint = control.status === 'FINISHED' ? (control.savepoints[0]?.path ?? null) : null;
    await resumeJob(this.workshop, id, { savepoint, ...RULES });
    return true;
  }

  /** Where the savepoints lie that were asked for, each of which has come to its end. */
  async requested(id: JobId): Promise<string[]> {
    const items = await this.ports.control.list(`J#${id}`, 'SP#', { after: '', limit: 10 });
    return items.map(({ body }): { status: string; location: string } => JSON.parse(body)).map(({ status, location }) => {
      expect(status).toBe('COMPLETED');
      return location;
    });
  }

  close(): void {
    this.ports.close();
    rmSync(this.dir, { recursive: true });
  }
}

/** What has been done to the job when the operation begins. */
const PREPARE: Readonly<Record<Operation, (world: World, id: JobId) => Promise<unknown>>> = {
  run: async () => {},
  'run-objects': async () => {},
  // Their barrier finds entries that nobody has fired.
  savepoint: ({ workshop }, id) => deliver(workshop, id),
  stop: ({ workshop }, id) => deliver(workshop, id),
  drain: ({ workshop }, id) => deliver(workshop, id),
  'stop-unwritable': async () => {},
  // It finds a FIRE that nobody has emitted, and helps.
  cancel: async ({ workshop }, id) => {
    await deliver(workshop, id);
    await fireWithoutEmission(workshop, id);
  },
  resume: ({ workshop }, id) => cancelJob(workshop, id),
  'resume-savepoint': ({ workshop, dir }, id) => stopJob(workshop, id, { directory: join(dir, 'savepoints'), drain: false }),
  fork: ({ workshop, dir }, id) => takeSavepoint(workshop, id, join(dir, 'savepoints')),
};

interface Emitted {
  readonly job: string;
  readonly f: number;
  readonly rows: readonly string[];
}

function emittedIn(dir: string): Emitted[] {
  const out = join(dir, 'out');
  return readdirSync(out).flatMap((name) => {
    const [, job, f] = /^([0-9a-f]{32})-out-g\d+-f(\d+)-0\.ndjson$/.exec(name) ?? [];
    if (job === undefined) return [];
    const lines = readFileSync(join(out, name), 'utf8').trimEnd().split('\n');
    const rows = lines.map((line): { window_start: string; event_count: number } => JSON.parse(line)).map((row) => `${row.window_start.slice(11, 16)}|${row.event_count}`);
    return [{ job, f: Number(f), rows }];
  });
}

/** Savepoints that are complete, and the FIRE that each of them was taken at. */
function savepointsIn(dir: string): { path: string; f: number }[] {
  const root = join(dir, 'savepoints');
  if (!existsSync(root)) return [];
  const found = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return found.flatMap(({ name }) => {
    if (!readdirSync(join(root, name)).includes('_metadata')) return [];
    const { position }: { position: { f: number } } = JSON.parse(readFileSync(join(root, name, '_metadata'), 'utf8'));
    return [{ path: join(root, name), f: position.f }];
  });
}

/** Kills `operation` before its n-th effect, lets a runner finish, and looks. Returns the effect, null if there is no such. */
async function survive(operation: Operation, n: number): Promise<string | null> {
  const world = new World(operation, n);
  const id = await world.createJob();
  await world.produce(BEFORE);
  await world.work(id);
  await world.produce(DURING);
  await PREPARE[operation](world, id);
  const effect = await world.operate(operation, id);
  await world.up();
  const goesOn = await world.resumeIfEnded(id);
  await world.produce(BEHIND);
  const savepoints = operation === 'savepoint' || operation === 'fork' ? savepointsIn(world.dir) : [];
  if (operation === 'savepoint') expect(savepoints.map(({ path }) => path)).toEqual(await world.requested(id));
  for (const { path } of savepoints) {
    const isForked = (await listJobs(world.workshop)).some((job) => job.id !== id);
    if (!isForked) await createJob(world.workshop, labPlan({ path: join(world.dir, 'out') }), { savepoint: path, allowNonRestored: false });
  }
  const jobs = await listJobs(world.workshop);
  for (const job of jobs.filter(({ status }) => status === 'RUNNING')) {
    await world.work(job.id);
    await stopJob(world.workshop, job.id, { directory: join(world.dir, 'savepoints'), drain: true });
  }

  const emitted = emittedIn(world.dir);
  expect(new Set(emitted.map((e) => `${e.job}|${e.f}`)).size).toBe(emitted.length);
  for (const job of jobs) {
    const base = job.id === id ? 0 : (savepoints[0]?.f ?? 0);
    const rows = emitted.filter((e) => e.job === job.id || (e.job === id && e.f <= base)).flatMap((e) => e.rows);
    expect(rows.sort()).toEqual(goesOn ? EXPECTED : DRAINED);
  }
  world.close();
  return effect;
}

test.each(OPERATIONS)('%s, killed before each of its effects, is finished by a runner', { timeout: 240_000 }, async (operation) => {
  const effects: string[] = [];
  for (let n = 1; n <= EFFECTS_MAX; n += AT_ONCE) {
    const killed = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => survive(operation, n + i)));
    effects.push(...killed.filter((effect) => effect !== null));
    if (killed.includes(null)) break;
  }
  console.log(`${operation}: killed before ${effects.join(', ')}`);
  expect(effects.length).toBeGreaterThan(2);
  expect(effects.length).toBeLessThan(EFFECTS_MAX);
});

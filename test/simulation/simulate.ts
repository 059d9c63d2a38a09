/** One seeded run: records, event sources, firers and workflows in one world with faults, then healing, judged by the oracle all along. */
import { generation, type Generation, type JobId } from '../../lib/core/numbers.ts';
import { openJob, partitionIdsOf, type Job } from '../../lib/engine/job.ts';
import type { JobControl } from '../../lib/engine/lifecycle/job-control.ts';
import { requestCreate } from '../../lib/engine/lifecycle/start.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import type { Config } from './configs.ts';
import { Host } from './host.ts';
import { Oracle } from './oracle/oracle.ts';
import { checkEmissions, unfinished } from './oracle/progress.ts';
import type { Process } from './process.ts';
import { FILTERED_KEY, planOf } from './shape.ts';
import { Topics } from './topics.ts';
import { Violation, violate, type Report } from './violation.ts';
import { operate } from './workflows.ts';
import { World } from './world.ts';

export interface SimulationOptions {
  /** Gets one line per call, effect and fault. */
  readonly trace?: (line: string) => void;
  /** Faults count from 0 in the order in which they are drawn; one that is not in the set is drawn, but does not happen. */
  readonly keepFaults?: ReadonlySet<number> | null;
  /** Instead of the number that the configuration names. */
  readonly records?: number;
}

const STEPS_MAX = 60_000;
/** Records in a row for one partition. */
const BURST = 15;
/** Pace while the world waits for late things only. */
const SLOW = 100;
/** Event time of second 0. */
const EVENTS_START_MS = Date.UTC(2025, 11, 30, 10, 0, 0);
/** Event time of the records that end every partition, behind all windows of the others. */
const END_S = 4 * 3600;
export const END_KEY = 'end';

/** One run from its seed. Throws a Violation where an invariant of the protocol does not hold. */
export async function simulate(seed: number, config: Config, options: SimulationOptions = {}): Promise<Report> {
  const { limits, delays, skewMs } = config;
  const world = new World({ seed, limits, delays, skewMs, trace: options.trace ?? null, keepFaults: options.keepFaults ?? null });
  const run = new Run(world, { ...config, records: options.records ?? config.records });
  try {
    await run.begin();
    world.faults.rate = config.faultRate;
    await run.disturb();
    world.faults.rate = 0;
    await run.heal();
    await run.check();
  } catch (error) {
    throw Violation.of(error, reportOf(world));
  }
  return reportOf(world);
}

const reportOf = (world: World): Report => ({ steps: world.scheduler.steps, faults: world.faults.drawn, coverage: world.coverage });

class Run {
  readonly #world: World;
  readonly #config: Config;
  readonly #topics: Topics;
  readonly #oracle: Oracle;
  readonly #plan;
  /** CTRL of every job, as it was last put. */
  readonly #controls = new Map<JobId, JobControl>();
  readonly #hosted = new Set<string>();
  readonly #jobs = new Map<string, Job>();
  readonly #operators = new Map<JobId, Process>();
  #clockS = 0;
  #produced = 0;
  #isHealing = false;
  /** Something was put since `#left` was found. */
  #hasNews = true;
  #left: readonly string[] = [];

  constructor(world: World, config: Config) {
    this.#world = world;
    this.#config = config;
    this.#plan = planOf(config.shape);
    this.#topics = new Topics(world.stores.source, world.scheduler);
    this.#oracle = new Oracle({
      stores: world.stores,
      shape: config.shape,
      topics: this.#topics,
      isBounded: false,
      open: (id, g) => this.#open(id, g),
      count: (what, n) => world.count(what, n),
    });
    const { onPut } = world.stores.control;
    world.stores.control.onPut = (key, body) => {
      onPut(key, body);
      if (key.sk === 'CTRL') this.#observe(key.pk.slice(2) as JobId, JSON.parse(body));
    };
    world.afterStep = async () => {
      if (!this.#oracle.isBehind) return;
      this.#hasNews = true;
      await this.#oracle.digest();
    };
  }

  async begin(): Promise<void> {
    const { stores } = this.#world;
    for (const topic of new Set(this.#config.shape.sources.flatMap((s) => s.topics))) this.#topics.create(topic, this.#config.partitions);
    const workshop = { ports: stores, place: this.#config.settings };
    const id = await requestCreate(workshop, this.#plan, { savepoint: null, allowNonRestored: false });
    await runOperation(workshop, id);
    await this.#oracle.digest();
  }

  /** Produces all records while processes come and go. */
  async disturb(): Promise<void> {
    this.#produceAll().catch((error: unknown) => {
      this.#world.failure ??= error;
    });
    await this.#world.run(() => this.#produced >= this.#config.records, STEPS_MAX);
  }

  /** I-LIVE: without faults all input is consumed and everything due is emitted. */
  async heal(): Promise<void> {
    this.#isHealing = true;
    this.#world.sinksDownUntil = 0;
    for (const topic of this.#topics.names()) {
      for (let p = 0; p < this.#busyPartitions(topic); p++) this.#topics.produce(topic, p, { key: END_KEY, time: EVENTS_START_MS + END_S * 1000 });
    }
    await this.#settle();
    // What still sleeps wakes up and finds that it is too late; then nothing may have changed for good.
    while (this.#world.delayed > 0) {
      this.#world.setPace(SLOW);
      await this.#world.run(() => this.#world.delayed === 0, STEPS_MAX);
      this.#world.setPace(1);
      await this.#settle();
    }
  }

  async #settle(): Promise<void> {
    const isSettled = await this.#world.run(() => {
      if (this.#hasNews) this.#left = this.#unfinished();
      this.#hasNews = false;
      return this.#left.length === 0;
    }, STEPS_MAX);
    violate(!isSettled, `I-LIVE: the job does not come to rest without faults: ${this.#left.join(', ')}`);
  }

  async check(): Promise<void> {
    for (const [id, { gen }] of this.#controls) {
      await this.#oracle.checkLoad(id, gen);
      checkEmissions(this.#oracle, this.#world.stores, id, gen, this.#config.shape);
      this.#world.count('late', this.#oracle.coordinator(id, gen)?.state.operators.reduce((n, o) => n + o.late, 0));
    }
    for (const [, { fires }] of this.#oracle.coordinators()) {
      this.#world.count('fires', fires.length);
      this.#world.count('rows', fires.flatMap((f) => [...f.rows.values()]).flat().length);
    }
  }

  /** What keeps the jobs from being at rest; empty where they are. */
  #unfinished(): string[] {
    return [...this.#controls].flatMap(([id, control]) => {
      if (control.status !== 'RUNNING' || control.operation !== null) return [`job ${id} is ${control.status}`];
      return unfinished(this.#oracle.coordinator(id, control.gen), this.#config.shape, this.#topics);
    });
  }

  #observe(id: JobId, control: JobControl): void {
    this.#controls.set(id, control);
    this.#hasNews = true;
    const key = `${id}:${control.gen}`;
    if (this.#hosted.has(key)) return;
    this.#hosted.add(key);
    this.#world.pause(this.#world.prng.below(2000)).then(() => this.#host(id, control.gen), () => {});
    if (this.#config.workflows && !this.#operators.has(id)) this.#startOperator(id);
  }

  #host(id: JobId, g: Generation): void {
    const { pollers, firers } = this.#config;
    const job = this.#open(id, g);
    new Host(this.#world, { job, pollers, firers, isOver: () => this.#isOver(id, g), nextOf: (topic, partition) => this.#nextOf(job, topic, partition) }).start();
  }

  #isOver(id: JobId, g: Generation): boolean {
    const check = this.#oracle.coordinator(id, g);
    return check?.isClosed === true || (check === undefined && (this.#controls.get(id)?.gen ?? g) > g);
  }

  #nextOf(job: Job, topic: string, partition: number): number {
    return Math.min(...partitionIdsOf(job, topic, partition).map((p) => this.#oracle.partition(job.id, job.g, p)?.head?.next ?? 0));
  }

  #startOperator(id: JobId): void {
    const workshop = (ports: Parameters<Parameters<World['spawn']>[1]>[0]) => ({ ports, place: this.#config.settings });
    const process = this.#world.spawn('operator', async (ports) => {
      await operate(workshop(ports), id, this.#world, () => this.#isHealing);
    });
    this.#operators.set(id, process);
    process.onEnd(() => {
      this.#world.pause(this.#world.prng.below(2000)).then(() => this.#startOperator(id), () => {});
    });
  }

  #open(id: JobId, g: Generation): Job {
    const key = `${id}:${g}`;
    let job = this.#jobs.get(key);
    if (job === undefined) {
      job = openJob(id, generation(g), this.#plan, this.#controls.get(id)?.topicIds ?? {}, this.#config.settings);
      this.#jobs.set(key, job);
    }
    return job;
  }

  async #produceAll(): Promise<void> {
    const { prng, faults } = this.#world;
    while (this.#produced < this.#config.records) {
      await this.#world.pause(prng.below(2 * this.#config.everyMs));
      this.#produce();
      if (this.#config.sinkOutageMs > 0 && faults.strike('sinkOutage', 0.05)) {
        this.#world.sinksDownUntil = this.#world.now + prng.below(this.#config.sinkOutageMs);
      }
    }
  }

  #produce(): void {
    const { prng } = this.#world;
    const topic = prng.pick(this.#topics.names());
    this.#clockS += prng.below(20);
    const time = EVENTS_START_MS + Math.max(0, this.#clockS - prng.below(this.#config.disorderS)) * 1000;
    this.#topics.produce(topic, this.#partitionFor(topic), { key: prng.pick(['click', 'view', 'buy', FILTERED_KEY]), time });
    this.#produced++;
  }

  #busyPartitions(topic: string): number {
    const width = this.#topics.width(topic);
    return this.#config.bursts ? width - 1 : width;
  }

  #partitionFor(topic: string): number {
    const { prng } = this.#world;
    const busy = this.#busyPartitions(topic);
    return this.#config.bursts && prng.chance(0.95) ? Math.floor(this.#produced / BURST) % busy : prng.below(busy);
  }
}

/** One seeded run: records, event sources, firers and workflows in one world with faults, then healing, judged by the oracle all along. */
import type { Generation, JobId } from '../../lib/core/numbers.ts';
import { sweepConsumers } from '../../lib/engine/lifecycle/consumers.ts';
import { isFinal } from '../../lib/engine/lifecycle/job-control.ts';
import type { Config } from './configs.ts';
import { startExpiry } from './expiry.ts';
import { Jobs } from './jobs.ts';
import { checkCosts } from './oracle/costs.ts';
import type { CoordinatorCheck } from './oracle/coordinator-check.ts';
import { Oracle } from './oracle/oracle.ts';
import { checkBatch, checkDeadLetters, checkEmissions, unfinished } from './oracle/progress.ts';
import { refuses, WATERMARK_DELAY_MS } from './shape.ts';
import { Topics } from './topics.ts';
import { Traffic } from './traffic.ts';
import { Violation, violate, type Report } from './violation.ts';
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
/** Pace while the world waits for late things of minutes only. */
const SLOW = 100;
/** Sandboxes compare topics once a minute. */
const TOPIC_CHECK_MS = 70_000;
const DAY = 24 * 3_600_000;

/** One run from its seed. Throws a Violation where an invariant of the protocol does not hold. */
export async function simulate(seed: number, config: Config, options: SimulationOptions = {}): Promise<Report> {
  const { limits, delays, clocks } = config;
  const world = new World({ seed, limits, delays, clocks, trace: options.trace ?? null, keepFaults: options.keepFaults ?? null });
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
  readonly #traffic: Traffic;
  readonly #jobs: Jobs;
  readonly #oracle: Oracle;
  /** Something was put since `#left` was found. */
  #hasNews = true;
  #left: readonly string[] = [];

  constructor(world: World, config: Config) {
    const { stores } = world;
    this.#world = world;
    this.#config = config;
    this.#topics = new Topics(stores.source, world.scheduler, (amount) => refuses(config.shape, amount));
    this.#traffic = new Traffic(world, config, this.#topics);
    this.#jobs = new Jobs(world, config);
    this.#oracle = new Oracle({
      stores,
      shape: config.shape,
      topics: this.#topics,
      bounds: { entries: config.settings.fireMaxEntries ?? Infinity, rows: config.settings.fireMaxRows ?? Infinity },
      skewMs: config.clocks.skewMs,
      open: (id, g) => this.#jobs.open(id, g),
      hasEnded: (id) => isFinal(this.#jobs.controls.get(id)?.status ?? 'RUNNING'),
      mayFail: config.mayFail,
      now: () => world.now,
      count: (what, n) => world.count(what, n),
    });
    this.#jobs.oracle = this.#oracle;
    this.#jobs.onEnd = () => {
      this.#hasNews = true;
    };
    const { onPut } = stores.control;
    stores.control.onPut = (key, body) => {
      onPut(key, body);
      if (key.sk === 'CTRL') this.#jobs.observe(key.pk.slice(2) as JobId, JSON.parse(body));
      this.#hasNews = true;
    };
    world.afterStep = () => this.#digest();
  }

  async begin(): Promise<void> {
    this.#traffic.begin();
    await this.#jobs.create();
    await this.#digest();
    if (this.#config.settings.logTtlMs !== Infinity) {
      const isCurrent = (id: JobId, g: number): boolean => this.#jobs.controls.get(id)?.gen === g;
      startExpiry(this.#world, this.#oracle.watchExpiry(isCurrent));
    }
  }

  /** Produces all records while processes come and go. */
  async disturb(): Promise<void> {
    this.#traffic.run((produced) => this.#between(produced)).catch((error: unknown) => {
      this.#world.failure ??= error;
    });
    await this.#world.run(() => this.#traffic.isDone, STEPS_MAX);
    if (this.#world.faults.strike('topicReplaced', this.#config.topicReplaced)) await this.#replaceTopic();
  }

  /** Long enough before the next record for every sandbox to compare the topic again (W6). */
  async #replaceTopic(): Promise<void> {
    this.#topics.replace(this.#world.prng.pick(this.#topics.names()));
    const until = this.#world.now + TOPIC_CHECK_MS;
    await this.#world.run(() => this.#world.now >= until, STEPS_MAX);
  }

  /** I-LIVE: without faults all input is consumed and everything due is emitted. */
  async heal(): Promise<void> {
    this.#jobs.isHealing = true;
    this.#world.sinksDownUntil = 0;
    this.#world.firersDownUntil = 0;
    this.#traffic.end();
    await this.#settle();
    // What still sleeps wakes up and finds that it is too late; then nothing may have changed for good.
    while (this.#world.delayed > 0) {
      this.#world.setPace(this.#config.calendar?.pace ?? SLOW);
      await this.#world.run(() => this.#world.delayed === 0, STEPS_MAX);
      this.#world.setPace(1);
      await this.#settle();
    }
  }

  async check(): Promise<void> {
    await this.#oracle.checkLoads(this.#jobs.controls);
    for (const [id, { gen }] of this.#jobs.controls) {
      this.#checkBatch(id, gen);
      this.#checkDeadLetters(id, gen);
      checkEmissions(this.#oracle, this.#world.stores, id, gen, this.#config.shape);
      this.#world.count('late', this.#oracle.coordinator(id, gen)?.state.operators.reduce((n, o) => n + o.late, 0));
    }
    await this.#checkConsumers();
    for (const [, { fires }] of this.#oracle.coordinators()) {
      this.#world.count('fires', fires.length);
      this.#world.count('rows', fires.flatMap((f) => [...f.rows.values()]).flat().length);
    }
    if (this.#config.faultRate === 0) this.#checkCosts();
    this.#world.count('virtualHours', Math.floor(this.#world.elapsed / 3_600_000));
  }

  /** What no operation has ended, a sweep ends; it leaves nothing but what jobs need that run. */
  async #checkConsumers(): Promise<void> {
    const { stores } = this.#world;
    this.#world.count('consumersLeft', (await stores.consumers.attached()).length - [...this.#jobs.controls.values()].filter(({ status }) => status === 'RUNNING').length);
    const { left } = await sweepConsumers({ ports: stores });
    violate(left > 0, 'I-LIVE: consumers cannot be ended');
    for (const { job, g } of await stores.consumers.attached()) {
      const { gen, status } = this.#jobs.controls.get(job) ?? {};
      violate(g !== gen || status !== 'RUNNING', `I-LIVE: consumers of ${job} g${g} are left, the job is ${status} in g${gen}`);
    }
    for (const [id, { status, gen }] of this.#jobs.controls) violate(status === 'RUNNING' && !stores.consumers.isDelivering(id, gen), `I-LIVE: the consumers of ${id} g${gen} do not deliver`);
  }

  #checkBatch(id: JobId, g: Generation): void {
    const check = this.#oracle.coordinator(id, g);
    if (check === undefined || this.#config.disorderS * 1000 > WATERMARK_DELAY_MS || this.#jobs.ended.has(id)) return;
    checkBatch(check, this.#config.shape, this.#topics);
    this.#world.count('batchCompared');
  }

  #checkDeadLetters(id: JobId, g: Generation): void {
    const check = this.#oracle.coordinator(id, g);
    const { shape } = this.#config;
    if (check === undefined || shape.hasDeadLetters !== true) return;
    this.#world.count('deadLetters', checkDeadLetters(check, this.#world.stores, id, shape, this.#topics));
    if (!check.wentBack) this.#world.count('deadLettersCompared');
  }

  #checkCosts(): void {
    const { coverage, calls, stores } = this.#world;
    const entries = new Map(Object.entries(coverage).flatMap(([what, n]) => (what.startsWith('entry:') ? [[what.slice('entry:'.length), n]] : [])));
    const sum = (prefix: string): number => Object.entries(coverage).reduce((n, [what, m]) => (what.startsWith(prefix) ? n + m : n), 0);
    const partitions = stores.log.logs().length - 1;
    checkCosts(calls, { batches: sum('batches'), sandboxes: sum('sandboxes'), partitions, entries, steps: sum('step:') });
  }

  async #digest(): Promise<void> {
    if (!this.#oracle.isBehind) return;
    this.#hasNews = true;
    await this.#oracle.digest();
  }

  async #settle(): Promise<void> {
    const isSettled = await this.#world.run(() => {
      if (this.#hasNews) this.#left = this.#unfinished();
      this.#hasNews = false;
      return this.#left.length === 0;
    }, STEPS_MAX);
    violate(!isSettled, `I-LIVE: the job does not come to rest without faults: ${this.#left.join(', ')}`);
  }

  /** What keeps the jobs from being at rest; empty where they are. */
  #unfinished(): string[] {
    return [...this.#jobs.controls].flatMap(([id, control]) => {
      if (this.#topics.replaced.size > 0) return this.#jobs.ended.has(id) ? [] : [`job ${id} has not refused the topic`];
      if (this.#jobs.ended.has(id) && isFinal(control.status)) return [];
      if (control.status !== 'RUNNING' || control.operation !== null) return [`job ${id} is ${control.status}`];
      return unfinished(this.#oracle.coordinator(id, control.gen), this.#config.shape, this.#topics);
    });
  }

  /** Every job has a recent checkpoint of all that has fired: in weeks, outages come one after the other, since two at once are more than must be survived. */
  #isCovered(): boolean {
    if (this.#config.calendar === null) return true;
    const isUp = this.#world.now >= this.#world.sinksDownUntil && this.#world.now >= this.#world.firersDownUntil;
    const isRecent = (check: CoordinatorCheck | undefined): boolean => check?.isCheckpointed === true && this.#world.now - check.checkpointedAt < DAY / 4;
    return isUp && [...this.#jobs.controls].every(([id, { gen }]) => isRecent(this.#oracle.coordinator(id, gen)));
  }

  /** What happens between two records. */
  async #between(produced: number): Promise<void> {
    const { faults, prng } = this.#world;
    const { sinkOutageMs, calendar, records, growth, topicRetention } = this.#config;
    const topic = prng.pick(this.#topics.names());
    if (topicRetention > 0 && faults.strike('topicRetention', topicRetention)) this.#topics.retain(topic, prng.below(this.#topics.width(topic)), prng.next());
    if (growth > 0 && faults.strike('newPartition', growth)) this.#topics.addPartition(topic);
    if (sinkOutageMs > 0 && this.#isCovered() && faults.strike('sinkOutage', 0.05)) this.#world.sinksDownUntil = this.#world.now + prng.below(sinkOutageMs);
    if (calendar === null || this.#traffic.isDone || produced % Math.ceil(records / calendar.bursts) !== 0) return;
    if (this.#isCovered() && faults.strike('firerOutage', 0.4)) this.#world.stopFirers(prng.below(calendar.outageDays * DAY));
    this.#world.setPace(calendar.pace);
    await this.#world.sleep(prng.below(calendar.quietDays * DAY));
    this.#world.setPace(1);
  }
}

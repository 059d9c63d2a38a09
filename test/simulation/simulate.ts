/** One seeded run: producers, writers, firers and workflows in one world with faults, then healing, then the oracle. */
import { isError, SluiceError } from '../../lib/core/errors.ts';
import { generation, jobId, offset, partitionId, seq, type JobId } from '../../lib/core/numbers.ts';
import { Firer } from '../../lib/engine/firer/firer.ts';
import type { Job } from '../../lib/engine/job.ts';
import { groupOf } from '../../lib/engine/keys.ts';
import { openControlledJob, readControl, type Base, type JobControl } from '../../lib/engine/lifecycle/job-control.ts';
import { readSavepoint } from '../../lib/engine/lifecycle/base.ts';
import { requestCreate } from '../../lib/engine/lifecycle/start.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import { openCoordinatorLog, openPartitionLog } from '../../lib/engine/log/logs.ts';
import { Writer } from '../../lib/engine/writer/writer.ts';
import type { Ports } from '../../lib/ports/ports.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { labPlan, labRecord, LAB_START_MS, WINDOW_MS } from '../engine/lab-plan.ts';
import type { Config } from './configs.ts';
import { checkGeneration, type Checked, type History } from './oracle.ts';
import type { ReferenceRecord, ReferenceState } from './reference.ts';
import { Violation, violate, type Report } from './violation.ts';
import { operate } from './workflows.ts';
import { World, type Process } from './world.ts';

export interface SimulationOptions {
  /** Gets one line per call, effect and fault. */
  readonly trace?: (line: string) => void;
  /** Faults count from 0 in the order in which they are drawn; one that is not in the set is drawn, but does not happen. */
  readonly keepFaults?: ReadonlySet<number> | null;
  /** Instead of the number that the configuration names. */
  readonly records?: number;
}

const TOPIC = 'events';
const STEPS_MAX = 60_000;
const SMALL = { tailMaxBytes: 4000, spillInlineMax: 300, resultInlineMax: 200, chunkInlineMax: 400, logTtlMs: Infinity, checkpointIntervalMs: 5000 };

/** One run from its seed. Throws a Violation where an invariant of the protocol does not hold. */
export async function simulate(seed: number, config: Config, options: SimulationOptions = {}): Promise<Report> {
  const world = new World({ seed, faultRate: 0, codec: nodeCodec, trace: options.trace ?? null, keepFaults: options.keepFaults ?? null });
  const run = new Run(world, { ...config, records: options.records ?? config.records });
  try {
    await run.begin();
    world.faultRate = config.faultRate;
    await run.disturb();
    world.faultRate = 0;
    await run.heal();
    await run.check();
  } catch (error) {
    throw Violation.of(error, reportOf(world));
  }
  return reportOf(world);
}

const reportOf = (world: World): Report => ({ steps: world.steps, faults: world.faults, coverage: world.coverage });

class Run {
  readonly #world: World;
  readonly #config: Config;
  readonly #topics: ReferenceRecord[][];
  /** Generations and what they were started from, as CTRL recorded it. */
  readonly #bases = new Map<number, Base | null>([[0, null]]);
  #job: JobId = jobId('');
  #clock = 0;
  #produced = 0;
  #writers: Process[] = [];
  #firers: Process[] = [];
  #operator: Process | null = null;
  #isHealing = false;
  /** An operator has found the job RUNNING, with nothing left to finish, after the faults stopped. */
  #isHealed = false;
  /** Rows in the sinks when they were last looked at, and since when there are that many. */
  #lastSize = -1;
  #settledAt = 0;

  constructor(world: World, config: Config) {
    this.#world = world;
    this.#config = config;
    this.#topics = Array.from({ length: config.partitions }, () => []);
  }

  async begin(): Promise<void> {
    const { stores } = this.#world;
    this.#observeControl();
    stores.source.recreate(TOPIC, this.#config.partitions);
    const workshop = { ports: stores, place: SMALL };
    this.#job = await requestCreate(workshop, labPlan({ topic: TOPIC }), { savepoint: null, allowNonRestored: false });
    await runOperation(workshop, this.#job);
  }

  #observeControl(): void {
    const { control } = this.#world.stores;
    const put = control.put.bind(control);
    control.put = async (key, body, expected) => {
      const result = await put(key, body, expected);
      if (key.sk === 'CTRL' && result.kind === 'stored') {
        const { gen, operation }: JobControl = JSON.parse(body);
        if (operation?.kind === 'resume') this.#bases.set(gen, operation.base);
      }
      return result;
    };
  }

  /** Produces all records while processes come and go. */
  async disturb(): Promise<void> {
    await this.#world.run(() => {
      this.#populate();
      if (this.#produced < this.#config.records && this.#world.prng.chance(0.05)) this.#produce();
      if (this.#config.outages && this.#world.prng.chance(0.002)) this.#stopSinks();
      return this.#produced >= this.#config.records && this.#world.steps > 1500;
    }, STEPS_MAX);
  }

  /** I-LIVE: without faults all input is consumed and everything due is emitted. */
  async heal(): Promise<void> {
    this.#isHealing = true;
    this.#world.sinksDownUntil = 0;
    // Frozen processes would thaw long after everything else has come to rest.
    for (const process of [...this.#writers, ...this.#firers]) process.alive = false;
    for (let p = 0; p < this.#config.partitions; p++) this.#add(p, 'end', 3600 * 4);
    let settled = false;
    const reached = await this.#world.run(() => {
      this.#populate();
      return settled || this.#world.steps % 200 !== 0 ? settled : ((settled = this.#isSettled()), settled);
    }, STEPS_MAX);
    violate(!reached, 'I-LIVE: the job does not come to rest without faults');
  }

  async check(): Promise<void> {
    const { stores } = this.#world;
    const history: History = { topics: this.#topics, windowMs: WINDOW_MS, delayMs: 5000 };
    const { control } = await readControl(stores, this.#job);
    violate(control.status !== 'RUNNING', `I-LIVE: the job is ${control.status}`);
    const states = new Map<string, ReferenceState>();
    const continued = await this.#continued(control);
    for (const [g, base] of [...this.#bases].sort((a, b) => a[0] - b[0])) {
      const job = await this.#open({ ...control, gen: generation(g) });
      const init = await openCoordinatorLog(stores, job).get(seq(0));
      if (init?.kind !== 'INIT') continue; // closed before it began
      const from = base === null ? null : base.kind === 'last-state' ? base.g : (await readSavepoint(stores, base.path)).generation;
      const start = from === null ? null : states.get(`${from}:${init.position.f}`);
      violate(start === undefined, `generation ${g} begins at FIRE ${init.position.f} of ${from}, which does not exist`);
      const checked = await checkGeneration(stores, job, history, start ?? null, continued.has(g), (f, state) => states.set(`${g}:${f}`, state));
      this.#record(checked);
      if (g === control.gen) this.#checkProgress(checked);
    }
  }

  /** I-LIVE, I-CONS: all input is in the newest generation's cut, and only the last records' window is open. */
  #checkProgress({ end }: Checked): void {
    const unread = this.#topics.map((records, p) => records.length - (end.next[p] ?? 0));
    violate(unread.some((n) => n !== 0), `I-LIVE: records that no FIRE covers: ${unread.join(', ')}`);
    const open = [...end.counts.keys()].filter((key) => !key.endsWith('|end'));
    violate(open.length > 0, `I-LIVE: windows that have not fired: ${open.join(', ')}`);
  }

  /** Generations whose end another one went on from, and the newest. */
  async #continued(control: JobControl): Promise<Set<number>> {
    const continued = new Set<number>([control.gen]);
    for (const [g, base] of this.#bases) {
      if (base?.kind !== 'last-state') continue;
      const head = await openCoordinatorLog(this.#world.stores, await this.#open({ ...control, gen: generation(g) })).head();
      if (head !== null && head.entry.checkpoints.length > 0) continued.add(base.g);
    }
    return continued;
  }

  #record(checked: Checked): void {
    const { coverage } = this.#world;
    for (const [key, n] of Object.entries({ fires: checked.fires, rows: checked.rows, late: checked.late, checkpoints: checked.checkpoints })) {
      coverage[key] = (coverage[key] ?? 0) + n;
    }
  }

  #stopSinks(): void {
    const { prng } = this.#world;
    this.#world.sinksDownUntil = this.#world.now + prng.below(200_000);
    this.#world.count('sinkOutage');
  }

  #produce(): void {
    const { prng } = this.#world;
    const partition = prng.below(this.#config.partitions);
    this.#clock += prng.below(20);
    const time = Math.max(0, this.#clock - prng.below(this.#config.disorderS));
    this.#add(partition, prng.pick(['click', 'view', 'buy']), time);
    this.#produced++;
  }

  #add(partition: number, type: string, seconds: number): void {
    this.#topics[partition]?.push({ type, time: LAB_START_MS + seconds * 1000 });
    this.#world.stores.source.produce(TOPIC, [labRecord(type, seconds)], partition);
  }

  #populate(): void {
    const { writers, firers, workflows } = this.#config;
    this.#writers = this.#writers.filter((p) => p.alive);
    this.#firers = this.#firers.filter((p) => p.alive);
    while (this.#writers.length < writers) this.#writers.push(this.#spawn(`writer`, (ports) => this.#write(ports)));
    while (this.#firers.length < firers) this.#firers.push(this.#spawn(`firer`, (ports) => this.#fire(ports)));
    if (workflows && !this.#isHealed && this.#operator?.alive !== true) {
      this.#operator = this.#spawn('operator', async (ports) => {
        this.#isHealed = await operate({ ports, place: SMALL }, this.#job, this.#world, () => this.#isHealing);
      });
    }
  }

  #spawn(name: string, actor: (ports: Ports) => Promise<void>): Process {
    return this.#world.spawn(`${name}${this.#world.steps}`, actor);
  }

  /** A poller and its writer: redelivers, re-cuts, overlaps with others, and lives for some turns only. */
  async #write(ports: Ports): Promise<void> {
    const { prng } = this.#world;
    const job = await this.#open((await readControl(this.#world.stores, this.#job)).control);
    const writer = new Writer(ports, job);
    for (let turns = 10 + prng.below(40); turns > 0; turns--) {
      const partition = prng.below(this.#config.partitions);
      try {
        await this.#poll(ports, job, writer, partition);
      } catch (error) {
        if (!isExpected(error)) throw error;
        if (isError(error, 'FROZEN', 'CLOSED')) return;
        await ports.runtime.sleep(50 + prng.below(200));
      }
    }
  }

  async #poll(ports: Ports, job: Job, writer: Writer, partition: number): Promise<void> {
    const { prng } = this.#world;
    const group = groupOf(job.id, job.g, 0, TOPIC);
    const committed = (await ports.offsets.committed(group, TOPIC, partition)) ?? 0;
    const from = offset(prng.chance(0.3) ? prng.below(committed + 1) : committed);
    const batch = await ports.source.fetch(TOPIC, partition, from, 1 + prng.below(1200));
    if (batch === null) return ports.runtime.sleep(100);
    const p = partitionId(0, 0, partition);
    const result = await writer.commit(p, batch);
    const head = await openPartitionLog(this.#world.stores, job, p).head();
    violate(result.next > (head?.entry.next ?? 0), 'I-ACK: an offset is acknowledged above the log');
    await ports.offsets.commit(group, TOPIC, partition, offset(Math.max(committed, Math.min(result.next, batch.next))));
  }

  async #fire(ports: Ports): Promise<void> {
    const { prng } = this.#world;
    const job = await this.#open((await readControl(this.#world.stores, this.#job)).control);
    const firer = new Firer(ports, job);
    for (let turns = 20 + prng.below(60); turns > 0; turns--) {
      try {
        const outcome = await firer.step();
        this.#world.count(`step:${outcome.kind}`);
        if (outcome.kind === 'closed') return;
      } catch (error) {
        if (!isExpected(error)) throw error;
      }
      await ports.runtime.sleep(20 + prng.below(500));
    }
  }

  #open(control: JobControl): Promise<Job> {
    return openControlledJob({ ports: this.#world.stores, place: SMALL }, this.#job, control);
  }

  /** All records are in the log of the newest generation, and two looks at the log some time apart see the same. */
  #isSettled(): boolean {
    if (this.#config.workflows && !this.#isHealed) return false;
    const size = this.#world.stores.sinks.rows('c.d.out').length;
    const quiet = this.#world.now - this.#settledAt > 20_000;
    if (size !== this.#lastSize) {
      this.#lastSize = size;
      this.#settledAt = this.#world.now;
      return false;
    }
    return quiet;
  }

}

/** What a process may run into when requests fail or somebody else has taken over. */
const isExpected = (error: unknown): boolean => error instanceof SluiceError && (error.kind === 'retry' || error.kind === 'fenced');


/** The jobs of a run: what CTRL says of them, what runs their generations, and the operators at their commands. */
import type { ErrorCode } from '../../lib/core/errors.ts';
import { generation, type Generation, type JobId } from '../../lib/core/numbers.ts';
import type { Plan } from '../../lib/core/plan.ts';
import type { Code } from '../../lib/core/process/code.ts';
import { openJob, partitionIdsOf, type Job } from '../../lib/engine/job.ts';
import type { JobControl, Workshop } from '../../lib/engine/lifecycle/job-control.ts';
import { requestCreate } from '../../lib/engine/lifecycle/start.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import type { Ports } from '../../lib/ports/ports.ts';
import type { Config } from './configs.ts';
import { Host } from './host.ts';
import type { Oracle } from './oracle/oracle.ts';
import { codeOf } from './program.ts';
import { planOf } from './shape.ts';
import { operate } from './workflows.ts';
import type { World } from './world.ts';

const RESTART_MS = 2000;
/** Who waits for a command that does not come back, types the next one in another window. */
const IMPATIENT_MS = 20_000;

export class Jobs {
  readonly #world: World;
  readonly #config: Config;
  readonly #plan: Plan;
  readonly #code: Code;
  readonly #controls = new Map<JobId, JobControl>();
  readonly #hosted = new Set<string>();
  readonly #opened = new Map<string, Job>();
  readonly #operated = new Set<JobId>();
  /** Generations that cannot go on without records that are gone. */
  readonly #gaps = new Set<string>();
  /** Faults are over: operators bring their jobs back to RUNNING. */
  isHealing = false;
  /** Jobs from which nothing can go on: drained, or lost where that may be. */
  readonly ended = new Set<JobId>();
  onEnd: () => void = () => {};
  oracle: Oracle | null = null;

  constructor(world: World, config: Config) {
    this.#world = world;
    this.#config = config;
    this.#plan = planOf(config.shape);
    this.#code = codeOf(config.shape);
  }

  /** Newest CTRL of every job. */
  get controls(): ReadonlyMap<JobId, JobControl> {
    return this.#controls;
  }

  async create(): Promise<void> {
    const workshop = this.#workshop(this.#world.stores);
    await runOperation(workshop, await requestCreate(workshop, this.#plan, { savepoint: null, allowNonRestored: false }));
  }

  #workshop(ports: Ports): Workshop {
    return { ports, place: this.#config.settings, codeOf: async () => this.#code };
  }

  /** A new version of CTRL: whatever generation it names is hosted from now on. */
  observe(id: JobId, control: JobControl): void {
    this.#controls.set(id, control);
    this.#hostOnce(id, control.gen);
    if (this.#operated.has(id)) return;
    this.#operated.add(id);
    for (let i = 0; i < this.#config.operators; i++) this.#startOperator(id);
  }

  #hostOnce(id: JobId, g: Generation): void {
    const key = `${id}:${g}`;
    if (this.#hosted.has(key)) return;
    this.#hosted.add(key);
    this.#world.pause(this.#world.prng.below(RESTART_MS)).then(() => this.#host(id, g), () => {});
  }

  open(id: JobId, g: Generation): Job {
    const key = `${id}:${g}`;
    let job = this.#opened.get(key);
    if (job === undefined) {
      job = openJob(id, generation(g), this.#plan, this.#controls.get(id)?.topicIds ?? {}, this.#config.settings, {}, [], this.#code);
      this.#opened.set(key, job);
    }
    return job;
  }

  #host(id: JobId, g: Generation): void {
    const { pollers, firers, bisect } = this.#config;
    const job = this.open(id, g);
    const onRefusal = (code: ErrorCode): void => {
      this.#world.count(`refused:${code}`);
      if (code === 'OFFSET_GAP' || code === 'TOPIC_RECREATED') this.#refuse(id, g, code);
    };
    const isOver = (): boolean => this.#isOver(id, g);
    const mayFail = this.#config.mayFail;
    const isAttached = (): boolean => this.#world.stores.consumers.isDelivering(id, g);
    new Host(this.#world, { job, pollers, firers, bisect, isOver, isAttached, mayFail, onRefusal, nextOf: (topic, partition) => this.#nextOf(job, topic, partition) }).start();
  }

  /** The topic does not hold any more what the job needs. */
  #refuse(id: JobId, g: Generation, code: 'OFFSET_GAP' | 'TOPIC_RECREATED'): void {
    if (code === 'OFFSET_GAP') this.#gaps.add(`${id}:${g}`);
    else if (!this.ended.has(id)) {
      this.ended.add(id);
      this.onEnd();
    }
  }

  #isOver(id: JobId, g: Generation): boolean {
    const check = this.oracle?.coordinator(id, g);
    return check?.isClosed === true || (check === undefined && (this.#controls.get(id)?.gen ?? g) > g);
  }

  /** The least that the logs of a Kafka partition hold. */
  #nextOf(job: Job, topic: string, partition: number): number {
    return Math.min(...partitionIdsOf(job, topic, partition).map((p) => this.oracle?.partition(job.id, job.g, p)?.head?.next ?? 0));
  }

  #startOperator(job: JobId): void {
    const { commands, pausesTtl } = this.#config;
    const plan = this.#plan;
    const world = this.#world;
    const isHealing = (): boolean => this.isHealing;
    const hasGap = (g: Generation): boolean => this.#gaps.has(`${job}:${g}`);
    const onEnded = (): void => {
      this.ended.add(job);
      this.onEnd();
    };
    const process = world.spawn('operator', (ports) => operate({ workshop: this.#workshop(ports), job, plan, world, commands, pausesTtl, isHealing, hasGap, onEnded }));
    let isReplaced = false;
    const replace = (): void => {
      if (!isReplaced) world.pause(world.prng.below(RESTART_MS)).then(() => this.#startOperator(job), () => {});
      isReplaced = true;
    };
    process.onEnd(replace);
    world.pause(IMPATIENT_MS).then(replace, () => {});
  }
}

/**
 * The world of a simulation: stores, virtual time, processes and what goes wrong. Every promise of every port is resolved by the
 * scheduler, one call at a time. The engine that runs in it is the production engine.
 */
import { SluiceError } from '../../lib/core/errors.ts';
import type { Ports } from '../../lib/ports/ports.ts';
import type { Sink } from '../../lib/ports/sink.ts';
import { wrapPort, type CallFrame, type Delays } from './calls.ts';
import { Faults, type Fault } from './faults.ts';
import { Prng } from './prng.ts';
import { drawSkew, Process, runtimeOf, type Clocks } from './process.ts';
import { Scheduler } from './scheduler.ts';
import { Violation } from './violation.ts';
import { simulatedStores, type Limits, type SimulatedStores } from './stores.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly limits: Limits;
  readonly delays: Delays;
  readonly clocks: Clocks;
  readonly trace: ((line: string) => void) | null;
  readonly keepFaults: ReadonlySet<number> | null;
}

export const START_MS = 1_800_000_000_000;

export class World {
  readonly prng: Prng;
  readonly scheduler = new Scheduler(START_MS);
  readonly faults: Faults;
  readonly stores: SimulatedStores;
  readonly coverage: Record<string, number> = {};
  /** Calls by kind of process and method, `writer log.append`. */
  readonly calls = new Map<string, number>();
  /** Pauses of actors are this many times as long: how a quiet week passes in few events. */
  pace = 1;
  /** Sinks take no rows until then. */
  sinksDownUntil = 0;
  /** No firer runs until then. */
  firersDownUntil = 0;
  /** An error that no actor expects: the run ends with it. */
  failure: unknown = null;
  /** Judges what the last event did, before the next one. */
  afterStep: (() => Promise<void>) | null = null;
  /** Things under way that happen late: frozen processes, effects that nobody waits for. */
  delayed = 0;
  readonly #options: WorldOptions;
  readonly #frame: CallFrame;
  #pausing = new Set<() => void>();
  readonly #emitters = new Map<string, Process>();
  readonly #groups = new Map<string, string>();
  #processes = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.prng = new Prng(options.seed);
    this.faults = new Faults(this.prng, options.keepFaults, (fault, number) => this.#note(fault, number));
    const runtime = runtimeOf(null, this.scheduler, this.prng, START_MS);
    this.stores = simulatedStores(runtime, this.scheduler, options.limits, () => this.count('overCapacity'));
    const trace = options.trace === null ? null : (line: string) => this.trace(line);
    const onDelay = (change: 1 | -1): void => {
      this.delayed += change;
    };
    this.#frame = { scheduler: this.scheduler, prng: this.prng, faults: this.faults, stores: this.stores, delays: options.delays, clocks: options.clocks, count: this.count, calls: this.calls, onDelay, trace };
  }

  /** ms since the run began. */
  get elapsed(): number {
    return this.now - START_MS;
  }

  get now(): number {
    return this.scheduler.now;
  }

  readonly count = (what: string, n = 1): void => {
    this.coverage[what] = (this.coverage[what] ?? 0) + n;
  };

  trace(line: string): void {
    this.#options.trace?.(`${((this.now - START_MS) / 1000).toFixed(3).padStart(10)} ${line}`);
  }

  #note(fault: Fault, number: number): void {
    this.count(fault);
    this.trace(`world !${fault} (#${number})`);
  }

  /** A process with clocks of its own. */
  process(kind: string): Process {
    return new Process(kind, ++this.#processes, drawSkew(this.prng, this.#options.clocks));
  }

  /** Ports as `process` sees them. Reading a topic never fails: what the event source or a tool cannot read, it reads again. */
  portsOf(process: Process): Ports {
    const { stores } = this;
    const wrap = <T extends object>(port: T, name: string, canFail = true): T => wrapPort(this.#frame, process, port, name, canFail);
    return {
      log: wrap(stores.log, 'log'),
      control: wrap(stores.control, 'control'),
      chunks: wrap(stores.chunks, 'chunks'),
      blob: wrap(stores.blob, 'blob'),
      openDirectory: (url) => wrap(stores.openDirectory(url), 'directory'),
      source: wrap(stores.source, 'source', false),
      offsets: wrap(stores.offsets, 'offsets'),
      consumers: wrap(stores.consumers, 'consumers'),
      sinks: { open: async (job, node) => wrap(this.#watched(await stores.sinks.open(job, node), `${job}.${node.uid}`, process), `sink(${node.uid})`) },
      runtime: runtimeOf(process, this.scheduler, this.prng, START_MS),
      codec: stores.codec,
    };
  }

  /** Runs `actor` as a process; it ends with it. An error that it lets through ends the run. */
  spawn(kind: string, actor: (ports: Ports, process: Process) => Promise<void>): Process {
    const process = this.process(kind);
    actor(this.portsOf(process), process).then(
      () => process.end(),
      (error: unknown) => {
        process.end();
        this.failure ??= error;
      },
    );
    return process;
  }

  /** I-NS, I1: a consumer group belongs to one generation of one job. */
  claimGroup(group: string, owner: string): void {
    const other = this.#groups.get(group) ?? owner;
    if (other !== owner) this.failure ??= new Violation(`I-NS: ${owner} and ${other} share the group ${group}`);
    this.#groups.set(group, owner);
  }

  /** Waits as actors do between two turns: `ms` at the pace of the world, or until that changes. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        if (this.#pausing.delete(wake)) resolve();
      };
      this.#pausing.add(wake);
      this.scheduler.after(Math.max(1, ms * this.pace), wake);
    });
  }

  /** Waits whatever the pace is. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.scheduler.after(ms, resolve));
  }

  /** Nobody invokes a firer for so long. */
  stopFirers(ms: number): void {
    this.firersDownUntil = Math.max(this.firersDownUntil, this.now + ms);
  }

  setPace(pace: number): void {
    this.pace = pace;
    for (const wake of this.#pausing) this.scheduler.after(this.prng.below(1000), wake);
  }

  /** Runs until `done` or until nothing is left to happen; returns whether `done` became true. */
  async run(done: () => boolean, maxSteps: number): Promise<boolean> {
    for (let i = 0; i < maxSteps; i++) {
      if (this.failure !== null) throw this.failure;
      if (done()) return true;
      if (!(await this.scheduler.step())) return done();
      if (this.afterStep !== null) await this.afterStep();
    }
    return false;
  }

  /** A sink with outages; counts emissions that another process had begun. */
  #watched(sink: Sink, name: string, process: Process): Sink {
    return {
      fences: sink.fences,
      fence: (g) => sink.fence(g),
      emit: async (emission) => {
        if (this.now < this.sinksDownUntil) throw new SluiceError('SINK_UNAVAILABLE', { message: 'simulated: the sink is down' });
        const begun = this.#emitters.get(`${name}:${emission.g}:${emission.f}`);
        if (begun !== undefined && begun !== process) this.count('helpedEmission');
        this.#emitters.set(`${name}:${emission.g}:${emission.f}`, process);
        return sink.emit(emission);
      },
    };
  }
}

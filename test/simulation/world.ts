/**
 * The world of a simulation: every promise of every port is resolved by a seeded scheduler, one call at a time, in virtual time. The
 * engine that runs in it is the production engine. Faults happen to calls and to processes: throttling, lost requests and responses,
 * effects that land after the client gave up, freezes, crashes.
 */
import { SluiceError, StoreError } from '../../lib/core/errors.ts';
import { wallTime } from '../../lib/core/numbers.ts';
import type { Ports } from '../../lib/ports/ports.ts';
import type { Codec, Runtime } from '../../lib/ports/runtime.ts';
import type { Sink } from '../../lib/ports/sink.ts';
import { memoryPorts, type MemoryPorts } from '../../lib/adapters/memory/index.ts';
import { Prng } from './prng.ts';

export const FAULTS = ['throttle', 'requestLost', 'responseLost', 'lateEffect', 'freeze', 'longFreeze', 'crashBefore', 'crashAfter'] as const;
export type Fault = (typeof FAULTS)[number];

export interface Process {
  readonly name: string;
  alive: boolean;
}

interface Call {
  readonly process: Process | null;
  readonly label: string;
  readonly dueAt: number;
  readonly canFail: boolean;
  readonly run: (fault: Fault | null) => Promise<void>;
}

export interface WorldOptions {
  readonly seed: number;
  /** Probability of a fault per call. */
  readonly faultRate: number;
  readonly codec: Codec;
  /** Gets a line for every call. */
  readonly trace: ((line: string) => void) | null;
  /** Numbers of the faults that happen; null: all that are drawn. */
  readonly keepFaults: ReadonlySet<number> | null;
}

const START_MS = 1_800_000_000_000;

export class World {
  readonly prng: Prng;
  readonly stores: MemoryPorts;
  /** How often each fault happened; an empty run must be visible. */
  readonly coverage: Record<string, number> = {};
  faultRate: number;
  now = START_MS;
  steps = 0;
  /** Faults drawn so far. */
  faults = 0;
  readonly #trace: WorldOptions['trace'];
  readonly #keepFaults: WorldOptions['keepFaults'];
  #calls: Call[] = [];

  constructor(options: WorldOptions) {
    this.prng = new Prng(options.seed);
    this.faultRate = options.faultRate;
    this.#trace = options.trace;
    this.#keepFaults = options.keepFaults;
    this.stores = memoryPorts({ runtime: this.#runtime(null), codec: options.codec });
  }

  count(what: string): void {
    this.coverage[what] = (this.coverage[what] ?? 0) + 1;
  }

  /** Ports as one process sees them: its calls are scheduled, fail and hang with it. */
  portsOf(process: Process): Ports {
    const wrap = <T extends object>(port: T, name: string, canFail = true): T => this.#wrap(process, port, name, canFail);
    const { stores } = this;
    return {
      log: wrap(stores.log, 'log'),
      control: wrap(stores.control, 'control'),
      chunks: wrap(stores.chunks, 'chunks'),
      blob: wrap(stores.blob, 'blob'),
      openDirectory: (url) => wrap(stores.openDirectory(url), 'directory'),
      source: wrap(stores.source, 'source', false),
      offsets: wrap(stores.offsets, 'offsets'),
      sinks: { open: async (job, node) => wrap(this.#withOutages(await stores.sinks.open(job, node)), 'sink') },
      runtime: this.#runtime(process),
      codec: stores.codec,
    };
  }

  /** Starts an actor; it ends with its process. Errors that it does not expect end the run. */
  spawn(name: string, actor: (ports: Ports, process: Process) => Promise<void>): Process {
    const process: Process = { name, alive: true };
    actor(this.portsOf(process), process).then(
      () => {
        process.alive = false;
      },
      (error: unknown) => {
        process.alive = false;
        this.failure ??= error;
      },
    );
    return process;
  }

  failure: unknown = null;

  /** Runs until `done`, nothing is left to happen, or `maxSteps`. Returns whether `done` became true. */
  async run(done: () => boolean, maxSteps: number): Promise<boolean> {
    for (let i = 0; i < maxSteps; i++) {
      if (this.failure !== null) throw this.failure;
      if (done()) return true;
      if (!(await this.#step())) return done();
    }
    return false;
  }

  async #step(): Promise<boolean> {
    if (this.#calls.length === 0) await new Promise(setImmediate);
    if (this.#calls.length === 0) return false;
    let ready = this.#calls.filter((c) => c.dueAt <= this.now);
    if (ready.length === 0) {
      this.now = Math.min(...this.#calls.map((c) => c.dueAt));
      ready = this.#calls.filter((c) => c.dueAt <= this.now);
    }
    const call = this.prng.pick(ready);
    this.#calls.splice(this.#calls.indexOf(call), 1);
    this.steps++;
    this.now += this.prng.below(10);
    const fault = this.#drawFault(call);
    this.#trace?.(`${this.now - START_MS} ${call.process?.name ?? '-'} ${call.label}${fault === null ? '' : ` !${fault} (#${this.faults - 1})`}`);
    await call.run(fault);
    await new Promise(setImmediate); // drain microtasks: everything that this answer sets off happens now
    return true;
  }

  #drawFault(call: Call): Fault | null {
    if (!call.canFail || !this.prng.chance(this.faultRate)) return null;
    const fault = this.prng.pick(FAULTS);
    const number = this.faults++;
    if (this.#keepFaults?.has(number) === false) return null;
    this.count(fault);
    return fault;
  }

  /** Sinks take no rows until then. */
  sinksDownUntil = 0;

  #withOutages(sink: Sink): Sink {
    return {
      fences: sink.fences,
      fence: (g) => sink.fence(g),
      emit: async (emission) => {
        if (this.now < this.sinksDownUntil) throw new SluiceError('SINK_UNAVAILABLE', { message: 'simulated: the sink is down' });
        return sink.emit(emission);
      },
    };
  }

  #wrap<T extends object>(process: Process, port: T, name: string, canFail: boolean): T {
    return new Proxy(port, {
      get: (target, member) => {
        const value: unknown = Reflect.get(target, member, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          const effect = (): Promise<unknown> => Promise.resolve(Reflect.apply(value, target, args));
          return this.#schedule(process, `${name}.${String(member)} ${labelOf(args)}`, canFail, effect);
        };
      },
    });
  }

  #schedule(process: Process, label: string, canFail: boolean, effect: () => Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const answer = async (act: () => Promise<unknown>): Promise<void> => {
        const settle = await act().then(
          (value) => () => resolve(value),
          (error: unknown) => () => reject(error),
        );
        if (process.alive) settle();
      };
      const lose = (happened: 'no' | 'maybe', what: string): void => {
        if (process.alive) reject(new StoreError(happened, { message: `simulated: ${what}` }));
      };
      const run = async (fault: Fault | null): Promise<void> => {
        // A request of a process that died meanwhile may still be under way.
        if (!process.alive) {
          if (this.prng.chance(0.5)) await effect().catch(() => {});
          return;
        }
        switch (fault) {
          case null:
            return answer(effect);
          case 'throttle':
            return lose('no', 'throttled');
          case 'requestLost':
            return lose('maybe', 'request lost');
          case 'responseLost':
            await effect().catch(() => {});
            return lose('maybe', 'response lost');
          case 'lateEffect':
            this.#push({ process: null, label: `${label} (late)`, dueAt: this.now + this.prng.below(90_000), canFail: false, run: () => effect().then(() => {}, () => {}) });
            return lose('maybe', 'gave up');
          case 'freeze':
          case 'longFreeze': {
            const result = effect();
            result.catch(() => {});
            const ms = fault === 'freeze' ? this.prng.below(20_000) : 40_000 + this.prng.below(80_000);
            this.#push({ process, label: `${label} (thawed)`, dueAt: this.now + ms, canFail: false, run: () => answer(() => result) });
            return;
          }
          case 'crashBefore':
            process.alive = false;
            return;
          case 'crashAfter':
            await effect().catch(() => {});
            process.alive = false;
            return;
        }
      };
      this.#push({ process, label, dueAt: this.now + this.prng.below(20), canFail, run });
    });
  }

  #push(call: Call): void {
    this.#calls.push(call);
  }

  #runtime(process: Process | null): Runtime {
    return {
      now: () => wallTime(this.now),
      elapsed: () => this.now - START_MS,
      randomHex: (bytes) => this.prng.hex(bytes),
      sleep: (ms) =>
        new Promise((resolve) => {
          const run = async (): Promise<void> => {
            if (process === null || process.alive) resolve();
          };
          this.#push({ process, label: `sleep ${ms}`, dueAt: this.now + Math.max(1, ms), canFail: false, run });
        }),
    };
  }
}

function labelOf(args: readonly unknown[]): string {
  return args
    .map((a) => (typeof a === 'object' && a !== null && 'seq' in a ? `seq ${String(a.seq)}` : typeof a === 'object' ? '' : String(a)))
    .join(' ')
    .slice(0, 120);
}

/** Ports as one process of the world sees them: every call is an event, fails and hangs with its process. */
import { StoreError } from '../../lib/core/errors.ts';
import type { ControlKey } from '../../lib/ports/control.ts';
import type { LogPage } from '../../lib/ports/log.ts';
import type { Fault, Faults } from './faults.ts';
import type { Clocks, Process } from './process.ts';
import type { Prng } from './prng.ts';
import type { Scheduler } from './scheduler.ts';
import { isHint, type SimulatedStores } from './stores.ts';

/** How long things take when they take too long, ms. */
export interface Delays {
  /** Some requests of frozen processes and some late effects take up to this long: longer than anything lives. */
  readonly zombieMs: number;
}

export interface CallFrame {
  readonly scheduler: Scheduler;
  readonly prng: Prng;
  readonly faults: Faults;
  readonly stores: SimulatedStores;
  readonly delays: Delays;
  readonly clocks: Clocks;
  readonly count: (what: string) => void;
  /** Calls by kind of process and method. */
  readonly calls: Map<string, number>;
  /** Told when something is put off (1) and when it happens (-1). */
  readonly onDelay: (change: 1 | -1) => void;
  /** Gets one line per call. */
  readonly trace: ((line: string) => void) | null;
}

/** Latency of a request that meets no fault, ms. */
const LATENCY_MS = 20;

interface Call {
  readonly process: Process;
  readonly label: () => string;
  readonly special: readonly Fault[];
  readonly canFail: boolean;
  readonly isLog: boolean;
  readonly effect: (fault: Fault | null) => Promise<unknown>;
}

type Arguments = readonly unknown[];

/** Wraps all methods of a port. */
export function wrapPort<T extends object>(frame: CallFrame, process: Process, port: T, name: string, canFail = true): T {
  const methods = new Map<string | symbol, unknown>();
  return new Proxy(port, {
    get: (target, member) => {
      const known = methods.get(member);
      if (known !== undefined) return known;
      if (member === 'serverTime') return frame.clocks.hasServer ? process.serverTime : null;
      const value: unknown = Reflect.get(target, member, target);
      if (typeof value !== 'function') return value;
      const at = `${name}.${String(member)}`;
      const counter = `${process.kind} ${at}`;
      const method = (...args: unknown[]): Promise<unknown> => {
        frame.calls.set(counter, (frame.calls.get(counter) ?? 0) + 1);
        return schedule(frame, {
          process,
          canFail,
          isLog: name === 'log',
          label: () => `${at} ${labelOf(args)}`,
          special: specialFaults(at, args),
          effect: async (fault) => distort(frame, fault, args, await Promise.resolve(Reflect.apply(value, target, args))),
        });
      };
      methods.set(member, method);
      return method;
    },
  });
}

function specialFaults(method: string, args: Arguments): readonly Fault[] {
  if (method === 'log.readAfter') return ['tornPage'];
  return method === 'control.get' && isHint(keyOf(args)) ? ['staleHint'] : [];
}

const keyOf = (args: Arguments): ControlKey => args[0] as ControlKey;

/** Answers that are right and yet not what was hoped for: shorter pages, older hints. */
function distort({ prng, stores }: CallFrame, fault: Fault | null, args: Arguments, answer: unknown): unknown {
  if (fault === 'tornPage') return torn(prng, answer as LogPage);
  if (fault !== 'staleHint') return answer;
  const older = stores.control.olderHints(keyOf(args));
  return older.length === 0 ? answer : prng.pick(older);
}

function torn(prng: Prng, page: LogPage): LogPage {
  const kept = 1 + prng.below(page.items.length);
  return kept >= page.items.length ? page : { items: page.items.slice(0, kept), more: true };
}

function schedule(frame: CallFrame, call: Call): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (!call.process.alive) return;
    frame.scheduler.after(1 + frame.prng.below(LATENCY_MS), () => new Answer(frame, call, resolve, reject).happen());
  });
}

/** One call on its way: draws its fault, takes effect, answers. */
class Answer {
  readonly #frame: CallFrame;
  readonly #call: Call;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;

  constructor(frame: CallFrame, call: Call, resolve: (value: unknown) => void, reject: (error: unknown) => void) {
    this.#frame = frame;
    this.#call = call;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  async happen(): Promise<void> {
    const { faults, prng } = this.#frame;
    const { process, canFail, special } = this.#call;
    if (!process.alive) {
      // A request of a process that ended meanwhile may still be under way.
      if (prng.chance(0.5)) await this.#effectAlone('of a process that ended');
      return;
    }
    const fault = canFail ? faults.ofRequest(special) : null;
    this.#trace(fault === null ? '' : `!${fault} (#${faults.drawn - 1})`);
    await this.#with(fault);
  }

  async #with(fault: Fault | null): Promise<void> {
    const { prng } = this.#frame;
    switch (fault) {
      case 'throttle':
        return this.#lose('no', 'throttled');
      case 'requestLost':
        return this.#lose('maybe', 'request lost');
      case 'responseLost':
        await this.#effectAlone('without an answer');
        return this.#lose('maybe', 'response lost');
      case 'lateEffect':
        this.#later(this.#long(90_000), () => this.#effectAlone('late'));
        return this.#lose('maybe', 'gave up');
      case 'freeze':
        return this.#freeze(prng.below(20_000));
      case 'longFreeze':
        return this.#freeze(40_000 + this.#long(80_000));
      case 'stall':
        return this.#stall(40_000 + this.#long(80_000));
      case 'crashBefore':
        return this.#crash();
      case 'crashAfter':
        await this.#effectAlone('before the crash');
        return this.#crash();
      default:
        return this.#answer(await this.#outcome(fault));
    }
  }

  #crash(): void {
    const { process } = this.#call;
    this.#frame.count(`crash:${process.kind}`);
    process.end();
  }

  /** Mostly up to `ms`; now and then as long as a zombie can last. */
  #long(ms: number): number {
    const { prng, delays } = this.#frame;
    return prng.below(delays.zombieMs > 0 && prng.chance(0.5) ? delays.zombieMs : ms);
  }

  async #freeze(ms: number): Promise<void> {
    const outcome = await this.#outcome(null);
    this.#later(ms, () => this.#thaw(ms, outcome));
  }

  #stall(ms: number): void {
    this.#later(ms, async () => this.#thaw(ms, await this.#outcome(null)));
  }

  #later(ms: number, happen: () => void | Promise<void>): void {
    this.#frame.onDelay(1);
    this.#frame.scheduler.after(ms, () => {
      this.#frame.onDelay(-1);
      return happen();
    });
  }

  #thaw(ms: number, outcome: () => void): void {
    const { prng, clocks, scheduler } = this.#frame;
    if (!this.#call.process.alive) return;
    if (clocks.stop && prng.chance(0.5)) {
      this.#call.process.loseTime(prng.pick(['wall', 'monotonic']), ms, scheduler);
      this.#frame.count('stoppedClock');
    }
    this.#trace('(thawed)');
    this.#answer(outcome);
  }

  /** Lets it take effect; what is returned tells the process. */
  async #outcome(fault: Fault | null): Promise<() => void> {
    const { process, isLog, effect } = this.#call;
    const serverTime = this.#frame.scheduler.now;
    try {
      const value = await effect(fault);
      return () => {
        if (isLog) process.hear(serverTime);
        this.#resolve(value);
      };
    } catch (error) {
      return () => this.#reject(error);
    }
  }

  async #effectAlone(how: string): Promise<void> {
    this.#trace(`(${how})`);
    await this.#call.effect(null).catch(() => {});
  }

  #answer(outcome: () => void): void {
    if (this.#call.process.alive) outcome();
  }

  #lose(happened: 'no' | 'maybe', what: string): void {
    this.#reject(new StoreError(happened, { message: `simulated: ${what}` }));
  }

  #trace(note: string): void {
    this.#frame.trace?.(`${this.#call.process.name} ${this.#call.label()} ${note}`);
  }
}

function labelOf(args: Arguments): string {
  return args
    .map((a) => (typeof a === 'object' && a !== null ? objectLabel(a) : String(a)))
    .filter((text) => text !== '')
    .join(' ')
    .slice(0, 160);
}

function objectLabel(value: object): string {
  if ('seq' in value && 'body' in value) return `seq ${String(value.seq)} ${kindOf(String(value.body))}`;
  if ('pk' in value && 'sk' in value) return `${String(value.pk)} ${String(value.sk)}`;
  return 'f' in value && 'g' in value ? `${String(value.g)}:${String(value.f)}` : '';
}

/** Of an entry: its kind, and of a position its number. */
function kindOf(body: string): string {
  const kind = /"kind":"(\w+)"/.exec(body)?.[1] ?? '';
  const f = /"f":(\d+)/.exec(body)?.[1];
  return f === undefined ? kind : `${kind} f=${f}`;
}

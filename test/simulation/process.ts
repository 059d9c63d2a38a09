/** A process of the world: a sandbox, a firer, a command. It has clocks of its own, may freeze, and ends for good. */
import { wallTime, type WallTime } from '../../lib/core/numbers.ts';
import type { Runtime } from '../../lib/ports/runtime.ts';
import type { Prng } from './prng.ts';
import type { Scheduler } from './scheduler.ts';

export interface Clocks {
  /** Wall clocks are wrong by up to this many ms, either way. */
  readonly skewMs: number;
  /** Share of processes whose clock is hours off, beyond CLOCK_SKEW_MAX. */
  readonly broken: number;
  /** A freeze may stop one of the two clocks of a process (K2). */
  readonly stop: boolean;
  /** Answers of the log carry the time of the store (K1). */
  readonly hasServer: boolean;
}

const HOUR = 3_600_000;

/** How far the wall clock of a new process is ahead. */
export function drawSkew(prng: Prng, { skewMs, broken }: Clocks): number {
  if (skewMs === 0) return 0;
  const sign = prng.chance(0.5) ? 1 : -1;
  return sign * (prng.chance(broken) ? prng.between(HOUR, 50 * HOUR) : prng.below(skewMs + 1));
}

/** A wall clock that stood still during a freeze is set right by the system this much later. */
const CLOCK_SYNC_MS = 30_000;

export class Process {
  readonly kind: string;
  readonly name: string;
  /** ms that the wall clock is ahead of the world's. */
  wallSkew: number;
  /** ms that the monotonic clock has not seen. */
  elapsedLost = 0;
  #serverTime: WallTime | null = null;
  #alive = true;
  #onEnd: (() => void)[] = [];

  constructor(kind: string, serial: number, wallSkew: number) {
    this.kind = kind;
    this.name = `${kind}-${serial}`;
    this.wallSkew = wallSkew;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** The store's time of the newest answer; null before the first. */
  get serverTime(): WallTime | null {
    return this.#serverTime;
  }

  /** An answer of the store came with its time. */
  hear(serverTime: number): void {
    this.#serverTime = wallTime(Math.max(serverTime, this.#serverTime ?? 0));
  }

  /** Ends it: no request of it is answered any more. */
  end(): void {
    if (!this.#alive) return;
    this.#alive = false;
    for (const action of this.#onEnd) action();
    this.#onEnd = [];
  }

  /** Runs `action` once when the process ends, however it does. */
  onEnd(action: () => void): void {
    if (this.#alive) this.#onEnd.push(action);
    else action();
  }

  /** K2: one of the two clocks has not seen the freeze. */
  loseTime(clock: 'wall' | 'monotonic', ms: number, scheduler: Scheduler): void {
    if (clock === 'monotonic') {
      this.elapsedLost += ms;
      return;
    }
    this.wallSkew -= ms;
    scheduler.after(CLOCK_SYNC_MS, () => {
      this.wallSkew += ms;
    });
  }
}

/** Clocks, randomness and waiting as one process sees them; null: the stores' own. */
export function runtimeOf(process: Process | null, scheduler: Scheduler, prng: Prng, startedAt: number): Runtime {
  return {
    now: () => wallTime(scheduler.now + (process?.wallSkew ?? 0)),
    elapsed: () => scheduler.now - startedAt - (process?.elapsedLost ?? 0),
    randomHex: (bytes) => prng.hex(bytes),
    sleep: (ms) =>
      new Promise((resolve) => {
        scheduler.after(Math.max(1, ms), () => {
          if (process === null || process.alive) resolve();
        });
      }),
    // Real time has no say here.
    runWithin: (_ms, run) => {
      run();
      return true;
    },
  };
}

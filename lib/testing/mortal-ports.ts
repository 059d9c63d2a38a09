/** The ports of a process that may die between two calls: whatever it still wants then is not done, and nobody hears of it. */
import type { Ports } from '../ports/ports.ts';

/** Of writer and firer until they are killed. */
export class Life {
  #callsLeft: number;

  constructor(calls = Number.POSITIVE_INFINITY) {
    this.#callsLeft = calls;
  }

  get isOver(): boolean {
    return this.#callsLeft < 0;
  }

  /** Ends the life ahead of the call with this number, from 1. */
  endAt(call: number): void {
    this.#callsLeft = call - 1;
  }

  /** A call begins. */
  spend(): void {
    if (--this.#callsLeft < 0) throw new Error('the process was killed');
  }
}

/** All calls to stores, sources and sinks are calls of this life. */
export function mortalPorts(ports: Ports, life: Life): Ports {
  const mortal = <T extends object>(port: T): T => mortalPort(port, life);
  return {
    ...ports,
    log: mortal(ports.log),
    control: mortal(ports.control),
    chunks: mortal(ports.chunks),
    blob: mortal(ports.blob),
    source: mortal(ports.source),
    offsets: mortal(ports.offsets),
    sinks: { open: async (job, node, lineage) => mortal(await ports.sinks.open(job, node, lineage)) },
  };
}

const mortalPort = <T extends object>(port: T, life: Life): T =>
  new Proxy(port, {
    get: (target, member) => {
      const value: unknown = Reflect.get(target, member, target);
      if (typeof value !== 'function') return value;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        life.spend();
        return Reflect.apply(value, target, args);
      };
    },
  });

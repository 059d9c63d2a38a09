/** Stores that do not work for a while: the ports of a runner, every call of which can be made to fail. */
import { StoreError } from '../../lib/core/errors.ts';
import type { Ports } from '../../lib/ports/ports.ts';

/** What a full disk refuses. */
const WRITES = ['append', 'put', 'renew', 'commit', 'remove', 'emit'];

export class Outage {
  /** `full`: nothing can be written. `gone`: nothing can be read either. */
  state: 'none' | 'full' | 'gone' = 'none';
  /** Calls that were refused. */
  refused = 0;

  /** The ports, with this outage in front of them. */
  before(ports: Ports): Ports {
    const { log, control, chunks, blob, source, offsets, sinks, openDirectory } = ports;
    return {
      ...ports,
      log: this.#guard(log),
      control: this.#guard(control),
      chunks: this.#guard(chunks),
      blob: this.#guard(blob),
      source: this.#guard(source),
      offsets: this.#guard(offsets),
      sinks: { open: async (job, node) => this.#guard(await sinks.open(job, node)) },
      openDirectory: (url) => this.#guard(openDirectory(url)),
    };
  }

  #guard<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, member) => {
        const value: unknown = Reflect.get(target, member, target);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]): Promise<unknown> => {
          this.#refuse(String(member));
          return Reflect.apply(value, target, args);
        };
      },
    });
  }

  #refuse(call: string): void {
    if (this.state === 'none' || (this.state === 'full' && !WRITES.includes(call))) return;
    this.refused++;
    throw new StoreError('no', { message: `${call}: ENOSPC: no space left on device`, details: { errno: 'ENOSPC' } });
  }
}

/** Processes that die at any request to a table: in front of it, or behind it. */
import type { IcebergCatalog } from '../../lib/adapters/iceberg/catalog.ts';
import type { FileIO } from '../../lib/adapters/iceberg/file-io.ts';
import type { Blob } from '../../lib/ports/blob.ts';
import type { Prng } from '../simulation/prng.ts';
import type { Place } from './world.ts';

/** What nobody handles: the process is gone. */
export class Death extends Error {}

/** Dies at its n-th request: where n is drawn, and whether the request was carried out before. */
export class MortalProcess implements Place {
  readonly catalog: IcebergCatalog;
  readonly io: FileIO;
  #left: number;
  readonly #isDone: boolean;

  /** Lives for fewer than `requests` requests. */
  constructor({ catalog, io }: Place, prng: Prng, requests: number) {
    this.#left = prng.below(requests);
    this.#isDone = prng.chance(0.5);
    this.catalog = this.#mortal(catalog);
    this.io = { at: (location) => ({ ...io.at(location), blob: this.#mortal<Blob>(io.at(location).blob) }) };
  }

  #mortal<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, member) => {
        const value: unknown = Reflect.get(target, member, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => this.#request(async () => Reflect.apply(value, target, args));
      },
    });
  }

  async #request(send: () => Promise<unknown>): Promise<unknown> {
    if (this.#left-- > 0) return send();
    if (this.#left === -1 && this.#isDone) await send();
    throw new Death('the process is gone');
  }
}

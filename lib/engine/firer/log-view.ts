/**
 * The logs as one sandbox has read them: a replica at the head of the coordinator log, and the entries of the partition logs behind it. Kept between steps, and
 * lost at any time: all of it can be read again.
 */
import type { Ports } from '../../ports/ports.ts';
import { loadBase } from '../checkpoint/load.ts';
import type { Job } from '../job.ts';
import type { CoordinatorLog } from '../log/logs.ts';
import { partitionsOf } from '../position.ts';
import { catchUp } from './replay.ts';
import type { Replica } from './replica.ts';
import { ChainBroken, extendTail, Tail } from './tail.ts';

type ViewPorts = Pick<Ports, 'log' | 'control' | 'chunks' | 'blob' | 'runtime' | 'codec'>;

export class LogView {
  readonly #ports: ViewPorts;
  readonly #job: Job;
  readonly #log: CoordinatorLog;
  #replica: Replica | null = null;
  #tail = new Tail();

  constructor(ports: ViewPorts, job: Job, log: CoordinatorLog) {
    this.#ports = ports;
    this.#job = job;
    this.#log = log;
  }

  /** Null if it has to be loaded. */
  get replica(): Replica | null {
    return this.#replica;
  }

  get tail(): Tail {
    return this.#tail;
  }

  /** Every entry that the last load could see is in the replica or its tail. */
  get hasReadAll(): boolean {
    return this.#replica !== null && partitionsOf(this.#replica.position).every((p) => this.#tail.readToHead(p));
  }

  /** Brings both to the heads of the logs; null if the generation has no log. */
  async load(): Promise<Replica | null> {
    try {
      return await this.#loadOnce();
    } catch (error) {
      this.forget();
      if (!(error instanceof ChainBroken)) throw error;
    }
    // T4, T6: a hole may be an old read of ours; only a second, fresh one counts.
    try {
      return await this.#loadOnce();
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  forget(): void {
    this.#replica = null;
    this.#tail = new Tail();
  }

  async #loadOnce(): Promise<Replica | null> {
    this.#replica ??= await loadBase(this.#ports, this.#job, this.#log);
    if (this.#replica === null) return null;
    await catchUp(this.#ports, this.#job, this.#log, this.#replica, this.#tail);
    const { fireMaxEntries: entries, tailMaxBytes: bytes } = this.#job.settings;
    await extendTail(this.#ports, this.#job, this.#replica.position, this.#tail, { entries, bytes });
    return this.#replica;
  }
}

/**
 * One log of typed entries. Every append anywhere in the engine goes through `append`, which holds the age guards (G1, G2, W5), the chain
 * (F2) and the expiry that never decreases (T1). The append is the commit point: what came before it is harmless if nobody refers to it,
 * what follows is a repeatable copy.
 */
import { isError, SluiceError } from '../../core/errors.ts';
import { seq, type Seq, type WallTime } from '../../core/numbers.ts';
import type { Log, LogItem, LogKey } from '../../ports/log.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Settings } from '../settings.ts';
import type { Draft, EntryBase } from './entries.ts';

/** When something was read, on both clocks. */
export interface Stamp {
  readonly wall: WallTime;
  readonly elapsed: number;
}

export const stampNow = (runtime: Runtime): Stamp => ({ wall: runtime.now(), elapsed: runtime.elapsed() });

/** K2: the larger of wall and monotonic age, since a frozen sandbox may not see time pass on one of its clocks. */
export function ageMs(runtime: Runtime, stamp: Stamp): number {
  return Math.max(runtime.now() - stamp.wall, runtime.elapsed() - stamp.elapsed);
}

/** The newest entry of a log as it was when the stamp was taken. */
export interface Head<E> {
  readonly entry: E;
  readonly stamp: Stamp;
}

export type Appended<E> =
  | { readonly kind: 'appended'; readonly head: Head<E> }
  /** Somebody else holds that place in the log. */
  | { readonly kind: 'lost' }
  /** It may be there or not, or may be a ghost: only a new strong read tells. */
  | { readonly kind: 'unknown'; readonly cause: unknown };

export interface EntryCodec<E> {
  encode(entry: E): LogItem;
  decode(item: LogItem): E;
  /** A draft in its place is an entry. */
  assemble(base: EntryBase, draft: Draft<E>): E;
}

export class EntryLog<E extends EntryBase> {
  readonly key: LogKey;
  readonly #log: Log;
  readonly #runtime: Runtime;
  readonly #settings: Settings;
  readonly #codec: EntryCodec<E>;

  constructor(ports: Pick<Ports, 'log' | 'runtime'>, settings: Settings, key: LogKey, codec: EntryCodec<E>) {
    this.key = key;
    this.#log = ports.log;
    this.#runtime = ports.runtime;
    this.#settings = settings;
    this.#codec = codec;
  }

  async head(): Promise<Head<E> | null> {
    const stamp = stampNow(this.#runtime);
    const item = await this.#log.head(this.key);
    return item === null ? null : { entry: this.#codec.decode(item), stamp };
  }

  async get(at: Seq): Promise<E | null> {
    const item = await this.#log.get(this.key, at);
    return item === null ? null : this.#codec.decode(item);
  }

  /** Entries behind `after`, as stored; the caller checks the chain. `stamp` is from before the read. */
  async readAfter(after: number, limitBytes: number): Promise<{ entries: E[]; more: boolean; stamp: Stamp }> {
    const stamp = stampNow(this.#runtime);
    const page = await this.#log.readAfter(this.key, after, limitBytes);
    return { entries: page.items.map((item) => this.#codec.decode(item)), more: page.more, stamp };
  }

  /** Builds the entry that follows `head`; null starts the log. */
  next(head: Head<E> | null, draft: Draft<E>, id = this.#runtime.randomHex(8)): E {
    const previous = head?.entry;
    const base: EntryBase = {
      seq: seq(previous === undefined ? 0 : previous.seq + 1),
      id,
      prev: previous?.id ?? null,
      at: this.#runtime.now(),
      ttl: Math.max(this.#lifetimeFromNow(), previous?.ttl ?? 0),
    };
    return this.#codec.assemble(base, draft);
  }

  /** Puts `entry` behind `head`, which must be younger than `HEAD_MAX_AGE` before (G1) and after (G2). */
  async append(head: Head<E> | null, entry: E): Promise<Appended<E>> {
    const item = this.#codec.encode(entry);
    if (head !== null && this.#tooOld(head)) return { kind: 'unknown', cause: 'the head was read too long ago (G1)' };
    const sent = stampNow(this.#runtime);
    const knownAt = head?.stamp ?? sent;
    try {
      const result = await this.#log.append(this.key, item);
      if (result.kind === 'exists' && result.item.id !== entry.id) return { kind: 'lost' };
    } catch (error) {
      if (!isError(error, 'STORE_FAILED')) throw error;
      return { kind: 'unknown', cause: error };
    }
    if (ageMs(this.#runtime, knownAt) >= this.#settings.headMaxAgeMs) {
      return { kind: 'unknown', cause: 'the answer came too long after the head was read (G2)' };
    }
    return { kind: 'appended', head: { entry, stamp: sent } };
  }

  /**
   * The same head with a younger stamp, where what is known of it has become old: a long step must not fail G2 for ever. null: the log
   * has gone on.
   */
  async refresh(head: Head<E>): Promise<Head<E> | null> {
    if (ageMs(this.#runtime, head.stamp) <= this.#settings.rereadHeadAfterMs) return head;
    const read = await this.head();
    return read?.entry.id === head.entry.id ? read : null;
  }

  /** T3: a head so close to its expiry that newer entries may have been deleted before it. */
  isExpired(entry: EntryBase): boolean {
    return entry.ttl * 1000 - this.#settings.logMarginMs < this.#runtime.now();
  }

  expiredError(entry: EntryBase): SluiceError {
    return new SluiceError('LOG_EXPIRED', {
      message: `the newest entry of ${this.key} (${entry.seq}) is past its lifetime`,
      hint: 'resume the job from a savepoint',
      details: { log: this.key, seq: entry.seq },
    });
  }

  /** For a log that must have entries and has none: taken for new, it would begin again. */
  lostError(): SluiceError {
    return new SluiceError('LOG_EXPIRED', {
      message: `${this.key} is registered but has no entry`,
      hint: 'resume the job from a savepoint',
      details: { log: this.key },
    });
  }

  #tooOld(head: Head<E>): boolean {
    return ageMs(this.#runtime, head.stamp) >= this.#settings.headMaxAgeMs;
  }

  /** Epoch seconds; stores that do not expire entries get the largest number. */
  #lifetimeFromNow(): number {
    const { logTtlMs } = this.#settings;
    return logTtlMs === Infinity ? Number.MAX_SAFE_INTEGER : Math.ceil((this.#runtime.now() + logTtlMs) / 1000);
  }
}

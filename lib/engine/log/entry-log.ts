/**
 * One log of typed entries. Every append anywhere in the engine goes through `append`, which holds the age guards (G1, G2, W5), the chain
 * (F2) and the expiry that never decreases (T1). The append is the commit point: what came before it is harmless if nobody refers to it,
 * what follows is a repeatable copy.
 */
import { isError, SluiceError } from '../../core/errors.ts';
import { seq, type Seq } from '../../core/numbers.ts';
import type { LogItem, LogKey } from '../../ports/log.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Settings } from '../settings.ts';
import type { Draft, EntryBase } from './entries.ts';
import { ageMs, answered, requireClock, stampNow, type Stamp } from './stamp.ts';

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
  readonly #ports: Pick<Ports, 'log' | 'runtime'>;
  readonly #settings: Settings;
  readonly #codec: EntryCodec<E>;

  constructor(ports: Pick<Ports, 'log' | 'runtime'>, settings: Settings, key: LogKey, codec: EntryCodec<E>) {
    this.key = key;
    this.#ports = ports;
    this.#settings = settings;
    this.#codec = codec;
  }

  async head(): Promise<Head<E> | null> {
    const asked = stampNow(this.#ports);
    const item = await this.#ports.log.head(this.key);
    return item === null ? null : { entry: this.#codec.decode(item), stamp: answered(this.#ports, asked) };
  }

  async get(at: Seq): Promise<E | null> {
    const item = await this.#ports.log.get(this.key, at);
    return item === null ? null : this.#codec.decode(item);
  }

  /** Entries behind `after`, as stored; the caller checks the chain. */
  async readAfter(after: number, limitBytes: number): Promise<{ entries: E[]; more: boolean; stamp: Stamp }> {
    const asked = stampNow(this.#ports);
    const page = await this.#ports.log.readAfter(this.key, after, limitBytes);
    return { entries: page.items.map((item) => this.#codec.decode(item)), more: page.more, stamp: answered(this.#ports, asked) };
  }

  /** Builds the entry that follows `head`; null starts the log. */
  next(head: Head<E> | null, draft: Draft<E>, id = this.#ports.runtime.randomHex(8)): E {
    const previous = head?.entry;
    const base: EntryBase = {
      seq: seq(previous === undefined ? 0 : previous.seq + 1),
      id,
      prev: previous?.id ?? null,
      at: this.#ports.runtime.now(),
      ttl: Math.max(this.#lifetimeFromNow(), previous?.ttl ?? 0),
    };
    return this.#codec.assemble(base, draft);
  }

  /**
   * Puts `entry` behind `head`, which must be younger than `HEAD_MAX_AGE` before (G1) and after (G2). Throws CLOCK_SKEW without having sent
   * anything where the clock of this process is wrong (K1); an answer that shows it first makes the outcome unknown.
   */
  async append(head: Head<E> | null, entry: E): Promise<Appended<E>> {
    const item = this.#codec.encode(entry);
    if (head !== null && this.#tooOld(head)) return { kind: 'unknown', cause: 'the head was read too long ago (G1)' };
    requireClock(this.#ports, this.#settings);
    const sent = stampNow(this.#ports);
    const knownAt = head?.stamp ?? sent;
    try {
      const result = await this.#ports.log.append(this.key, item);
      if (result.kind === 'exists' && result.item.id !== entry.id) return { kind: 'lost' };
      requireClock(this.#ports, this.#settings);
    } catch (error) {
      if (!isError(error, 'STORE_FAILED', 'CLOCK_SKEW')) throw error;
      return { kind: 'unknown', cause: error };
    }
    if (ageMs(this.#ports, knownAt) >= this.#settings.headMaxAgeMs) {
      return { kind: 'unknown', cause: 'the answer came too long after the head was read (G2)' };
    }
    return { kind: 'appended', head: { entry, stamp: answered(this.#ports, sent) } };
  }

  /**
   * The same head with a younger stamp, where what is known of it has become old: a long step must not fail G2 for ever. null: the log
   * has gone on.
   */
  async refresh(head: Head<E>): Promise<Head<E> | null> {
    if (ageMs(this.#ports, head.stamp) <= this.#settings.rereadHeadAfterMs) return head;
    const read = await this.head();
    return read?.entry.id === head.entry.id ? read : null;
  }

  /** T3: a head so close to its expiry that newer entries may have been deleted before it. A wrong clock has no say in it (K1). */
  isExpired(entry: EntryBase): boolean {
    const isPast = entry.ttl * 1000 - this.#settings.logMarginMs < this.#ports.runtime.now();
    if (isPast) requireClock(this.#ports, this.#settings);
    return isPast;
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
    return ageMs(this.#ports, head.stamp) >= this.#settings.headMaxAgeMs;
  }

  /** Epoch seconds; stores that do not expire entries get the largest number. */
  #lifetimeFromNow(): number {
    const { logTtlMs } = this.#settings;
    return logTtlMs === Infinity ? Number.MAX_SAFE_INTEGER : Math.ceil((this.#ports.runtime.now() + logTtlMs) / 1000);
  }
}

/**
 * Time zones: how far the wall clock of a place is ahead of UTC. The rules come from the time zone database of the runtime (Intl); asking it
 * costs microseconds, so what it said is kept, as stretches of time without a change.
 */
import { MS_PER_DAY as DAY, daysFromCivil } from '../calendar.ts';

/** Milliseconds of a wall clock as if it were UTC: what TIMESTAMP values are. */
type LocalMs = number;

export interface TimeZone {
  /** As java.time names it, `Europe/Berlin` or `GMT+08:00`. */
  readonly id: string;
  /** The rules of today know a daylight saving time (java.util.TimeZone.useDaylightTime). */
  readonly usesDaylightTime: boolean;
  /** Milliseconds that the wall clock is ahead of UTC at an instant. */
  offsetAt(epochMs: number): number;
}

/** The wall clock at an instant. */
export const toLocal = (zone: TimeZone, epochMs: number): LocalMs => epochMs + zone.offsetAt(epochMs);

/**
 * The instant of a wall clock, as java.time's `LocalDateTime.atZone` has it: a time that the clock skips is moved by what it skips, and of two
 * instants with one time the earlier is meant. `later`: the other one, as java.util.GregorianCalendar has it.
 */
export function toEpoch(zone: TimeZone, local: LocalMs, later = false): number {
  const before = zone.offsetAt(local - DAY);
  const after = zone.offsetAt(local + DAY);
  if (before === after) return local - before;
  const early = zone.offsetAt(local - before) === before;
  const late = zone.offsetAt(local - after) === after;
  return late && (later || !early) ? local - after : local - before;
}

export class FixedZone implements TimeZone {
  readonly id: string;
  readonly usesDaylightTime = false;
  readonly #offset: number;

  constructor(id: string, offsetMs: number) {
    this.id = id;
    this.#offset = offsetMs;
  }

  offsetAt(): number {
    return this.#offset;
  }
}

/** Twelve days: short enough for at most one change, the Ramadan of Morocco included. */
const BLOCK_MS = 2 ** 30;
/** More than a century of blocks. */
const BLOCKS_KEPT = 4096;
/** In 2200, far behind all changes that are set down one by one: what changes here goes on changing. */
const FAR_YEAR_MS = daysFromCivil(2200, 1, 1) * DAY;

/** [from, to) without a change. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

/** A place of the time zone database. Throws RangeError for a name that it does not have. */
export class RegionZone implements TimeZone {
  readonly id: string;
  readonly usesDaylightTime: boolean;
  readonly #format: Intl.DateTimeFormat;
  readonly #blocks = new Map<number, readonly Stretch[]>();
  #latest: Stretch = { from: 0, to: 0, offset: 0 };

  constructor(id: string) {
    this.id = id;
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: id, timeZoneName: 'longOffset' });
    this.usesDaylightTime = [3, 6, 9].some((month) => this.#ask(FAR_YEAR_MS + month * 30 * DAY) !== this.#ask(FAR_YEAR_MS));
  }

  offsetAt(epochMs: number): number {
    const { from, to, offset } = this.#latest;
    if (epochMs >= from && epochMs < to) return offset;
    this.#latest = this.#stretchAt(epochMs);
    return this.#latest.offset;
  }

  #stretchAt(epochMs: number): Stretch {
    const index = Math.floor(epochMs / BLOCK_MS);
    let stretches = this.#blocks.get(index);
    if (stretches === undefined) {
      if (this.#blocks.size >= BLOCKS_KEPT) this.#blocks.clear();
      stretches = this.#stretchesOf(index * BLOCK_MS);
      this.#blocks.set(index, stretches);
    }
    return stretches.find(({ to }) => epochMs < to) ?? { from: epochMs, to: epochMs, offset: this.#ask(epochMs) };
  }

  #stretchesOf(start: number): Stretch[] {
    const end = start + BLOCK_MS;
    const [first, last] = [this.#ask(start), this.#ask(end - 1)];
    if (first === last) return [{ from: start, to: end, offset: first }];
    let [before, behind] = [start, end - 1];
    while (behind - before > 1) {
      const middle = Math.floor((before + behind) / 2);
      if (this.#ask(middle) === first) before = middle;
      else behind = middle;
    }
    return [
      { from: start, to: behind, offset: first },
      { from: behind, to: end, offset: last },
    ];
  }

  /** `GMT+05:45`, and `GMT+00:53:28` before there were zones. */
  #ask(epochMs: number): number {
    const within = Math.max(-MAX_INSTANT, Math.min(MAX_INSTANT, epochMs));
    const text = this.#format.formatToParts(within).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours = 0, minutes = 0, seconds = 0] = /([+-])(\d+):(\d+)(?::(\d+))?$/.exec(text) ?? [];
    const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
    return sign === '-' ? -size : size;
  }
}

/** What Intl can format. */
const MAX_INSTANT = 8.64e15;

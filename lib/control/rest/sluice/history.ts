/**
 * Throughput and lag over time: kept by the process that serves, in rings, of jobs that somebody looks at by the second, and of running ones by the
 * minute. It begins with the process.
 */
import type { JobId } from '../../../core/numbers.ts';
import type { Standing } from '../../standing.ts';
import type { Of } from '../shape.ts';
import { Ring } from './ring.ts';
import type { SAMPLE } from './words.ts';

export type Sample = Of<typeof SAMPLE>;

/** Ten minutes, and a day. */
const SECONDS_MAX = 600;
const MINUTES_MAX = 1440;
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
/** What nobody has looked at for longest goes. */
const JOBS_MAX = 200;

interface Kept {
  readonly seconds: Ring<Sample>;
  readonly minutes: Ring<Sample>;
  count: Count | null;
  /** Taken in as far as that was seen: it goes on behind moments of which nobody knows. */
  records: number;
}

/** Of records, from a beginning of its own. */
export interface Count {
  readonly of: 'read here' | 'offsets';
  readonly records: number;
}

export interface Seen {
  readonly at: number;
  /** Null where nobody knows. */
  readonly count: Count | null;
  readonly standing: Standing | null;
}

export class History {
  readonly #jobs = new Map<JobId, Kept>();

  /** The sample that this makes. */
  add(id: JobId, seen: Seen): Sample {
    const kept = this.#kept(id);
    const sample = sampleOf(kept, seen);
    kept.count = seen.count;
    kept.records = sample.records ?? kept.records;
    if (seen.at - (kept.minutes.newest?.at ?? 0) >= MINUTE_MS) kept.minutes.add({ ...sample, recordsPerSecond: rateOf(kept.minutes.newest, sample) });
    kept.seconds.add(sample);
    return sample;
  }

  /** Null of a job that nobody has looked at. */
  newest(id: JobId): Sample | null {
    return this.#jobs.get(id)?.seconds.newest ?? null;
  }

  /** Whether what is known of a job is older than a second. */
  isStale(id: JobId, now: number): boolean {
    return now - (this.newest(id)?.at ?? 0) >= SECOND_MS;
  }

  /** Oldest first. */
  of(id: JobId): { readonly seconds: readonly Sample[]; readonly minutes: readonly Sample[] } {
    const kept = this.#jobs.get(id);
    return { seconds: kept?.seconds.all() ?? [], minutes: kept?.minutes.all() ?? [] };
  }

  /** Behind all others in the order in which they go. */
  #kept(id: JobId): Kept {
    const kept = this.#jobs.get(id) ?? { seconds: new Ring<Sample>(SECONDS_MAX), minutes: new Ring<Sample>(MINUTES_MAX), count: null, records: 0 };
    this.#jobs.delete(id);
    this.#jobs.set(id, kept);
    const [oldest] = this.#jobs.keys();
    if (this.#jobs.size > JOBS_MAX && oldest !== undefined) this.#jobs.delete(oldest);
    return kept;
  }
}

function sampleOf({ seconds, count: before, records: known }: Kept, { at, count, standing }: Seen): Sample {
  const came = cameSince(before, count);
  const records = count === null ? null : known + (came ?? 0);
  const { lag = null, watermark = null, stateBytes = null } = standing ?? {};
  const sample = { at, records, recordsPerSecond: null, lag, watermark, stateBytes };
  return { ...sample, recordsPerSecond: came === null ? null : rateOf(seconds.newest, sample) };
}

/** A count that goes back is that of another generation: what came between is not known. */
function cameSince(before: Count | null, count: Count | null): number | null {
  if (before === null || count === null || before.of !== count.of || count.records < before.records) return null;
  return count.records - before.records;
}

function rateOf(before: Sample | null, { at, records }: Sample): number | null {
  if (before === null || before.records === null || records === null || at <= before.at) return null;
  return ((records - before.records) * SECOND_MS) / (at - before.at);
}

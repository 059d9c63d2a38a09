/** What listeners hear of all jobs: first the newest ones, then those that have changed. */
import type { SluiceError } from '../../../core/errors.ts';
import { Board } from './board.ts';
import { goneEvent, type Feed, type ServerEvent } from './event-stream.ts';
import type { FeedParts } from './job-feed.ts';
import { countsOf, jobItem, type JobItem } from './job-list.ts';
import { Poll } from './poll.ts';

/** Of older ones the list tells. */
const JOBS_MAX = 1000;

interface Sums {
  readonly total: number;
  /** By status. */
  readonly counts: Readonly<Record<string, number>>;
}

type News = { readonly kind: 'job'; readonly item: JobItem } | { readonly kind: 'sums' } & Sums | { readonly kind: 'gone'; readonly event: ServerEvent };

export class JobsFeed implements Feed {
  readonly #parts: FeedParts;
  readonly #poll: Poll;
  readonly #board = new Board<News>();
  #sums: Sums = { total: 0, counts: {} };

  constructor(parts: FeedParts, onDefect: (thrown: unknown) => void) {
    this.#parts = parts;
    this.#poll = new Poll({ runtime: parts.plane.runtime, read: () => this.#read(), onFailure: (error) => this.#fail(error), onDefect });
  }

  listen(wake: () => void): () => void {
    return this.#poll.listen(wake);
  }

  since(seen: number): ReturnType<Feed['since']> {
    const { values, version } = this.#board.since(seen);
    const jobs = values.flatMap((news) => (news.kind === 'job' ? [news.item] : []));
    const gone = values.flatMap((news) => (news.kind === 'gone' ? [news.event] : []));
    const events = values.length === gone.length ? gone : [{ event: 'jobs', data: { jobs, ...this.#sums, offsets: this.#parts.plane.offsets } }, ...gone];
    return { events, version };
  }

  async #read(): Promise<void> {
    const jobs = (await this.#parts.plane.jobs()).toReversed();
    // Jobs never go: those that have become too old are left behind with all the others, which are said anew.
    if (this.#board.size > 2 * JOBS_MAX) this.#board.clear();
    this.#board.remove('gone');
    for (const job of jobs.slice(0, JOBS_MAX)) this.#board.put(job.id, { kind: 'job', item: jobItem(job, this.#parts.history) });
    this.#sums = { total: jobs.length, counts: countsOf(jobs) };
    this.#board.put('sums', { kind: 'sums', ...this.#sums });
  }

  /** When they can be read again the sums are said anew, which tells that they can. */
  #fail(error: SluiceError | null): void {
    this.#board.remove('sums');
    this.#board.put('gone', { kind: 'gone', event: goneEvent(error) });
  }
}

/** What pages live on: server-sent events of all jobs, or of one. */
import { jobId, type JobId } from '../../../core/numbers.ts';
import { Content } from '../content.ts';
import { unreadable } from '../refusal.ts';
import { get, patternOf, type Route } from '../route.ts';
import { object } from '../shape.ts';
import { EventStream, type Feed } from './event-stream.ts';
import { JobFeed, type FeedParts } from './job-feed.ts';
import { JobsFeed } from './jobs-feed.ts';

const EVENTS = 'text/event-stream';

/** The feeds that somebody listens to: listeners share them. */
export class Events {
  readonly #parts: FeedParts;
  readonly #onDefect: (thrown: unknown) => void;
  readonly #jobs = new Map<JobId, JobFeed>();
  /** Of all jobs. */
  readonly all: Feed;

  constructor(parts: FeedParts, onDefect: (thrown: unknown) => void) {
    this.#parts = parts;
    this.#onDefect = onDefect;
    this.all = new JobsFeed(parts, onDefect);
  }

  /** The feed is there from its first listener to its last one. */
  of(id: JobId): Feed {
    return {
      listen: (wake) => {
        const feed = this.#feed(id);
        const stop = feed.listen(wake);
        return () => {
          stop();
          if (feed.listeners === 0 && this.#jobs.get(id) === feed) this.#jobs.delete(id);
        };
      },
      since: (version) => this.#jobs.get(id)?.since(version) ?? { events: [], version },
    };
  }

  #feed(id: JobId): JobFeed {
    const feed = this.#jobs.get(id) ?? new JobFeed(this.#parts, id, this.#onDefect);
    this.#jobs.set(id, feed);
    return feed;
  }
}

export const EVENT_ROUTES: readonly Route[] = [
  get({ path: '/sluice/v1/events', summary: 'Server-sent events: jobs that change; with `job`, what one job does.', query: ['job'], produces: EVENTS }, object({}), async ({ plane, events }, { query }) => {
    const job = query.get('job');
    if (job === null) return new Content(EVENTS, new EventStream(events.all, plane.runtime));
    if (!patternOf('jobid').test(job)) return unreadable(`'job' is an id of 32 hexadecimal digits, not "${job.slice(0, 64)}".`);
    const { id } = await plane.job(jobId(job));
    return new Content(EVENTS, new EventStream(events.of(id), plane.runtime));
  }),
];

/** Server-sent events for one listener, who takes them at a pace of his own: of what has changed several times he gets the newest. */
import type { SluiceError } from '../../../core/errors.ts';
import type { Runtime } from '../../../ports/runtime.ts';

export interface ServerEvent {
  readonly event: string;
  readonly data: unknown;
}

/** What listeners pull from. */
export interface Feed {
  /** Calls `wake` when there may be something new, or nothing for a while, until what this returns is called. */
  listen(wake: () => void): () => void;
  /** What has changed behind a version; 0: all there is. */
  since(version: number): { readonly events: readonly ServerEvent[]; readonly version: number };
}

const HEARTBEAT_MS = 15_000;
/** After which a browser connects again. */
const RETRY_MS = 2000;

/** Nothing is begun before somebody iterates. Its end does not wait for what may come. */
export class EventStream implements AsyncIterable<string> {
  readonly #feed: Feed;
  readonly #runtime: Pick<Runtime, 'elapsed'>;

  constructor(feed: Feed, runtime: Pick<Runtime, 'elapsed'>) {
    this.#feed = feed;
    this.#runtime = runtime;
  }

  [Symbol.asyncIterator](): AsyncIterator<string, undefined> {
    return new Listener(this.#feed, this.#runtime);
  }
}

class Listener implements AsyncIterator<string, undefined> {
  readonly #feed: Feed;
  readonly #runtime: Pick<Runtime, 'elapsed'>;
  readonly #stop: () => void;
  #wake: () => void = () => {};
  #isOver = false;
  /** Of what was sent last; null before the first word. */
  #version: number | null = null;
  #saidAt: number;

  constructor(feed: Feed, runtime: Pick<Runtime, 'elapsed'>) {
    this.#feed = feed;
    this.#runtime = runtime;
    this.#saidAt = runtime.elapsed();
    this.#stop = feed.listen(() => this.#wake());
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    while (!this.#isOver) {
      const text = this.#version === null ? this.#greeting() : this.#news(this.#version);
      if (text !== '') {
        this.#saidAt = this.#runtime.elapsed();
        return { value: text, done: false };
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return { value: undefined, done: true };
  }

  async return(): Promise<IteratorResult<string, undefined>> {
    this.#isOver = true;
    this.#stop();
    this.#wake();
    return { value: undefined, done: true };
  }

  #greeting(): string {
    this.#version = 0;
    return `retry: ${RETRY_MS}\n\n`;
  }

  #news(seen: number): string {
    const { events, version } = this.#feed.since(seen);
    this.#version = version;
    if (events.length > 0) return events.map((event) => textOf(event, version)).join('');
    return this.#runtime.elapsed() - this.#saidAt >= HEARTBEAT_MS ? ': still here\n\n' : '';
  }
}

/** What is asked for cannot be read now; of a defect (null) nobody learns more than that. */
export const goneEvent = (error: SluiceError | null): ServerEvent => ({
  event: 'gone',
  data: { code: error?.code ?? 'INVARIANT', message: error?.message ?? 'Internal server error.', hint: error?.hint ?? null },
});

/** JSON has no line ends of its own. */
const textOf = ({ event, data }: ServerEvent, id: number): string => `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

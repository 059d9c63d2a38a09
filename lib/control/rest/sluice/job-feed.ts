/** What listeners hear of one job. */
import { isError, type SluiceError } from '../../../core/errors.ts';
import type { JobId } from '../../../core/numbers.ts';
import type { Standing } from '../../standing.ts';
import type { Rest } from '../route.ts';
import { Board } from './board.ts';
import { describedJob } from './describe-job.ts';
import { goneEvent, type Feed, type ServerEvent } from './event-stream.ts';
import { look } from './look.ts';
import { Poll } from './poll.ts';

export type FeedParts = Pick<Rest, 'plane' | 'metrics' | 'history'>;

export class JobFeed implements Feed {
  readonly #parts: FeedParts;
  readonly #id: JobId;
  readonly #board = new Board<ServerEvent>();
  readonly #poll: Poll;
  /** What the newest description was made for: state is read again when something has changed. */
  #described = '';

  constructor(parts: FeedParts, id: JobId, onDefect: (thrown: unknown) => void) {
    this.#parts = parts;
    this.#id = id;
    this.#poll = new Poll({ runtime: parts.plane.runtime, read: () => this.#read(), onFailure: (error) => this.#fail(error), onDefect });
  }

  get listeners(): number {
    return this.#poll.listeners;
  }

  listen(wake: () => void): () => void {
    return this.#poll.listen(wake);
  }

  since(seen: number): ReturnType<Feed['since']> {
    const { values, version } = this.#board.since(seen);
    return { events: values, version };
  }

  async #read(): Promise<void> {
    const { plane } = this.#parts;
    const [job, progress, standing] = await Promise.all([plane.job(this.#id), plane.progress(this.#id), this.#standing()]);
    this.#board.remove('gone');
    this.#board.put('sample', { event: 'sample', data: look(this.#parts, this.#id, standing) });
    const stands = JSON.stringify([job, progress, standing]);
    if (stands !== this.#described) await this.#describe();
    this.#described = stands;
  }

  /** What keeps the logs from being read is told by the description. */
  async #standing(): Promise<Standing | null> {
    try {
      return await this.#parts.plane.standing(this.#id);
    } catch (error) {
      if (!isError(error)) throw error;
      return null;
    }
  }

  async #describe(): Promise<void> {
    const { plane } = this.#parts;
    const [description, { plan }] = await Promise.all([plane.describe(this.#id), plane.plan(this.#id)]);
    this.#board.put('job', { event: 'job', data: describedJob(plane, description, plan) });
  }

  /** When it can be read again all of it is said anew. */
  #fail(error: SluiceError | null): void {
    this.#described = '';
    this.#board.remove('job');
    this.#board.put('gone', goneEvent(error));
  }
}

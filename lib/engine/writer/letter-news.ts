/** What a writer tells people of dead letters (W10): seldom, since the item lies beside CTRL, on the key that all processes of the job use. */
import type { PartitionId } from '../../core/numbers.ts';
import type { Ports } from '../../ports/ports.ts';
import { writeDeadLetter, type DeadLetterItem } from '../dead-letters.ts';
import { forPeople } from '../for-people.ts';
import type { Job } from '../job.ts';

/** Between two items of a partition. */
const TELL_EVERY_MS = 10_000;

export class LetterNews {
  readonly #ports: Pick<Ports, 'control' | 'runtime'>;
  readonly #job: Job;
  /** On the monotonic clock. */
  readonly #toldAt = new Map<PartitionId, number>();
  /** Newest letters that nobody has been told of. */
  readonly #untold = new Map<PartitionId, DeadLetterItem>();

  constructor(ports: Pick<Ports, 'control' | 'runtime'>, job: Job) {
    this.#ports = ports;
    this.#job = job;
  }

  /** Behind every commit to `p`; `newest`: its last letter, null where it has none. What comes too soon is told behind a later one. */
  async tell(p: PartitionId, newest: DeadLetterItem | null): Promise<void> {
    const item = newest ?? this.#untold.get(p);
    if (item === undefined) return;
    this.#untold.set(p, item);
    const now = this.#ports.runtime.elapsed();
    const toldAt = this.#toldAt.get(p);
    if (toldAt !== undefined && now - toldAt < TELL_EVERY_MS) return;
    this.#toldAt.set(p, now);
    this.#untold.delete(p);
    await forPeople(() => writeDeadLetter(this.#ports, this.#job, item));
  }
}

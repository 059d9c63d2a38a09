/** KEEP (protocol T2, F11): quiet partition logs get a new head before the old one comes near its expiry. */
import type { PartitionId } from '../../core/numbers.ts';
import type { Ports } from '../../ports/ports.ts';
import { carriedOver } from '../log/entries.ts';
import { openPartitionLog, type GenerationRef } from '../log/logs.ts';
import { inParallel } from '../parallel.ts';
import type { Tail } from './tail.ts';

/** Remembers how old the heads were, so that a step with nothing to keep reads nothing. */
export class Keeper {
  readonly #ports: Pick<Ports, 'log' | 'runtime' | 'codec'>;
  readonly #job: GenerationRef;
  /** `at` of the newest entry that was seen of each partition. */
  readonly #seenAt = new Map<PartitionId, number>();

  constructor(ports: Pick<Ports, 'log' | 'runtime' | 'codec'>, job: GenerationRef) {
    this.#ports = ports;
    this.#job = job;
  }

  /** Appends KEEP where the head was written before `oldest`. A lost append means that there is a younger head. */
  async keep(partitions: readonly PartitionId[], tail: Tail, oldest: number): Promise<void> {
    const quiet = partitions.filter((p) => Math.max(tail.last(p)?.at ?? 0, this.#seenAt.get(p) ?? 0) < oldest);
    await inParallel(quiet, (p) => this.#keepOne(p, oldest));
  }

  async #keepOne(p: PartitionId, oldest: number): Promise<void> {
    const log = openPartitionLog(this.#ports, this.#job, p);
    const head = await log.head();
    if (head === null) throw log.lostError();
    if (head.entry.kind === 'FROZEN') return;
    if (log.isExpired(head.entry)) throw log.expiredError(head.entry);
    this.#seenAt.set(p, head.entry.at);
    if (head.entry.at >= oldest) return;
    const entry = log.next(head, { kind: 'KEEP', ...carriedOver(head.entry) });
    if ((await log.append(head, entry)).kind === 'appended') this.#seenAt.set(p, entry.at);
  }
}

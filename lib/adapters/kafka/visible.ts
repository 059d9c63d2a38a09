/** Which batches of a partition a reader sees. */
import { isAbort, type WireBatch } from './wire-batch.ts';

/** A transaction that was aborted, as the broker reports it for the offsets that were read. */
export interface Aborted {
  readonly producer: bigint;
  readonly first: number;
}

/**
 * A filter to apply to the batches in order: control batches never pass, those of aborted transactions (`isolation.level` =
 * read_committed; otherwise none is reported) do not either. As Kafka's CompletedFetch does it: a producer is aborted from the first offset of
 * its transaction to its abort marker.
 */
export function visibility(aborted: readonly Aborted[]): (batch: WireBatch) => boolean {
  const ahead = aborted.toSorted((a, b) => b.first - a.first);
  const producers = new Set<bigint>();
  return (batch) => {
    for (let next = ahead.at(-1); next !== undefined && next.first < batch.next; next = ahead.at(-1)) {
      producers.add(next.producer);
      ahead.pop();
    }
    if (isAbort(batch)) producers.delete(batch.producer);
    return !batch.isControl && !(batch.isTransactional && producers.has(batch.producer));
  };
}

/** I-COST: what a run without faults may ask of the stores. */
import { violate } from '../violation.ts';

export interface Work {
  /** Batches that the function got. */
  readonly batches: number;
  readonly sandboxes: number;
  readonly partitions: number;
  /** Entries of the logs by kind. */
  readonly entries: ReadonlyMap<string, number>;
  readonly steps: number;
}

/** `calls`: `<kind of process> <port>.<method>` to the number of calls. */
export function checkCosts(calls: ReadonlyMap<string, number>, { batches, sandboxes, partitions, entries, steps }: Work): void {
  const of = (what: string): number => calls.get(what) ?? 0;
  const entry = (kind: string): number => entries.get(kind) ?? 0;
  const limit = (what: string, most: number): void => violate(of(what) > most, `I-COST: ${of(what)} calls of ${what}, at most ${most} are allowed`);
  // A batch: at most one read of the head and one Put; what it asks once in its life does not count by batch.
  limit('writer log.append', entry('DATA'));
  // A new log is looked for in the coordinator log as well, once (W4).
  limit('writer log.head', batches + entry('INIT'));
  limit('writer control.get', sandboxes);
  // A fire: FIRE, ACK and a hint; a checkpoint: one entry and a hint, besides its chunks.
  limit('firer log.append', entry('FIRE') + entry('ACK') + entry('CHECKPOINT') + entry('KEEP') + entry('RENEW'));
  limit('firer control.put', entry('FIRE') + entry('CHECKPOINT'));
  limit('firer sink(out0).emit', entry('FIRE'));
  limit('firer blob.put', entry('FIRE'));
  // A step: one page of the coordinator log and one of each partition log; a FIRE may need the rest of a full tail.
  limit('firer log.readAfter', (steps + entry('FIRE')) * (1 + partitions));
}

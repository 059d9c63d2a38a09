/** Tables that a job writes. */
import type { FireNumber, Generation, JobId } from '../core/numbers.ts';
import type { SinkNode } from '../core/plan.ts';
import type { Row } from '../core/types.ts';

/** (generation, FIRE), compared lexicographically (X1). */
export interface SinkPosition {
  readonly g: Generation;
  readonly f: FireNumber;
}

/** A FIRE among those of all jobs. */
export interface FireIdentity extends SinkPosition {
  readonly job: JobId;
}

export interface Emission extends SinkPosition {
  /** The previous FIRE of this lineage that had rows for this sink; null if there was none. */
  readonly pf: FireNumber | null;
  readonly rows: readonly Row[];
}

/** `fenced`: a newer generation owns the sink; the caller stops and loads again (F9). */
export type EmitResult = { readonly kind: 'durable' } | { readonly kind: 'fenced'; readonly by: Generation };

/**
 * Laws X1-X5, checked by `test/contracts/sink.ts` and `test/contracts/faults/sink.ts`: (g, f) takes effect at most once, whoever emits it and how often; effects appear
 * in the order of f; after `fence(g)` no effect of an older generation appears, if `fences` says so; `durable` means durable.
 * A sink that cannot take rows now throws SINK_UNAVAILABLE.
 */
export interface Sink {
  /** False for sinks without a fence (files): repeating a FIRE under its old name is idempotent there. */
  readonly fences: boolean;
  /** Rows replace those of their key, whatever FIRE those came with: a FIRE may be repeated under a newer name. Absent: they do not. */
  readonly upserts?: boolean;
  emit(emission: Emission): Promise<EmitResult>;
  /**
   * Shuts out generations below `g`; returns the newest position that took effect, null if there is none or the sink does not know. A
   * fence is no effect itself: asked again, it says the same until something newer has taken effect (F14).
   * `begun`: the newest position that the state knows from which the generation goes on; null: its lineage has written nothing that anybody knows of, so that a sink may
   * make its table. Absent: the caller does not know.
   */
  fence(g: Generation, begun?: SinkPosition | null): Promise<SinkPosition | null>;
  /** For sinks whose place forgets their position with time: writes it again where that is due. The tick of generation `g` asks. Throws SINK_UNAVAILABLE. */
  keep?(g: Generation): Promise<void>;
}

/** Opens the sink of a plan for one job; identity is (job, sink uid). */
export interface Sinks {
  /** `lineage`: the jobs that this one was forked from. A sink that keeps rows apart by job lets it replace theirs, and them not its own. */
  open(job: JobId, node: SinkNode, lineage?: readonly JobId[]): Promise<Sink>;
}

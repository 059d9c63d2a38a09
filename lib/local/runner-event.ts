/** What a runner tells whoever started it. */
import type { SluiceError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';

export type RunnerEvent =
  | { readonly kind: 'hosting'; readonly job: JobId; readonly name: string; readonly generation: number }
  | { readonly kind: 'released'; readonly job: JobId }
  /** A batch of a source; `source` is its index in the plan, `lagMs` from its newest record to now, as far as that is known. */
  | { readonly kind: 'committed'; readonly job: JobId; readonly source: number; readonly records: number; readonly lagMs: number | null }
  /** `sinks`: rows by the uid of the sink. */
  | { readonly kind: 'fired'; readonly job: JobId; readonly f: number; readonly rows: number; readonly sinks: Readonly<Record<string, number>> }
  | { readonly kind: 'checkpoint'; readonly job: JobId; readonly tookMs: number }
  | { readonly kind: 'savepoint'; readonly job: JobId; readonly location: string | null }
  | { readonly kind: 'partition'; readonly job: JobId; readonly topic: string; readonly partition: number; readonly error: SluiceError | null }
  | { readonly kind: 'firer'; readonly job: JobId; readonly error: SluiceError }
  | { readonly kind: 'operation'; readonly job: JobId; readonly error: SluiceError }
  /** The jobs cannot be listed; those that are hosted go on. */
  | { readonly kind: 'store'; readonly error: SluiceError };

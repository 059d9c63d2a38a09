/** What a runner tells whoever started it. */
import type { SluiceError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';

export type RunnerEvent =
  | { readonly kind: 'hosting'; readonly job: JobId; readonly name: string; readonly generation: number }
  | { readonly kind: 'released'; readonly job: JobId }
  | { readonly kind: 'fired'; readonly job: JobId; readonly f: number; readonly rows: number }
  | { readonly kind: 'savepoint'; readonly job: JobId; readonly location: string | null }
  | { readonly kind: 'partition'; readonly job: JobId; readonly topic: string; readonly partition: number; readonly error: SluiceError | null }
  | { readonly kind: 'firer'; readonly job: JobId; readonly error: SluiceError }
  | { readonly kind: 'operation'; readonly job: JobId; readonly error: SluiceError }
  /** The jobs cannot be listed; those that are hosted go on. */
  | { readonly kind: 'store'; readonly error: SluiceError };

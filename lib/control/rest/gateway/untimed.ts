/** Time limits of statements. */
import { SluiceError } from '../../../core/errors.ts';

/** Flink's gateway takes no time limit either. */
export function requireUntimed(executionTimeout: number | null | undefined): void {
  if ((executionTimeout ?? 0) <= 0) return;
  throw new SluiceError('GATEWAY_REFUSED', { message: "SqlGateway doesn't support timeout mechanism now.", hint: 'cancel the operation when it takes too long' });
}

/**
 * Age and skew (protocol K1, K2). Three clocks are asked, since each of them may lie: the wall clock may be set, the monotonic one may
 * stand still while a sandbox is frozen, and the store's is heard only with an answer.
 */
import { SluiceError } from '../../core/errors.ts';
import type { WallTime } from '../../core/numbers.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Settings } from '../settings.ts';

type Clocks = Pick<Ports, 'log' | 'runtime'>;

/** When something was read: both clocks of this process before the request, and the store's `Date` of the answer (null: it has none). */
export interface Stamp {
  readonly wall: WallTime;
  readonly elapsed: number;
  readonly server: WallTime | null;
}

export const stampNow = ({ log, runtime }: Clocks): Stamp => ({ wall: runtime.now(), elapsed: runtime.elapsed(), server: log.serverTime });

/** The stamp of a request that has been answered by now. */
export const answered = ({ log }: Pick<Ports, 'log'>, asked: Stamp): Stamp => ({ ...asked, server: log.serverTime });

/** K2: the largest of wall, monotonic and server age, in ms. */
export function ageMs({ log, runtime }: Clocks, stamp: Stamp): number {
  const heard = log.serverTime === null || stamp.server === null ? 0 : log.serverTime - stamp.server;
  return Math.max(runtime.now() - stamp.wall, runtime.elapsed() - stamp.elapsed, heard);
}

/**
 * K1: throws CLOCK_SKEW where this process's clock and the store's differ by more than `clockSkewMaxMs`. The newest answer counts; callers
 * have had one within HEAD_MAX_AGE.
 */
export function requireClock({ log, runtime }: Clocks, settings: Settings): void {
  if (log.serverTime === null) return;
  const skewMs = runtime.now() - log.serverTime;
  if (Math.abs(skewMs) <= settings.clockSkewMaxMs) return;
  throw new SluiceError('CLOCK_SKEW', {
    message: `the clock of this process is ${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} that of the store`,
    details: { skewMs, wall: runtime.now(), server: log.serverTime },
  });
}

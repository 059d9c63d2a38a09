/** The clock of this machine against that of the store: what Sluice writes holds as long as they are no more than five minutes apart (K1). */
import { fail, ok, warn, type Finding } from './finding.ts';

/** Of the protocol: `clockSkewMaxMs`. */
const SKEW_MAX_MS = 5 * 60_000;
const SKEW_WARN_MS = 1000;
/** What a `Date` header leaves out. */
const SECOND = 1000;

const MEND = 'let the system set its clock by NTP: timedatectl set-ntp true';

/** `now` and `serverTime` of the same moment, epoch ms; the second is in whole seconds. */
export function clockFinding(now: number, serverTime: number): Finding {
  const skew = now < serverTime ? now - serverTime : Math.max(0, now - serverTime - SECOND);
  const why = `${(Math.abs(skew) / 1000).toFixed(1)} s ${skew < 0 ? 'behind' : 'ahead of'} the store's`;
  if (Math.abs(skew) > SKEW_MAX_MS) return fail('clock', `${why}: nothing is written then`, MEND);
  return Math.abs(skew) > SKEW_WARN_MS ? warn('clock', why, MEND) : ok('clock', "agrees with the store's");
}

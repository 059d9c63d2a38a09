/** Time zones by their names: the session's `table.local-time-zone`, and the arguments of functions. */
import { FixedZone, RegionZone, type TimeZone } from './zone.ts';

export const UTC: TimeZone = new FixedZone('UTC', 0);

const known = new Map<string, TimeZone | null>([
  ['UTC', UTC],
  ['GMT', new FixedZone('GMT', 0)],
]);

/**
 * The zone that the session may be in, as Flink's TableConfigUtils.validateTimeZone has it: the name of a region, `UTC`, or `GMT+08:00`. null for
 * any other text, such as `+08:00`, `UTC+8` and `PST`.
 */
export function sessionZone(id: string): TimeZone | null {
  let zone = known.get(id);
  if (zone === undefined) {
    zone = offsetZone(id) ?? (Object.hasOwn(SHORT_NAMES, id) ? null : region(id));
    known.set(id, zone);
  }
  return zone;
}

/** `GMT+8`, `GMT+08:00` and `GMT-0330`, by the name that Java gives it. */
function offsetZone(id: string): TimeZone | null {
  const [, sign = '', hours = '', minutes = '00'] = /^GMT([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(id) ?? [];
  if (sign === '' || Number(hours) > 23 || Number(minutes) > 59) return null;
  const size = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return new FixedZone(`GMT${sign}${hours.padStart(2, '0')}:${minutes}`, sign === '-' ? 0 - size : size);
}

/** Names are case-sensitive in Java, and not in Intl. */
function region(id: string): TimeZone | null {
  if (!/^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/.test(id)) return null;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en-US', { timeZone: id }).resolvedOptions();
    const isMiswritten = timeZone !== id && timeZone.toLowerCase() === id.toLowerCase();
    return isMiswritten ? null : new RegionZone(id);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The three-letter names of java.util.TimeZone, which java.time does not know. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  ROC: 'Asia/Taipei',
  ACT: 'Australia/Darwin', AET: 'Australia/Sydney', AGT: 'America/Argentina/Buenos_Aires', ART: 'Africa/Cairo', AST: 'America/Anchorage',
  BET: 'America/Sao_Paulo', BST: 'Asia/Dhaka', CAT: 'Africa/Harare', CNT: 'America/St_Johns', CST: 'America/Chicago', CTT: 'Asia/Shanghai',
  EAT: 'Africa/Addis_Ababa', ECT: 'Europe/Paris', IET: 'America/Indiana/Indianapolis', IST: 'Asia/Kolkata', JST: 'Asia/Tokyo', MIT: 'Pacific/Apia',
  NET: 'Asia/Yerevan', NST: 'Pacific/Auckland', PLT: 'Asia/Karachi', PNT: 'America/Phoenix', PRT: 'America/Puerto_Rico', PST: 'America/Los_Angeles',
  SST: 'Pacific/Guadalcanal', VST: 'Asia/Ho_Chi_Minh', EST: 'Etc/GMT+5', MST: 'Etc/GMT+7', HST: 'Etc/GMT+10',
};

/** The zone that java.util.TimeZone.getTimeZone gives: GMT for a name that it does not know. */
export const lenientZone = (id: string): TimeZone => sessionZone((Object.hasOwn(SHORT_NAMES, id) ? SHORT_NAMES[id] : undefined) ?? id) ?? UTC;

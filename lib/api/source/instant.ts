/** Points in time as programs write them. */
// oxlint-disable no-restricted-globals -- a Date is a value here, never a clock

/** Epoch ms, a Date, or ISO 8601: `2026-01-31T12:00:00.5Z`. A text without a zone is UTC, as is a date alone. */
export type Instant = number | Date | string;

const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** Whole epoch ms, rounded down; null of nothing. Throws a TypeError for what is no time. */
export function epochMsOf(instant: Instant | null | undefined): number | null {
  if (instant === null || instant === undefined) return null;
  const ms = typeof instant === 'number' ? instant : instant instanceof Date ? instant.getTime() : parsed(instant);
  if (Number.isFinite(ms)) return Math.floor(ms);
  throw new TypeError(`${JSON.stringify(instant)} is no time: epoch ms, a Date or ISO 8601`);
}

/** The parts are put together again, since what Date.parse makes of a text without a zone depends on the machine. */
function parsed(text: string): number {
  const match = ISO.exec(text);
  if (match === null) return NaN;
  const [, date, minutes = '00:00', seconds = ':00', zone = 'Z'] = match;
  return Date.parse(`${date}T${minutes}${seconds}${zone}`);
}

/** Numbers and times as people read them. Times are UTC everywhere: what is in the data and what the clock says stand side by side. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What stands where nobody knows. */
export const UNKNOWN = '–';

const WHOLE = new Intl.NumberFormat('en-US');
const MONEY = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** @param {number | null} n */
export const count = (n) => (n === null ? UNKNOWN : WHOLE.format(n));

/** `1 record`, `2 records`. @param {number} n @param {string} what */
export const counted = (n, what) => `${count(n)} ${what}${n === 1 ? '' : 's'}`;

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Three digits at most, decimal units. @param {number | null} n */
export function bytes(n) {
  if (n === null) return UNKNOWN;
  const power = n < 1000 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(n) / 3));
  const value = n / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${BYTE_UNITS[power]}`;
}

/** Of the two greatest units that are in it. @param {number} ms */
export function duration(ms) {
  const span = Math.max(0, Math.round(ms));
  if (span < SECOND) return `${span} ms`;
  if (span < MINUTE) return `${Math.floor(span / SECOND)} s`;
  if (span < HOUR) return two(span, MINUTE, 'min', SECOND, 's');
  return span < DAY ? two(span, HOUR, 'h', MINUTE, 'min') : two(span, DAY, 'd', HOUR, 'h');
}

/** @param {number} span @param {number} great @param {string} greatUnit @param {number} small @param {string} smallUnit */
function two(span, great, greatUnit, small, smallUnit) {
  const rest = Math.floor((span % great) / small);
  return `${Math.floor(span / great)} ${greatUnit}${rest === 0 ? '' : ` ${rest} ${smallUnit}`}`;
}

/** @param {number} at @param {number} now */
export const ago = (at, now) => (now - at < SECOND ? 'just now' : `${duration(now - at)} ago`);

/** @param {number} at epoch ms */
const iso = (at) => new Date(at).toISOString();

const FIRST = -62_135_596_800_000;
const LAST = 253_402_300_799_999;

/** Years 1 to 9999, which SQL has. @param {number} at */
const isDate = (at) => at >= FIRST && at <= LAST;

/** Its date is left out where it is that of `now`; ms are, where there are none. @param {number} at @param {number} now */
export function time(at, now) {
  if (!isDate(at)) return UNKNOWN;
  const clock = iso(at).slice(11, at % SECOND === 0 ? 19 : 23);
  return iso(at).slice(0, 10) === iso(now).slice(0, 10) ? clock : `${iso(at).slice(0, 10)} ${clock}`;
}

/** Of a clock, whose ms tell nobody anything. @param {number} at @param {number} now */
export const clock = (at, now) => time(at - (at % SECOND), now);

/** @param {number} at */
export const fullTime = (at) => (isDate(at) ? `${iso(at).slice(0, 10)} ${iso(at).slice(11, 19)} UTC` : UNKNOWN);

/** `10:02–10:03`, with the date where it is not that of `now`, with seconds where they matter. @param {{ start: number, end: number }} window @param {number} now */
export function span({ start, end }, now) {
  if (!isDate(start) || !isDate(end)) return UNKNOWN;
  const digits = start % MINUTE === 0 && end % MINUTE === 0 ? 16 : start % SECOND === 0 && end % SECOND === 0 ? 19 : 23;
  const [from, to] = [iso(start), iso(end)];
  const day = from.slice(0, 10);
  const shownDay = day === iso(now).slice(0, 10) ? '' : `${day} `;
  const shownEnd = day === to.slice(0, 10) ? to.slice(11, digits) : `${to.slice(0, 10)} ${to.slice(11, digits)}`;
  return `${shownDay}${from.slice(11, digits)}–${shownEnd}`;
}

/** Two significant digits below a dollar, and never 0 for what costs something. @param {number | null} amount */
export function usd(amount) {
  if (amount === null) return UNKNOWN;
  if (amount === 0) return '$0';
  if (amount < 0.0001) return '< $0.0001';
  return `$${amount < 1 ? Number(amount.toPrecision(2)) : MONEY.format(amount)}`;
}

/** @param {string} id */
export const shortId = (id) => id.slice(0, 8);

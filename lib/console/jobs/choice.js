/** Which jobs of the list are shown, and in which order. */

/** @import { JobItem } from '../types.js' */

/** @typedef {'all' | 'active' | 'troubled' | 'ended'} Group */
/** @typedef {'started' | 'name' | 'status' | 'lag' | 'watermark' | 'errors'} SortKey */
/** @typedef {{ readonly text: string, readonly group: Group, readonly sort: SortKey, readonly descends: boolean }} Choice */

/** @type {Choice} */
export const FIRST_CHOICE = { text: '', group: 'all', sort: 'started', descends: true };

/** @type {Readonly<Record<Group, (job: JobItem) => boolean>>} */
const GROUPS = {
  all: () => true,
  active: (job) => !job.isEnded,
  troubled: (job) => job.errors > 0,
  ended: (job) => job.isEnded,
};

/** @type {readonly { readonly group: Group, readonly label: string }[]} */
export const GROUP_LABELS = [
  { group: 'all', label: 'All' },
  { group: 'active', label: 'Active' },
  { group: 'troubled', label: 'In trouble' },
  { group: 'ended', label: 'Ended' },
];

/** @param {readonly JobItem[]} jobs @param {Group} group */
export const countIn = (jobs, group) => jobs.filter(GROUPS[group]).length;

/** What nobody knows comes last, whatever the order. @type {Readonly<Record<SortKey, (job: JobItem) => string | number | null>>} */
const KEYS = {
  started: (job) => job.startedAt,
  name: (job) => job.name,
  status: (job) => job.status,
  lag: (job) => job.lag,
  watermark: (job) => job.watermark,
  errors: (job) => job.errors,
};

/** A text is a part of the name, or the beginning of the id. @param {readonly JobItem[]} jobs @param {Choice} choice @returns {readonly JobItem[]} */
export function chosenFrom(jobs, { text, group, sort, descends }) {
  const wanted = text.trim().toLowerCase();
  const key = KEYS[sort];
  return jobs
    .filter((job) => GROUPS[group](job) && (job.name.toLowerCase().includes(wanted) || job.id.startsWith(wanted)))
    .toSorted((a, b) => compare(key(a), key(b), descends ? -1 : 1) || b.startedAt - a.startedAt);
}

/** @param {string | number | null} a @param {string | number | null} b @param {1 | -1} sign */
function compare(a, b, sign) {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a === b ? 0 : a < b ? -sign : sign;
}

/** Another column begins with what is looked for: names from A, numbers from the greatest. @param {Choice} choice @param {SortKey} sort @returns {Choice} */
export const sortedBy = (choice, sort) => ({ ...choice, sort, descends: choice.sort === sort ? !choice.descends : sort !== 'name' && sort !== 'status' && sort !== 'watermark' });

/** The table of jobs, of which only what can be seen is drawn. */
import { html } from 'htm/preact';
import { jobAddress } from '../parts/route.js';
import { Status } from '../parts/status.js';
import { useNow } from '../parts/clock.js';
import { Heading, Space, useWindowRows } from '../parts/window-rows.js';
import { ago, bytes, count, fullTime, shortId, time, UNKNOWN } from '../words/format.js';

/** @import { JobItem } from '../types.js' */
/** @import { JobList } from '../rest/feed.js' */
/** @import { Choice, SortKey } from './choice.js' */

/** @type {readonly { readonly sort: SortKey, readonly label: string, readonly isNumber: boolean }[]} */
const COLUMNS = [
  { sort: 'status', label: 'Status', isNumber: false },
  { sort: 'name', label: 'Job', isNumber: false },
  { sort: 'lag', label: 'Lag', isNumber: true },
  { sort: 'watermark', label: 'Watermark', isNumber: true },
  { sort: 'errors', label: 'Errors', isNumber: true },
  { sort: 'started', label: 'Started', isNumber: true },
];

/** @param {{ jobs: readonly JobItem[], offsets: JobList['offsets'], choice: Choice, onSort: (sort: SortKey) => void }} props */
export function JobsTable({ jobs, offsets, choice, onSort }) {
  const { body, first, end, above, below } = useWindowRows(jobs.length);
  const now = useNow(10_000);
  return html`<table class="jobs windowed" role="table" aria-rowcount=${jobs.length + 1}>
    <caption class="unseen">Jobs</caption>
    <thead role="rowgroup"><tr role="row" aria-rowindex="1">${COLUMNS.map((column) => html`<${Heading} ...${column} order=${orderOf(choice, column.sort)} onSort=${() => onSort(column.sort)} />`)}</tr></thead>
    <tbody role="rowgroup" ref=${body}>
      <${Space} px=${above} columns=${COLUMNS.length} />
      ${jobs.slice(first, end).map((job, i) => html`<${Row} key=${job.id} job=${job} index=${first + i + 2} now=${now} lagWords=${offsets === 'bytes' ? bytes : count} />`)}
      <${Space} px=${below} columns=${COLUMNS.length} />
    </tbody>
  </table>`;
}

/** @param {Choice} choice @param {SortKey} sort */
const orderOf = (choice, sort) => (choice.sort === sort ? (choice.descends ? 'descending' : 'ascending') : null);

/** @param {{ job: JobItem, index: number, now: number, lagWords: (lag: number | null) => string }} props */
const Row = ({ job, index, now, lagWords }) => html`<tr role="row" aria-rowindex=${index}>
  <td role="cell" class="at-status"><${Status} status=${job.status} /></td>
  <th scope="row" role="rowheader" class="at-name"><a href=${jobAddress(job.id)}>${job.name}</a> <code class="faint">${shortId(job.id)}</code></th>
  <td role="cell" class="number" data-label="Lag">${lagWords(job.lag)}</td>
  <td role="cell" class="number" data-label="Watermark">${job.watermark === null ? UNKNOWN : time(job.watermark, now)}</td>
  <td role="cell" class="number ${job.errors > 0 ? 'bad' : ''}" data-label="Errors" title=${job.error === null ? null : `${job.error.code}: ${job.error.message}`}>${count(job.errors)}</td>
  <td role="cell" class="number" data-label="Started" title=${fullTime(job.startedAt)}>${ago(job.startedAt, now)}</td>
</tr>`;

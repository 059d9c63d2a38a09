/** Records that came late, and those that could not be taken in. */
import { html } from 'htm/preact';
import { Scroll } from '../parts/scroll.js';
import { Problem } from '../parts/problem.js';
import { useFetched } from '../rest/use-fetched.js';
import { ago, count, counted, fullTime } from '../words/format.js';

/** @import { Job, RecordError } from '../types.js' */
/** @import { Fetched } from '../rest/use-fetched.js' */

/** @typedef {{ readonly uid: string, readonly rows: number }} RowCount */
/** @typedef {{ readonly id: string, readonly topic: string, readonly partition: number, readonly skipped: number, readonly deadLetters: number, readonly ahead: number, readonly lost: number }} PassedOver */
/**
 * @typedef {object} Samples
 * @property {readonly RecordError[]} waiting
 * @property {readonly (RecordError & { count: number })[]} deadLetters
 * @property {readonly RowCount[]} late
 * @property {readonly RowCount[]} failed
 * @property {readonly PassedOver[]} passedOver
 */

/** How old it may be while the job goes on. */
const EVERY_MS = 5000;

/** @param {{ job: Job }} props */
export function Records({ job }) {
  const { value, error } = /** @type {Fetched<Samples>} */ (useFetched(`sluice/v1/jobs/${job.id}/samples`, Math.floor(job.now / EVERY_MS)));
  if (value === null) return error === null ? html`<p class="waiting">Loading the records …</p>` : html`<${Problem} failure=${error} />`;
  const { waiting, deadLetters, late, failed, passedOver } = value;
  const isClean = waiting.length + deadLetters.length + passedOver.length === 0 && [...late, ...failed].every(({ rows }) => rows === 0);
  return html`${error === null ? null : html`<${Problem} failure=${error} />`}
    ${isClean ? html`<p class="empty">No record was late, and none was bad.</p>` : null}
    <${Rows} title="Late rows" about="They came when their window had closed. They are counted, not kept." rows=${late} />
    <${Rows} title="Rows that functions failed on" about="They were left out, or are dead letters." rows=${failed} />
    <${Samples} title="Waiting behind a bad record" records=${waiting} now=${job.now} />
    <${Samples} title="Dead letters" records=${deadLetters} now=${job.now} />
    <${PassedOverTable} all=${passedOver} />`;
}

/** @param {{ title: string, about: string, rows: readonly RowCount[] }} props */
function Rows({ title, about, rows }) {
  const some = rows.filter((one) => one.rows > 0);
  if (some.length === 0) return null;
  return html`<section class="panel"><h2>${title}</h2><p class="note">${about}</p>
    <dl class="facts">${some.map(({ uid, rows: n }) => html`<div><dt>${uid}</dt><dd>${count(n)}</dd></div>`)}</dl></section>`;
}

/** @param {{ title: string, records: readonly (RecordError & { count?: number })[], now: number }} props */
const Samples = ({ title, records, now }) =>
  records.length === 0
    ? null
    : html`<section class="panel"><h2>${title}</h2><ul class="rows samples">${records.map(
        (one) => html`<li key=${`${one.partitionId} ${one.offset}`}><div>
          <p><strong>${one.topic} ${one.partition}</strong>, offset ${count(one.offset)} <span class="faint" title=${fullTime(one.at)}>${ago(one.at, now)}</span>${one.count === undefined || one.count === 1 ? '' : html` <span class="faint">· the last of ${counted(one.count, 'record')}</span>`}</p>
          ${one.excerpt === null ? null : html`<pre class="excerpt">${one.excerpt}</pre>`}
          <p><code class="bad">${one.code}</code> ${one.message}</p>${one.hint === null ? null : html`<p class="faint">${one.hint}</p>`}
        </div></li>`,
      )}</ul></section>`;

/** @param {{ all: readonly PassedOver[] }} props */
const PassedOverTable = ({ all }) =>
  all.length === 0
    ? null
    : html`<section class="panel"><h2>Passed over, by partition</h2><${Scroll} label="Passed over"><table>
        <thead><tr><th scope="col">Partition</th><th scope="col" class="number">Left out</th><th scope="col" class="number">Dead letters</th><th scope="col" class="number">Too far ahead</th><th scope="col" class="number">Lost</th></tr></thead>
        <tbody>${all.map((one) => html`<tr key=${one.id}><th scope="row">${one.topic} ${one.partition}</th><td class="number">${count(one.skipped)}</td><td class="number">${count(one.deadLetters)}</td><td class="number">${count(one.ahead)}</td><td class="number">${count(one.lost)}</td></tr>`)}</tbody>
      </table><//></section>`;

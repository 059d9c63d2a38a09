/** What statements came to. */
import { html } from 'htm/preact';
import { Problem } from '../parts/problem.js';
import { Scroll } from '../parts/scroll.js';
import { jobAddress } from '../parts/route.js';
import { count, counted, shortId } from '../words/format.js';

/** @import { Outcome } from './run.js' */

const KINDS = { INSERT: '+I', UPDATE_BEFORE: '-U', UPDATE_AFTER: '+U', DELETE: '-D' };

/** @param {{ outcomes: readonly Outcome[] }} props */
export const Results = ({ outcomes }) => html`<div class="results">${outcomes.map((outcome, i) => html`<${Result} key=${i} outcome=${outcome} />`)}</div>`;

/** @param {{ outcome: Outcome }} props */
const Result = ({ outcome }) => html`<section class="panel result ${outcome.state}" aria-label=${headOf(outcome)}>
  <p class="statement"><code>${headOf(outcome)}</code> <span class="faint" role="status">${stateOf(outcome)}</span> <span class="faint">${progressOf(outcome)}</span></p>
  ${outcome.job === null || outcome.isQuery ? null : html`<p>Job <a href=${jobAddress(outcome.job)}>${shortId(outcome.job)}</a> was submitted.</p>`}
  ${outcome.error === null ? null : html`<${Problem} failure=${outcome.error} />`}
  ${hasTable(outcome) ? html`<${Table} outcome=${outcome} />` : null}
</section>`;

/** @param {Outcome} outcome */
const headOf = ({ statement }) => statement.replace(/\s+/g, ' ').slice(0, 120);

/** `OK` is said without a table. @param {Outcome} outcome */
const isOk = ({ columns, rows }) => columns.length === 1 && columns[0]?.name === 'result' && rows.length === 1 && rows[0]?.fields[0] === 'OK';

/** @param {Outcome} outcome */
const hasTable = (outcome) => outcome.columns.length > 0 && !isOk(outcome) && (outcome.job === null || outcome.isQuery);

/** Seen, and not said: it changes four times a second. @param {Outcome} outcome */
const progressOf = ({ state, isQuery, total }) => (state === 'running' && isQuery ? `${counted(total, 'row')} so far` : '');

/** @param {Outcome} outcome */
function stateOf(outcome) {
  if (outcome.state === 'running') return 'running …';
  if (outcome.state === 'failed') return 'failed';
  if (isOk(outcome)) return 'OK';
  return `${hasTable(outcome) ? counted(outcome.total, 'row') : 'done'}${outcome.state === 'stopped' ? ', stopped' : ''}`;
}

/** @param {{ outcome: Outcome }} props */
function Table({ outcome: { columns, rows, total } }) {
  const isChangelog = rows.some(({ kind }) => kind !== 'INSERT');
  return html`<${Scroll} label="Rows"><table>
    ${total > rows.length ? html`<caption>The newest ${count(rows.length)} of ${count(total)} rows</caption>` : null}
    <thead><tr>${isChangelog ? html`<th scope="col">op</th>` : null}${columns.map(({ name, logicalType }) => html`<th scope="col" title=${logicalType.type}>${name}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr>${isChangelog ? html`<td><code>${KINDS[row.kind]}</code></td>` : null}${row.fields.map(cell)}</tr>`)}</tbody>
  </table><//>`;
}

/** @param {string | null} value */
const cell = (value) => (value === null ? html`<td class="faint">NULL</td>` : value.includes('\n') ? html`<td><pre>${value}</pre></td>` : html`<td>${value}</td>`);

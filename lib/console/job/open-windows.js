/** The windows that are open, the oldest first, each with its reason. */
import { html } from 'htm/preact';
import { Scroll } from '../parts/scroll.js';
import { count, counted, duration, span } from '../words/format.js';
import { whyWindowIsOpen } from '../words/why-open.js';

/** @import { Job, Operator } from '../types.js' */

/** @param {{ job: Job }} props */
export function OpenWindows({ job }) {
  const operators = (job.state?.operators ?? []).filter(({ kind }) => kind === 'window');
  if (operators.length === 0) return null;
  return html`<section class="panel" aria-labelledby="windows">
    <h2 id="windows">Open windows</h2>
    ${operators.map((operator) => html`<${OfOperator} key=${operator.uid} job=${job} operator=${operator} />`)}
  </section>`;
}

/** @param {{ job: Job, operator: Operator }} props */
function OfOperator({ job, operator }) {
  const { uid, windows, windowCount, lateRows } = operator;
  const late = lateRows === 0 ? '' : ` ${counted(lateRows, 'row')} came too late for their window.`;
  if (windows.length === 0) return html`<p class="note">${uid}: no window is open.${late}</p>`;
  const [oldest] = windows;
  return html`${oldest === undefined ? null : html`<p class="answer">${whyWindowIsOpen(job, operator, oldest).sentence}</p>`}
    <${Scroll} label="Open windows"><table>
      <caption>${uid}: ${counted(windowCount, 'open window')}${windowCount > windows.length ? `, the oldest ${count(windows.length)}` : ''}.${late}</caption>
      <thead><tr><th scope="col">Window</th><th scope="col" class="number">Entries</th><th scope="col" class="number">Age</th></tr></thead>
      <tbody>${windows.map((window) => html`<tr key=${window.end}><th scope="row">${span(window, job.now)}</th><td class="number">${count(window.entries)}</td><td class="number">${duration(job.now - window.start)}</td></tr>`)}</tbody>
    </table><//>`;
}

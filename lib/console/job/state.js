/** What a job keeps: open windows, state by state, and what that costs. */
import { html } from 'htm/preact';
import { Scroll } from '../parts/scroll.js';
import { bytes, count, counted, duration, fullTime, usd } from '../words/format.js';
import { OpenWindows } from './open-windows.js';

/** @import { Job, Operator, State } from '../types.js' */

/** @param {{ job: Job }} props */
export const StateTab = ({ job }) =>
  job.state === null
    ? html`<p class="empty">The job has no state that could be shown.</p>`
    : html`<${OpenWindows} job=${job} /><${States} job=${job} state=${job.state} /><${Costs} job=${job} />`;

/** @param {{ job: Job, state: State }} props */
function States({ job, state }) {
  const all = state.operators.flatMap((operator) => operator.states.map((use) => ({ operator, use }))).sort((a, b) => b.use.bytes - a.use.bytes);
  const greatest = Math.max(1, ...all.map(({ use }) => use.bytes));
  return html`<section class="panel" aria-labelledby="states">
    <h2 id="states">State</h2>
    <p>${growthIn(state)}</p>
    ${all.length === 0 ? html`<p class="note">Nothing is kept.</p>` : html`<${Scroll} label="State"><table>
      <thead><tr><th scope="col">State</th><th scope="col">Operator</th><th scope="col" class="number">Entries</th><th scope="col" class="number">Size</th><th scope="col">Oldest</th><th scope="col" class="number">Per month</th></tr></thead>
      <tbody>${all.map(
        ({ operator, use }) => html`<tr key=${`${operator.uid} ${use.name}`}><th scope="row">${use.name} <span class="faint">${use.kind}</span></th><td>${operator.uid}</td><td class="number">${count(use.entries)}</td>
          <td class="number sized"><meter min="0" max=${greatest} value=${use.bytes} aria-label=${`Share of ${use.name}`}></meter> ${bytes(use.bytes)}</td><td>${use.oldestAt === null ? '–' : `${duration(job.now - use.oldestAt)} old`}</td><td class="number">${usd(use.monthlyUsd)}</td></tr>`,
      )}</tbody></table><//>`}
    ${state.operators.map((operator) => html`<${TimersOf} key=${operator.uid} operator=${operator} />`)}
  </section>`;
}

/** @param {State} state */
function growthIn({ growth, stateBytes }) {
  const size = `The newest checkpoint holds ${bytes(stateBytes)}.`;
  if (growth === null) return size;
  const way = growth.bytes === 0 ? 'as much as' : `${bytes(Math.abs(growth.bytes))} ${growth.bytes > 0 ? 'more' : 'less'} than`;
  return `${size} That is ${way} ${duration(growth.to - growth.from)} before, with ${counted(Math.abs(growth.entries), 'key or pane').replace('key or panes', 'keys and panes')} ${growth.entries < 0 ? 'fewer' : 'more'}.`;
}

/** @param {{ operator: Operator }} props */
const TimersOf = ({ operator: { uid, timers } }) =>
  timers === null ? null : html`<p class="faint">Timers of ${uid}: ${count(timers.event.count)} in event time${timers.event.earliest === null ? '' : `, the first at ${fullTime(timers.event.earliest)}`}; ${count(timers.processing.count)} in processing time.</p>`;

/** @param {{ job: Job }} props */
const Costs = ({ job: { costs } }) =>
  costs === null
    ? null
    : html`<section class="panel" aria-labelledby="costs"><h2 id="costs">Cost</h2>
        <dl class="facts"><div><dt>So far</dt><dd>${usd(costs.soFar)}</dd></div><div><dt>Per month, at this rate</dt><dd>${usd(costs.perMonth)}</dd></div><div><dt>Of keeping the state, per month</dt><dd>${usd(costs.statePerMonth)}</dd></div></dl>
        <details><summary>What this counts</summary><ul>${costs.assumptions.map((text) => html`<li>${text}</li>`)}</ul></details></section>`;

/** How far an operation has come, step by step. */
import { html } from 'htm/preact';
import { useNow } from '../parts/clock.js';
import { useFetched } from '../rest/use-fetched.js';
import { duration } from '../words/format.js';

/** @typedef {{ readonly step: string, readonly steps: readonly string[], readonly since: number }} Steps */
/** @typedef {{ operation: (Steps & { id: string }) | null, savepoints: readonly (Steps & { trigger: string })[] }} UnderWay */

/** @param {{ job: string, trigger: string, what: string }} props */
export function Progress({ job, trigger, what }) {
  const now = useNow(500);
  const { value } = /** @type {{ value: UnderWay | null }} */ (useFetched(`sluice/v1/jobs/${job}/operation`, now));
  const found = value === null ? null : (value.savepoints.find((one) => one.trigger === trigger) ?? value.operation);
  return html`<div aria-busy="true"><p role="status">${what} …</p>${found === null ? null : html`<${StepList} ...${found} now=${now} />`}</div>`;
}

/** @param {Steps & { now: number }} props */
export function StepList({ step, steps, since, now }) {
  const at = steps.indexOf(step);
  return html`<ol class="steps">${steps.map((one, i) => html`<li class=${i < at ? 'done' : i === at ? 'now' : ''} aria-current=${i === at ? 'step' : null}>${one}</li>`)}</ol>
    <p class="faint">for ${duration(now - since)}</p>`;
}

/** What becomes of the state when a job goes on: kept, changed, dropped, empty or in the way. */
import { html } from 'htm/preact';
import { Problem } from '../parts/problem.js';

/** @import { Failure } from '../types.js' */

/** @typedef {'compatible' | 'partly compatible' | 'incompatible'} Verdict */
/** @typedef {{ readonly from: string, readonly name: string, readonly verdict: Verdict, readonly lines: readonly string[], readonly warnings: readonly Failure[] }} Compared */

/** @type {Readonly<Record<Verdict, string>>} */
const WORDS = {
  compatible: 'All state goes on.',
  'partly compatible': 'Some state would be dropped, or begin anew.',
  incompatible: 'Some state cannot be taken over.',
};

/** @param {{ compared: Compared }} props */
export const Comparison = ({ compared: { verdict, lines, warnings, from, name } }) => html`<section class="comparison ${verdict.replace(' ', '-')}" aria-label="What would happen">
  <p role="status"><strong>${WORDS[verdict]}</strong> <span class="faint">From ${from === '' ? 'the last state' : from} to ‘${name}’.</span></p>
  ${lines.length === 0 ? null : html`<ul>${lines.map((line) => html`<li><code>${line}</code></li>`)}</ul>`}
  ${warnings.map((failure) => html`<${Problem} failure=${failure} />`)}
</section>`;

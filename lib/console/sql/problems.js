/** What is wrong with the text, as a list that leads to the place. */
import { html } from 'htm/preact';

/** @import { SqlProblem } from './positions.js' */

/** @param {{ problems: readonly SqlProblem[], onChoose: (problem: SqlProblem) => void }} props */
export const Problems = ({ problems, onChoose }) => html`<div role="status">${problems.length === 0
  ? null
  : html`<ul class="sql-problems">${problems.map(
      (problem) => html`<li><button type="button" class="small" onClick=${() => onChoose(problem)}>Line ${problem.line}:${problem.column}</button>
        <span><code class="bad">${problem.code}</code> ${problem.message}${problem.hint === null ? null : html` <span class="faint">${problem.hint}</span>`}</span></li>`,
    )}</ul>`}</div>`;

/** All jobs. */
import { html } from 'htm/preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Problem } from '../parts/problem.js';
import { count, counted } from '../words/format.js';
import { chosenFrom, countIn, FIRST_CHOICE, GROUP_LABELS, sortedBy } from './choice.js';
import { JobsTable } from './jobs-table.js';

/** @import { Feed, JobList } from '../rest/feed.js' */
/** @import { Choice } from './choice.js' */

/** @param {{ feed: Feed }} props */
export function JobsView({ feed: { list, gone } }) {
  useEffect(() => {
    document.title = 'Jobs · Sluice';
  }, []);
  return html`<h1>Jobs</h1>
    ${gone === null ? null : html`<${Problem} failure=${gone} title="The jobs cannot be listed" />`}
    ${list === null ? html`<p class="waiting">Loading the jobs …</p>` : list.total === 0 ? html`<${NoJobs} />` : html`<${Chosen} list=${list} />`}`;
}

const NoJobs = () => html`<div class="empty"><p>There are no jobs yet.</p><p><a href="#/sql">Write an INSERT</a>, or submit one: <code>sluice sql -f job.sql</code></p></div>`;

/** @param {{ list: JobList }} props */
function Chosen({ list }) {
  const [choice, setChoice] = useState(FIRST_CHOICE);
  const jobs = useMemo(() => chosenFrom(list.jobs, choice), [list, choice]);
  return html`<${Chooser} list=${list} choice=${choice} found=${jobs.length} onChoice=${setChoice} />
    ${list.total > list.jobs.length ? html`<p class="note">The newest ${count(list.jobs.length)} of ${count(list.total)} jobs.</p>` : null}
    ${jobs.length === 0 ? html`<p class="empty">No job is like this.</p>` : html`<${JobsTable} jobs=${jobs} offsets=${list.offsets} choice=${choice} onSort=${(/** @type {Choice['sort']} */ sort) => setChoice(sortedBy(choice, sort))} />`}`;
}

/** @param {{ list: JobList, choice: Choice, found: number, onChoice: (choice: Choice) => void }} props */
const Chooser = ({ list, choice, found, onChoice }) => html`<div class="chooser" role="search">
    <label class="field grow"><span class="unseen">Filter by name or id</span>
      <input type="search" placeholder="Filter by name or id" value=${choice.text} onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) => onChoice({ ...choice, text: currentTarget.value })} />
    </label>
    <fieldset class="segments"><legend class="unseen">Which jobs</legend>
      ${GROUP_LABELS.map(
        ({ group, label }) => html`<label><input type="radio" name="group" checked=${choice.group === group} onChange=${() => onChoice({ ...choice, group })} />
          <span>${label} <b>${count(countIn(list.jobs, group))}</b></span></label>`,
      )}
    </fieldset>
    <p class="unseen" role="status">${counted(found, 'job')}</p>
  </div>`;

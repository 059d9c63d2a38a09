/** What a job can go on from. */
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { Scroll } from '../parts/scroll.js';
import { DisposeDialog } from '../operations/dispose-dialog.js';
import { ResumeDialog } from '../operations/resume-dialog.js';
import { Copyable } from '../parts/copy.js';
import { bytes, fullTime, ago } from '../words/format.js';
import { CheckpointNow } from '../operations/checkpoint-now.js';
import { Timeline } from './timeline.js';

/** @import { Job, Savepoint } from '../types.js' */

/** @param {{ job: Job }} props */
export const Checkpoints = ({ job }) => html`
  <section class="panel" aria-labelledby="line"><header><h2 id="line">Checkpoints and savepoints</h2>${job.isEnded ? null : html`<${CheckpointNow} job=${job} />`}</header>
    <${Timeline} job=${job} /><p class="note">${resumable(job)}</p></section>
  <${Savepoints} job=${job} />
  <${Kept} job=${job} />`;

/** @param {Job} job */
function resumable({ state, restored }) {
  const until = state?.resumableUntil ?? null;
  const from = restored === null ? '' : `It went on from ${restored.from}. `;
  return until === null ? `${from}The last state stays as long as the data directory is there.` : `${from}Without a savepoint it can be resumed until ${fullTime(until)}.`;
}

/** @param {{ job: Job }} props */
function Savepoints({ job }) {
  const [open, setOpen] = useState(/** @type {{ action: 'resume' | 'dispose', path: string } | null} */ (null));
  return html`<section class="panel" aria-labelledby="savepoints"><h2 id="savepoints">Savepoints</h2>
    ${job.savepoints.length === 0 ? html`<p class="note">None was taken yet.</p>` : html`<ul class="rows">${job.savepoints.map((one) => html`<${SavepointRow} key=${one.path} job=${job} savepoint=${one} onOpen=${setOpen} />`)}</ul>`}
    ${open === null ? null : open.action === 'resume' ? html`<${ResumeDialog} job=${job} from=${open.path} onClose=${() => setOpen(null)} />` : html`<${DisposeDialog} path=${open.path} onClose=${() => setOpen(null)} />`}
  </section>`;
}

/** @param {{ job: Job, savepoint: Savepoint, onOpen: (open: { action: 'resume' | 'dispose', path: string }) => void }} props */
const SavepointRow = ({ job, savepoint: { path, at, bytes: size, drained }, onOpen }) => html`<li>
  <div><strong>${fullTime(at)}</strong> <span class="faint">${ago(at, job.now)} · ${bytes(size)}${drained ? ' · drained' : ''}</span><br /><${Copyable} text=${path} what="the savepoint's path" /></div>
  <div class="actions">${job.isEnded ? html`<button type="button" onClick=${() => onOpen({ action: 'resume', path })} aria-label=${`Resume from the savepoint of ${fullTime(at)}`}>Resume from here …</button>` : null}
    <button type="button" class="quiet" onClick=${() => onOpen({ action: 'dispose', path })} aria-label=${`Delete the savepoint of ${fullTime(at)}`}>Delete …</button></div>
</li>`;

/** @param {{ job: Job }} props */
const Kept = ({ job: { state, now } }) =>
  (state?.checkpoints ?? []).length === 0
    ? null
    : html`<section class="panel" aria-labelledby="kept"><h2 id="kept">Checkpoints that are kept</h2><${Scroll} label="Checkpoints that are kept"><table>
        <thead><tr><th scope="col">Number</th><th scope="col">Taken</th><th scope="col" class="number">Size</th></tr></thead>
        <tbody>${state?.checkpoints.map(({ seq, at, bytes: size }) => html`<tr key=${seq}><th scope="row">${seq}</th><td>${fullTime(at)} <span class="faint">${ago(at, now)}</span></td><td class="number">${bytes(size)}</td></tr>`)}</tbody>
      </table><//></section>`;

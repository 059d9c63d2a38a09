/** What can be done to a job now, and what is being done. */
import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { CancelDialog } from './cancel-dialog.js';
import { StepList } from './progress.js';
import { ResumeDialog } from './resume-dialog.js';
import { SavepointDialog, StopDialog } from './savepoint-dialog.js';

/** @import { Job } from '../types.js' */

const DIALOGS = { savepoint: SavepointDialog, stop: StopDialog, cancel: CancelDialog, resume: ResumeDialog };

/** @param {{ job: Job }} props */
export function OperationBar({ job }) {
  const [open, setOpen] = useState(/** @type {keyof typeof DIALOGS | null} */ (null));
  const hasBeenOpen = useRef(false);
  const group = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => {
    // A job that has ended has other buttons: the one that had the focus may be gone.
    if (open === null && document.activeElement === document.body && hasBeenOpen.current) group.current?.querySelector('button')?.focus();
    hasBeenOpen.current ||= open !== null;
  }, [open, job.isEnded]);
  const button = (/** @type {keyof typeof DIALOGS} */ name, /** @type {string} */ label, kind = '') => html`<button type="button" class=${kind} onClick=${() => setOpen(name)}>${label}</button>`;
  return html`<div class="operations" role="group" ref=${group} aria-label="Operations">
      ${job.isEnded ? button('resume', 'Resume …', 'primary') : html`${button('savepoint', 'Savepoint …')} ${button('stop', 'Stop …')} ${button('cancel', 'Cancel …', 'danger')}`}
    </div>
    ${open === null ? null : html`<${DIALOGS[open]} job=${job} onClose=${() => setOpen(null)} />`}`;
}

/** @param {{ job: Job }} props */
export const UnderWay = ({ job: { operation, now } }) =>
  operation === null ? null : html`<div class="under-way"><p role="status">Under way: ${operation.kind}</p><${StepList} ...${operation} now=${now} /></div>`;

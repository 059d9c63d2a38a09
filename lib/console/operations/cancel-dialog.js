/** The end of a job, without a savepoint. */
import { html } from 'htm/preact';
import { useEffect } from 'preact/hooks';
import { Dialog } from '../parts/dialog.js';
import { Problem } from '../parts/problem.js';
import { cancel } from '../rest/operations.js';
import { Progress } from './progress.js';
import { useOperation } from './use-operation.js';

/** @import { Job } from '../types.js' */

/** @param {{ job: Job, onClose: () => void }} props */
export function CancelDialog({ job, onClose }) {
  const { phase, run } = useOperation(job.id);
  useEffect(() => {
    if (phase.kind === 'done') onClose();
  }, [phase]);
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    run(cancel);
  };
  return html`<${Dialog} title="Cancel this job?" onClose=${onClose}>
    <form onSubmit=${submit}>
      <p><strong>${job.name}</strong> ends at once, and no savepoint is taken. Its last state stays, so it can be resumed from there.</p>
      ${phase.kind === 'failed' ? html`<${Problem} failure=${phase.error} />` : null}
      ${phase.kind === 'running' ? html`<${Progress} job=${job.id} trigger=${phase.trigger} what="Canceling" />` : null}
      <div class="actions"><button type="button" autofocus onClick=${onClose}>Keep it running</button>
        <button type="submit" class="danger" disabled=${phase.kind === 'running'}>Cancel the job</button></div>
    </form>
  <//>`;
}

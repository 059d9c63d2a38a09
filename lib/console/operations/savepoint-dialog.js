/** A savepoint, while the job goes on; or behind which it ends. */
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { Dialog } from '../parts/dialog.js';
import { Problem } from '../parts/problem.js';
import { stop, takeSavepoint } from '../rest/operations.js';
import { directoryFor, DirectoryField, rememberDirectory } from './directory.js';
import { SavepointTaken } from './outcome.js';
import { Progress } from './progress.js';
import { useOperation } from './use-operation.js';

/** @import { Job } from '../types.js' */
/** @import { Phase } from './use-operation.js' */

/** @typedef {{ title: string, action: string, doing: string, done: string, about: string }} Words */

/** @type {Words} */
const SAVEPOINT = {
  title: 'Take a savepoint',
  action: 'Take savepoint',
  doing: 'Taking the savepoint',
  done: 'The savepoint is complete, and the job goes on.',
  about: 'The job goes on. A savepoint stays until it is deleted.',
};

/** @type {Words} */
const STOP = {
  title: 'Stop with a savepoint',
  action: 'Stop the job',
  doing: 'Stopping the job',
  done: 'The job has stopped behind this savepoint.',
  about: 'The job reads no further, writes a savepoint and ends. It can be resumed from there.',
};

/** @param {{ job: Job, onClose: () => void }} props */
export function SavepointDialog({ job, onClose }) {
  const { phase, run } = useOperation(job.id);
  return html`<${Asking} words=${SAVEPOINT} job=${job} phase=${phase} onClose=${onClose} onRun=${(/** @type {string} */ directory) => run((call) => takeSavepoint(call, directory))} />`;
}

/** @param {{ job: Job, onClose: () => void }} props */
export function StopDialog({ job, onClose }) {
  const [drain, setDrain] = useState(false);
  const { phase, run } = useOperation(job.id);
  return html`<${Asking} words=${STOP} job=${job} phase=${phase} onClose=${onClose} onRun=${(/** @type {string} */ directory) => run((call) => stop(call, directory, drain))}>
    <label class="check"><input type="checkbox" checked=${drain} onChange=${() => setDrain(!drain)} />
      <span>Drain<small>All open windows close first, and their results are final: for a job that will not be resumed.</small></span></label>
  <//>`;
}

/** @param {{ words: Words, job: Job, phase: Phase<string>, onRun: (directory: string) => void, onClose: () => void, children?: unknown }} props */
function Asking({ words, job, phase, onRun, onClose, children }) {
  const [directory, setDirectory] = useState(() => directoryFor(job));
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    rememberDirectory(directory);
    onRun(directory.trim());
  };
  return html`<${Dialog} title=${words.title} onClose=${onClose}>
    ${phase.kind === 'done'
      ? html`<${SavepointTaken} path=${phase.result} title=${words.done} onClose=${onClose} />`
      : html`<form onSubmit=${submit}>
          <p class="faint">${words.about}</p>
          <${DirectoryField} value=${directory} onValue=${setDirectory} />
          ${children}
          ${phase.kind === 'failed' ? html`<${Problem} failure=${phase.error} />` : null}
          ${phase.kind === 'running' ? html`<${Progress} job=${job.id} trigger=${phase.trigger} what=${words.doing} />` : null}
          <div class="actions"><button type="button" onClick=${onClose}>${phase.kind === 'running' ? 'Close' : 'Not now'}</button>
            <button type="submit" class="primary" disabled=${phase.kind === 'running'}>${words.action}</button></div>
        </form>`}
  <//>`;
}

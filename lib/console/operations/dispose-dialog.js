/** The end of a savepoint. */
import { html } from 'htm/preact';
import { useEffect } from 'preact/hooks';
import { Dialog } from '../parts/dialog.js';
import { Problem } from '../parts/problem.js';
import { dispose } from '../rest/operations.js';
import { useOperation } from './use-operation.js';

/** @param {{ path: string, onClose: () => void }} props */
export function DisposeDialog({ path, onClose }) {
  const { phase, run } = useOperation('');
  useEffect(() => {
    if (phase.kind === 'done') onClose();
  }, [phase]);
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    run(({ signal }) => dispose(path, signal));
  };
  return html`<${Dialog} title="Delete this savepoint?" onClose=${onClose}>
    <form onSubmit=${submit}>
      <p>Its files are deleted for good. No job can be resumed from it any more.</p><p><code>${path}</code></p>
      ${phase.kind === 'failed' ? html`<${Problem} failure=${phase.error} />` : null}
      <div class="actions"><button type="button" autofocus onClick=${onClose}>Keep it</button><button type="submit" class="danger" disabled=${phase.kind === 'running'}>Delete it</button></div>
    </form>
  <//>`;
}

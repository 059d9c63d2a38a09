/** A job that has ended goes on. What becomes of its state is shown before anything is done. */
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { Dialog } from '../parts/dialog.js';
import { Problem } from '../parts/problem.js';
import { request } from '../rest/request.js';
import { resume } from '../rest/operations.js';
import { Comparison } from './comparison.js';
import { Progress } from './progress.js';
import { StartingPoint } from './starting-point.js';
import { useOperation } from './use-operation.js';

/** @import { Job } from '../types.js' */
/** @import { Resumption } from '../rest/operations.js' */
/** @import { Compared } from './comparison.js' */

/** `from`: '' is the last state. @typedef {{ from: string, sql: string, allowNonRestored: boolean, allowOffsetGap: boolean }} Wish */

/** @param {Wish} wish @returns {Resumption} */
const resumptionOf = ({ from, sql, allowNonRestored, allowOffsetGap }) => ({
  ...(from.trim() === '' ? {} : { savepoint: from.trim() }),
  ...(sql.trim() === '' ? {} : { sql }),
  allowNonRestored,
  allowOffsetGap,
});

/** @param {{ job: Job, from?: string, onClose: () => void }} props */
export function ResumeDialog({ job, from = '', onClose }) {
  const [wish, setWish] = useState(/** @type {Wish} */ ({ from, sql: '', allowNonRestored: false, allowOffsetGap: false }));
  const [checkedWish, setCheckedWish] = useState(/** @type {Wish | null} */ (null));
  const checking = useOperation(job.id);
  const resuming = useOperation(job.id);
  const isChecked = checkedWish === wish && checking.phase.kind === 'done';
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (isChecked) return resuming.run((call) => resume(call, resumptionOf(wish)));
    setCheckedWish(wish);
    checking.run(() => request('POST', `sluice/v1/jobs/${job.id}/resume/check`, resumptionOf(wish)));
  };
  useEffect(() => {
    if (resuming.phase.kind === 'done') onClose();
  }, [resuming.phase]);
  const isBusy = resuming.phase.kind === 'running' || checking.phase.kind === 'running';
  return html`<${Dialog} title="Resume" onClose=${onClose} isWide>
    <form onSubmit=${submit}>
      <${StartingPoint} job=${job} value=${wish.from} onValue=${(/** @type {string} */ next) => setWish({ ...wish, from: next })} />
      <${NewSql} value=${wish.sql} onValue=${(/** @type {string} */ sql) => setWish({ ...wish, sql })} />
      <${Allowances} wish=${wish} onWish=${setWish} />
      ${checkedWish === wish && checking.phase.kind === 'failed' ? html`<${Problem} failure=${checking.phase.error} />` : null}
      ${isChecked && checking.phase.kind === 'done' ? html`<${Comparison} compared=${/** @type {Compared} */ (checking.phase.result)} />` : null}
      ${resuming.phase.kind === 'failed' ? html`<${Problem} failure=${resuming.phase.error} />` : null}
      ${resuming.phase.kind === 'running' ? html`<${Progress} job=${job.id} trigger=${resuming.phase.trigger} what="Resuming" />` : null}
      <div class="actions"><button type="button" onClick=${onClose}>${resuming.phase.kind === 'running' ? 'Close' : 'Not now'}</button>
        <button type="submit" class="primary" disabled=${isBusy}>${isChecked ? 'Resume the job' : 'Show what would happen'}</button></div>
    </form>
  <//>`;
}

/** @param {{ value: string, onValue: (value: string) => void }} props */
const NewSql = ({ value, onValue }) => html`<details>
  <summary>With other SQL</summary>
  <label class="field"><span class="unseen">SQL</span>
    <textarea rows="8" spellcheck=${false} placeholder="CREATE TABLE …; INSERT INTO …" value=${value} onInput=${(/** @type {{ currentTarget: HTMLTextAreaElement }} */ { currentTarget }) => onValue(currentTarget.value)}></textarea>
    <small>The last INSERT is what the job shall be. Empty: as it was.</small></label>
</details>`;

/** @param {{ wish: Wish, onWish: (wish: Wish) => void }} props */
const Allowances = ({ wish, onWish }) => html`<fieldset class="choices"><legend class="unseen">What may be lost</legend>
  <label class="check"><input type="checkbox" checked=${wish.allowNonRestored} onChange=${() => onWish({ ...wish, allowNonRestored: !wish.allowNonRestored })} />
    <span>Drop state that the new plan has no place for</span></label>
  <label class="check"><input type="checkbox" checked=${wish.allowOffsetGap} onChange=${() => onWish({ ...wish, allowOffsetGap: !wish.allowOffsetGap })} />
    <span>Go on although records behind the state are gone</span></label>
</fieldset>`;

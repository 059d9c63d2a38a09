/** From where a job goes on: its last state, a savepoint that it took, or one that is named. */
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { bytes, fullTime } from '../words/format.js';

/** @import { Job } from '../types.js' */

const SHOWN_MAX = 8;

/** @param {{ job: Job, value: string, onValue: (value: string) => void }} props `value`: '' is the last state */
export function StartingPoint({ job, value, onValue }) {
  const known = job.savepoints.slice(0, SHOWN_MAX);
  const [isOther, setOther] = useState(value !== '' && !known.some(({ path }) => path === value));
  const choose = (/** @type {string} */ path) => {
    setOther(false);
    onValue(path);
  };
  return html`<fieldset class="choices"><legend>From</legend>
    <label class="check"><input type="radio" name="from" checked=${!isOther && value === ''} onChange=${() => choose('')} />
      <span>Its last state<small>Where it stood when it ended.</small></span></label>
    ${known.map(
      ({ path, at, bytes: size, drained }) => html`<label class="check"><input type="radio" name="from" checked=${!isOther && value === path} onChange=${() => choose(path)} />
        <span><span>The savepoint of ${fullTime(at)}</span><small>${bytes(size)}${drained ? ', drained' : ''} · <code>${path}</code></small></span></label>`,
    )}
    <label class="check"><input type="radio" name="from" checked=${isOther} onChange=${() => setOther(true)} /><span>Another savepoint</span></label>
    ${isOther
      ? html`<label class="field"><span class="unseen">Path of the savepoint</span>
          <input value=${value} required spellcheck=${false} placeholder="/savepoints/savepoint-3f9a21-0c1d2e3f4a5b" onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) => onValue(currentTarget.value)} /></label>`
      : null}
  </fieldset>`;
}

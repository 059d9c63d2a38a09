/** Where savepoints go: what the job's options say, or what was named last. */
import { html } from 'htm/preact';

/** @import { Job } from '../types.js' */

const KEY = 'sluice-savepoint-directory';
const OPTIONS = ['execution.checkpointing.savepoint-dir', 'state.savepoints.dir'];

/** @param {Job} job @returns {string} */
export const directoryFor = ({ options }) => OPTIONS.map((key) => options[key]).find((path) => path !== undefined) ?? localStorage.getItem(KEY) ?? '';

export const rememberDirectory = (/** @type {string} */ path) => localStorage.setItem(KEY, path);

/** @param {{ value: string, onValue: (value: string) => void }} props */
export const DirectoryField = ({ value, onValue }) => html`<label class="field"><span>Directory</span>
  <input maxlength="4096" autofocus value=${value} spellcheck=${false} autocomplete="off" placeholder="/savepoints or s3://bucket/savepoints" onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) => onValue(currentTarget.value)} />
  <small>A path or URL, in which the savepoint gets a directory of its own. Empty: where the server keeps savepoints.</small></label>`;

/** The status of a job: a word, a shape and a colour. */
import { html } from 'htm/preact';

/** @import { JobStatus } from '../types.js' */

/** @type {Readonly<Record<JobStatus, 'good' | 'busy' | 'bad' | 'still'>>} */
const MOODS = { CREATED: 'busy', RUNNING: 'good', RESTARTING: 'bad', CANCELLING: 'busy', SUSPENDING: 'busy', CANCELED: 'still', FINISHED: 'still', FAILED: 'bad' };

/** @param {{ status: JobStatus }} props */
export const Status = ({ status }) => html`<span class="status ${MOODS[status]}">${status}</span>`;

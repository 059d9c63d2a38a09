/** A checkpoint that somebody asks for. */
import { html } from 'htm/preact';
import { takeCheckpoint } from '../rest/operations.js';
import { useOperation } from './use-operation.js';

/** @import { Job } from '../types.js' */

/** @param {{ job: Job }} props */
export function CheckpointNow({ job }) {
  const { phase, run } = useOperation(job.id);
  const said = phase.kind === 'done' ? `Checkpoint ${phase.result} is complete.` : phase.kind === 'failed' ? phase.error.message : '';
  return html`<span class="inline"><span role="status" class="faint">${said}</span><button type="button" disabled=${phase.kind === 'running'} onClick=${() => run(takeCheckpoint)}>Checkpoint now</button></span>`;
}

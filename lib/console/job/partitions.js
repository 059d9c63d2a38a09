/** The partitions of a job's sources: where they stand, and which one holds the watermark. */
import { html } from 'htm/preact';
import { useMemo, useState } from 'preact/hooks';
import { Problem } from '../parts/problem.js';
import { useFetched } from '../rest/use-fetched.js';
import { ago, count, counted, time } from '../words/format.js';
import { holderOf } from '../words/why-open.js';
import { PartitionsTable } from './partitions-table.js';

/** @import { Job, Partition, Source } from '../types.js' */
/** @import { Fetched } from '../rest/use-fetched.js' */

/** @typedef {{ readonly partitions: readonly Partition[], readonly total: number, readonly next: string | null }} Page */

/** The server's bound. */
const SHOWN_MAX = 1000;
/** How old the table may be while the job goes on. */
const EVERY_MS = 3000;

/** @param {{ job: Job }} props */
export function Partitions({ job }) {
  const sources = job.state?.sources ?? [];
  const [uid, setUid] = useState(sources[0]?.uid ?? '');
  const source = sources.find((one) => one.uid === uid) ?? sources[0];
  if (source === undefined) return html`<p class="empty">The job reads no partitions.</p>`;
  return html`<section class="stack" aria-labelledby="partitions">
    <h2 id="partitions" title=${source.table}>Partitions of ${source.table.split('.').at(-1)}</h2>
    ${sources.length < 2 ? null : html`<label class="field"><span>Source</span><select value=${source.uid} onChange=${(/** @type {{ currentTarget: HTMLSelectElement }} */ { currentTarget }) => setUid(currentTarget.value)}>
      ${sources.map((one) => html`<option value=${one.uid}>${one.table} (${one.uid})</option>`)}</select></label>`}
    <p class="answer">${heldBy(source, job.now)}</p>
    <${Listed} key=${source.uid} job=${job} source=${source} />
  </section>`;
}

/** @param {Source} source @param {number} now */
function heldBy(source, now) {
  const { watermark, idleCount } = source;
  const holder = holderOf(source);
  const idle = idleCount === 0 ? '' : ` ${counted(idleCount, 'partition')} ${idleCount === 1 ? 'is' : 'are'} idle and ${idleCount === 1 ? 'does' : 'do'} not count.`;
  const place = holder === null ? '' : `partition ${holder.partition} of topic ${holder.topic}`;
  if (watermark === null) return `There is no watermark yet${holder === null ? '' : `: ${place} has sent nothing that has one`}.${idle}`;
  const at = `The watermark is ${time(watermark, now)}`;
  if (holder === null) return `${at}.${idle}`;
  const since = holder.dataAt === null ? '' : `, whose newest record came ${ago(holder.dataAt, now)}`;
  return `${at}, held by ${place}${since}.${idle}`;
}

/** @param {{ job: Job, source: Source }} props */
function Listed({ job, source }) {
  const version = job.isEnded ? null : Math.floor(job.now / EVERY_MS);
  const { value, error } = /** @type {Fetched<Page>} */ (useFetched(`sluice/v1/jobs/${job.id}/partitions?source=${encodeURIComponent(source.uid)}&limit=${SHOWN_MAX}`, version));
  const partitions = useMemo(() => value?.partitions ?? [], [value]);
  if (value === null) return error === null ? html`<p class="waiting">Loading the partitions …</p>` : html`<${Problem} failure=${error} />`;
  return html`${error === null ? null : html`<${Problem} failure=${error} />`}
    ${value.total > partitions.length ? html`<p class="note">The first ${count(partitions.length)} of ${count(value.total)} partitions.</p>` : null}
    <${PartitionsTable} partitions=${partitions} now=${job.now} offsets=${job.offsets} />`;
}


/** Checkpoints and savepoints on one line of time. */
import { html } from 'htm/preact';
import { clock, fullTime } from '../words/format.js';

/** @import { Job } from '../types.js' */

/** @typedef {{ readonly kind: 'start' | 'checkpoint' | 'savepoint', readonly at: number, readonly label: string }} Mark */

const WIDTH = 1000;
const HEIGHT = 64;
const LINE = 30;
const MARGIN = 14;

/** Oldest first. @param {Job} job @returns {Mark[]} */
const marksOf = ({ startedAt, savepoints, state }) =>
  [
    /** @type {Mark} */ ({ kind: 'start', at: startedAt, label: `Started ${fullTime(startedAt)}` }),
    ...savepoints.map(({ at }) => /** @type {Mark} */ ({ kind: 'savepoint', at, label: `Savepoint ${fullTime(at)}` })),
    ...(state?.checkpoints ?? []).map(({ at, seq }) => /** @type {Mark} */ ({ kind: 'checkpoint', at, label: `Checkpoint ${seq}, ${fullTime(at)}` })),
  ].sort((a, b) => a.at - b.at);

/** Share of the line, 0 to 1. @param {number} at @param {number} from @param {number} to */
const shareOf = (at, from, to) => (to <= from ? 1 : Math.min(1, Math.max(0, (at - from) / (to - from))));

/** @param {{ job: Job }} props */
export function Timeline({ job }) {
  const marks = marksOf(job);
  const [from, to] = [marks[0]?.at ?? job.startedAt, job.isEnded ? Math.max(job.changedAt, marks.at(-1)?.at ?? 0) : job.now];
  const x = (/** @type {number} */ at) => MARGIN + shareOf(at, from, to) * (WIDTH - 2 * MARGIN);
  const counts = { checkpoint: marks.filter(({ kind }) => kind === 'checkpoint').length, savepoint: marks.filter(({ kind }) => kind === 'savepoint').length };
  return html`<figure class="timeline">
    <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${`From ${fullTime(from)} to ${fullTime(to)}: ${counts.savepoint} savepoints and ${counts.checkpoint} kept checkpoints. The tables below list them.`}>
      <line x1=${MARGIN} x2=${WIDTH - MARGIN} y1=${LINE} y2=${LINE} class="axis" />
      ${marks.map(({ kind, at }) => html`<line class=${kind} x1=${x(at)} x2=${x(at)} y1=${LINE - (kind === 'savepoint' ? 22 : 11)} y2=${LINE + (kind === 'savepoint' ? 22 : 11)} />`)}
    </svg>
    <figcaption><span>${clock(from, job.now)}</span><span class="legend"><i class="savepoint"></i>savepoint <i class="checkpoint"></i>checkpoint that is kept</span><span>${job.isEnded ? clock(to, job.now) : 'now'}</span></figcaption>
  </figure>`;
}

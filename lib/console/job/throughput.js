/** Throughput and lag over time. */
import { html } from 'htm/preact';
import { useMemo, useState } from 'preact/hooks';
import { Scroll } from '../parts/scroll.js';
import { Chart } from '../parts/chart.js';
import { Problem } from '../parts/problem.js';
import { useFetched } from '../rest/use-fetched.js';
import { bytes, clock, count } from '../words/format.js';
import { inWords, joined, lineOf } from './series.js';

/** @import { Job, Sample } from '../types.js' */
/** @import { History, Measure } from './series.js' */
/** @import { Fetched } from '../rest/use-fetched.js' */

/** In the table that stands for a chart. */
const ROWS_MAX = 20;

/** How old what is kept may be: samples that the stream has brought stand behind it, for a quarter of an hour. Without a stream there are none. */
const EVERY_MS = { live: 60_000, polling: 6000 };

/** @param {{ job: Job, samples: readonly Sample[] }} props */
export function Throughput({ job, samples }) {
  const [isLong, setLong] = useState(false);
  const version = Math.floor(job.now / (samples.length > 0 ? EVERY_MS.live : EVERY_MS.polling));
  const { value, error } = /** @type {Fetched<History>} */ (useFetched(`sluice/v1/jobs/${job.id}/history`, version));
  const shown = useMemo(() => joined(isLong ? (value?.minutes ?? []) : (value?.seconds ?? []), samples), [isLong, value, samples]);
  const lagWords = job.offsets === 'bytes' ? bytes : count;
  return html`<section class="panel" aria-labelledby="throughput">
    <header><h2 id="throughput">Throughput and lag</h2>
      <fieldset class="segments small"><legend class="unseen">Time shown</legend>
        <label><input type="radio" name="span" checked=${!isLong} onChange=${() => setLong(false)} /><span>Minutes</span></label>
        <label><input type="radio" name="span" checked=${isLong} onChange=${() => setLong(true)} /><span>Day</span></label>
      </fieldset></header>
    ${error === null ? null : html`<${Problem} failure=${error} />`}
    <div class="charts">
      <${Figure} samples=${shown} measure="recordsPerSecond" label="Records per second" words=${count} />
      <${Figure} samples=${shown} measure="lag" label="Lag" words=${lagWords} />
    </div>
    <details><summary>As a table</summary><${AsTable} samples=${shown} now=${job.now} lagWords=${lagWords} /></details>
  </section>`;
}

/** @param {{ samples: readonly Sample[], measure: Measure, label: string, words: (value: number) => string }} props */
function Figure({ samples, measure, label, words }) {
  const line = useMemo(() => lineOf(samples, measure), [samples, measure]);
  const summary = inWords(samples, measure, words);
  return html`<figure><figcaption><strong>${label}</strong> <span class="faint">${summary}</span></figcaption><${Chart} line=${line} label=${label} summary=${summary} words=${words} /></figure>`;
}

/** @param {{ samples: readonly Sample[], now: number, lagWords: (value: number | null) => string }} props */
const AsTable = ({ samples, now, lagWords }) => html`<${Scroll} label="Samples"><table>
  <caption>The newest ${ROWS_MAX} samples</caption>
  <thead><tr><th scope="col">Time</th><th scope="col" class="number">Records per second</th><th scope="col" class="number">Lag</th><th scope="col" class="number">State</th></tr></thead>
  <tbody>${samples.slice(-ROWS_MAX).toReversed().map(
    ({ at, recordsPerSecond, lag, stateBytes }) => html`<tr key=${at}><th scope="row">${clock(at, now)}</th><td class="number">${count(recordsPerSecond)}</td><td class="number">${lagWords(lag)}</td><td class="number">${bytes(stateBytes)}</td></tr>`,
  )}</tbody></table><//>`;

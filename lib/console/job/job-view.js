/** One job. */
import { html } from 'htm/preact';
import { useEffect, useRef } from 'preact/hooks';
import { OperationBar, UnderWay } from '../operations/operation-bar.js';
import { Copyable } from '../parts/copy.js';
import { Problem } from '../parts/problem.js';
import { jobAddress, TABS } from '../parts/route.js';
import { Status } from '../parts/status.js';
import { shortId } from '../words/format.js';
import { Checkpoints } from './checkpoints.js';
import { Facts } from './facts.js';
import { Overview } from './overview.js';
import { Partitions } from './partitions.js';
import { Records } from './records.js';
import { StateTab } from './state.js';

/** @import { Feed } from '../rest/feed.js' */
/** @import { Tab } from '../parts/route.js' */
/** @import { Job } from '../types.js' */

const VIEWS = { overview: Overview, partitions: Partitions, state: StateTab, checkpoints: Checkpoints, records: Records };
/** @type {Readonly<Record<Tab, string>>} */
const LABELS = { overview: 'Overview', partitions: 'Partitions', state: 'Windows and state', checkpoints: 'Checkpoints', records: 'Late and bad records' };

/** @param {{ id: string, tab: Tab, feed: Feed }} props */
export function JobView({ id, tab, feed: { job, gone, samples, error } }) {
  useEffect(() => {
    document.title = job === null ? 'Job · Sluice' : `${job.name} · ${LABELS[tab]} · Sluice`;
  }, [job?.name, tab]);
  if (job === null) {
    const failure = gone ?? (error !== null && error.status !== 0 ? error : null);
    return html`<h1>Job ${shortId(id)}</h1>${failure === null ? html`<p class="waiting">Loading the job …</p>` : html`<${Problem} failure=${failure} />`}<p><a href="#/jobs">All jobs</a></p>`;
  }
  return html`<${Head} job=${job} />
    ${gone === null ? null : html`<${Problem} failure=${gone} title="What you see is old" />`}
    <${Troubles} job=${job} />
    <${Tabs} id=${id} tab=${tab} />
    <${VIEWS[tab]} job=${job} samples=${samples} />`;
}

/** @param {{ id: string, tab: Tab }} props */
function Tabs({ id, tab }) {
  const nav = useRef(/** @type {HTMLElement | null} */ (null));
  // On a phone there is room for some of them.
  useEffect(() => nav.current?.querySelector('[aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' }), [tab]);
  return html`<nav class="tabs" aria-label="Views of the job" ref=${nav}>${TABS.map((one) => html`<a href=${jobAddress(id, one)} aria-current=${one === tab ? 'page' : null}>${LABELS[one]}</a>`)}</nav>`;
}

/** Long names break where their parts end. @param {string} name */
const breakable = (name) => name.split(/(?<=[._-])/).flatMap((part) => [part, html`<wbr />`]);

/** @param {{ job: Job }} props */
const Head = ({ job }) => html`<header class="job-head">
  <div class="title">
    <h1>${breakable(job.name)}</h1>
    <p><${Status} status=${job.status} /> <${Copyable} text=${job.id} shown=${shortId(job.id)} what="the job's id" /></p>
    <span class="unseen" role="status">The job is ${job.status}.</span>
  </div>
  <${OperationBar} job=${job} />
  <${UnderWay} job=${job} />
  <${Facts} job=${job} />
</header>`;

/** What holds the job up, or has ended it. @param {{ job: Job }} props */
const Troubles = ({ job: { failure, unreadable, fireError, recordErrors, sinkErrors } }) => html`
  ${failure === null ? null : html`<${Problem} failure=${failure} title="The job has failed" />`}
  ${unreadable === null ? null : html`<${Problem} failure=${unreadable} title="Its state cannot be read" />`}
  ${fireError === null ? null : html`<${Problem} failure=${fireError} title="The next results cannot be computed" />`}
  ${recordErrors.slice(0, 1).map((one) => html`<${Problem} failure=${one} title=${`Partition ${one.partition} of ${one.topic} waits behind a record that cannot be taken in`} />`)}
  ${sinkErrors.slice(0, 1).map((one) => html`<${Problem} failure=${one} title=${`The sink ${one.table} does not take rows`} />`)}`;

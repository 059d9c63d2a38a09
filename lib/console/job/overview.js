/** What a job does, and what it waits for. */
import { html } from 'htm/preact';
import { Graph } from './graph.js';
import { Throughput } from './throughput.js';
import { WhyOpen } from './why.js';

/** @import { Job, Sample } from '../types.js' */

/** @param {{ job: Job, samples: readonly Sample[] }} props */
export const Overview = ({ job, samples }) => html`
  <${WhyOpen} job=${job} />
  <${Throughput} job=${job} samples=${samples} />
  ${job.plan === null ? null : html`<${Graph} job=${job} plan=${job.plan} />`}`;

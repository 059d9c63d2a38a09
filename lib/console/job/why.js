/** Why windows are still open, in words. */
import { html } from 'htm/preact';
import { jobAddress } from '../parts/route.js';
import { counted } from '../words/format.js';
import { whyOpen } from '../words/why-open.js';

/** @import { Job } from '../types.js' */

/** @param {{ job: Job }} props */
export function WhyOpen({ job }) {
  const answers = whyOpen(job);
  const hasWindows = (job.state?.operators ?? []).some(({ kind }) => kind === 'window');
  if (!hasWindows) return null;
  return html`<section class="why panel" aria-labelledby="why">
    <h2 id="why">Why is a window open?</h2>
    ${answers.length === 0 ? html`<p class="answer">No window is open.</p>` : null}
    ${answers.map(
      ({ operator, answer: { sentence, advice } }) => html`
        <p class="answer">${sentence}</p>
        ${advice === null ? null : html`<p class="faint">${advice}</p>`}
        ${operator.windowCount > 1 ? html`<p class="faint">${counted(operator.windowCount - 1, 'later window')} of ${operator.uid} ${operator.windowCount === 2 ? 'is' : 'are'} open too. <a href=${jobAddress(job.id, 'state')}>All open windows</a></p>` : null}`,
    )}
  </section>`;
}

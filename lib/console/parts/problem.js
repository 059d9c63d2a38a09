/** Something that went wrong, in the server's words: code, message, hint. */
import { html } from 'htm/preact';

/** @param {{ failure: { code: string | null, message: string, hint: string | null }, title?: string }} props */
export const Problem = ({ failure: { code, message, hint }, title }) => html`
  <div class="problem" role="alert">
    ${title === undefined ? null : html`<strong>${title}</strong>`}
    <p>${code === null ? null : html`<code class="code">${code}</code> `}${message.includes('\n') ? html`<pre>${message}</pre>` : message}</p>
    ${hint === null ? null : html`<p class="hint">${hint}</p>`}
  </div>`;

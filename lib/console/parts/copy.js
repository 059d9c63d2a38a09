/** Text that is meant to be taken along. */
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';

/** @param {{ text: string, what: string, shown?: string }} props `what`: for screen readers */
export function Copyable({ text, what, shown = text }) {
  const [isCopied, setCopied] = useState(false);
  const copy = () => navigator.clipboard?.writeText(text).then(() => setCopied(true), () => setCopied(false));
  return html`<span class="copyable"><code title=${text}>${shown}</code>
    <button type="button" class="quiet small" onClick=${copy} aria-label=${`Copy ${what}`}>${isCopied ? 'Copied' : 'Copy'}</button></span>`;
}

/** What an operation came to. */
import { html } from 'htm/preact';
import { useEffect, useRef } from 'preact/hooks';
import { Copyable } from '../parts/copy.js';

/** @param {{ path: string, title: string, onClose: () => void }} props */
export function SavepointTaken({ path, title, onClose }) {
  const done = useRef(/** @type {HTMLButtonElement | null} */ (null));
  // The button that had the focus is gone.
  useEffect(() => done.current?.focus(), []);
  return html`<div class="body">
  <p role="status">${title}</p>
  <${Copyable} text=${path} what="the savepoint's path" />
  <div class="actions"><button type="button" class="primary" ref=${done} onClick=${onClose}>Done</button></div>
  </div>`;
}

/** What an operation came to. */
import { html } from 'htm/preact';
import { Copyable } from '../parts/copy.js';

/** @param {{ path: string, title: string, onClose: () => void }} props */
export const SavepointTaken = ({ path, title, onClose }) => html`<div class="body">
  <p role="status">${title}</p>
  <${Copyable} text=${path} what="the savepoint's path" />
  <div class="actions"><button type="button" class="primary" autofocus onClick=${onClose}>Done</button></div>
</div>`;

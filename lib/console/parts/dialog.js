/** The native dialog, which keeps the focus inside and gives it back. */
import { html } from 'htm/preact';
import { useEffect, useId, useRef } from 'preact/hooks';

/** @param {{ title: string, onClose: () => void, children?: unknown, isWide?: boolean }} props */
export function Dialog({ title, onClose, children, isWide = false }) {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const id = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return html`<dialog ref=${element} class=${isWide ? 'wide' : ''} aria-labelledby=${id} onClose=${onClose}>
    <header><h2 id=${id}>${title}</h2><button type="button" class="quiet" onClick=${onClose} aria-label="Close">✕</button></header>
    ${children}
  </dialog>`;
}

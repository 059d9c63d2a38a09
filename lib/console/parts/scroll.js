/** A table that may be wider than its place: then it scrolls by itself, and the keyboard comes to it. */
import { html } from 'htm/preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** @param {{ label: string, children?: unknown }} props */
export function Scroll({ label, children }) {
  const place = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [isCut, setCut] = useState(false);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    const sizes = new ResizeObserver(() => setCut(element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight));
    for (const one of [element, ...element.children]) sizes.observe(one);
    return () => sizes.disconnect();
  }, []);
  const focusable = isCut ? { tabindex: 0, role: 'region', 'aria-label': label } : {};
  return html`<div class="scroll" ref=${place} ...${focusable}>${children}</div>`;
}

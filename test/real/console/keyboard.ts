/** Somebody who has no mouse. */
import type { Page } from 'playwright-core';

/** More controls than a view has. */
const TABS_MAX = 120;

/** Tab, until the control of this name has the focus; it has to be seen that it has. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const seen: string[] = [];
  for (let i = 0; i < TABS_MAX; i++) {
    const focused = await focusedName(page);
    if (typeof name === 'string' ? focused === name : name.test(focused)) return;
    seen.push(focused);
    await page.keyboard.press('Tab');
  }
  throw new Error(`the keyboard comes to no ${name}, but to ${[...new Set(seen)].join(', ')}`);
}

/** Tab to it, and Enter. */
export async function choose(page: Page, name: string | RegExp): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}

/** As a screen reader would begin to say it. */
export const focusedName = (page: Page): Promise<string> =>
  page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement !== undefined && element.shadowRoot.activeElement !== null) element = element.shadowRoot.activeElement;
    if (element === null) return '';
    const label = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement ? (element.labels?.[0]?.firstElementChild?.textContent ?? element.labels?.[0]?.textContent ?? '') : '';
    const ofRadio = element instanceof HTMLInputElement && ['radio', 'checkbox'].includes(element.type) ? (element.labels?.[0]?.textContent ?? '') : '';
    return (element.getAttribute('aria-label') ?? (ofRadio || label || (element.textContent ?? ''))).trim().replace(/\s+/g, ' ');
  });

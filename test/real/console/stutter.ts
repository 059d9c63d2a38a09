/** How long the page was busy with one thing, while somebody was scrolling. */
import type { Page } from 'playwright-core';

declare global {
  var stutter: number[];
}

export const watchLongTasks = (page: Page): Promise<void> =>
  page.evaluate(() => {
    globalThis.stutter = [];
    new PerformanceObserver((list) => globalThis.stutter.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
  });

/** ms of each that was longer than 50, since they are watched. */
export const longTasks = (page: Page): Promise<number[]> => page.evaluate(() => globalThis.stutter);

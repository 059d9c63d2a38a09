import fc from 'fast-check';
import { expect, test } from 'vitest';
import { windowRows } from '../../lib/console/words/window-rows.js';

test('what can be seen is drawn, and little more', () => {
  const viewports = fc.record({ top: fc.integer({ min: -2000, max: 60_000 }), height: fc.integer({ min: 100, max: 2000 }), rowHeight: fc.integer({ min: 20, max: 100 }), count: fc.integer({ min: 0, max: 2000 }) });
  fc.assert(
    fc.property(viewports, (viewport) => {
      const { first, end } = windowRows(viewport);
      expect(first).toBeGreaterThanOrEqual(0);
      expect(end).toBeLessThanOrEqual(viewport.count);
      for (let row = 0; row < viewport.count; row++) {
        const isSeen = (row + 1) * viewport.rowHeight > viewport.top && row * viewport.rowHeight < viewport.top + viewport.height;
        if (isSeen) expect(row >= first && row < end).toBe(true);
      }
      expect(end - first).toBeLessThanOrEqual(Math.ceil(viewport.height / viewport.rowHeight) + 40);
    }),
    { numRuns: 100 },
  );
});

test('a row more or less of scrolling draws nothing anew', () => {
  const at = (top: number) => windowRows({ top, height: 440, rowHeight: 44, count: 1000 }).first;
  expect(new Set([2640, 2684, 2728].map(at)).size).toBe(1);
});

/** Tables on terminals of any width. */
import { expect, test } from 'vitest';
import { fittingWidths, layoutText } from '../../../lib/cli/prompt/table-layout.ts';
import { resultColumn, type ResultTable } from '../../../lib/control/table.ts';
import { displayWidth } from '../../../lib/core/display-width.ts';

const TABLE: ResultTable = { columns: ['id', 'text'].map((name) => resultColumn(name)), rows: [['1', 'a short one'], ['2', '日本語のとても長いテキスト'], ['3', null]] };

const inWidth = (width: number): string => layoutText(TABLE, { width, isVertical: false });

test('a table that fits is as anywhere else', () => {
  expect(inWidth(80)).toBe(
    [
      '+----+----------------------------+',
      '| id |                       text |',
      '+----+----------------------------+',
      '|  1 |                a short one |',
      '|  2 | 日本語のとても長いテキスト |',
      '|  3 |                     <NULL> |',
      '+----+----------------------------+',
      '3 rows in set',
    ].join('\n'),
  );
});

test('the widest column gives way, between whole characters', () => {
  expect(inWidth(20)).toBe(
    ['+----+-------------+', '| id |        text |', '+----+-------------+', '|  1 | a short one |', '|  2 | 日本語のと… |', '|  3 |      <NULL> |', '+----+-------------+', '3 rows in set'].join('\n'),
  );
  const widths = (width: number): number[] => inWidth(width).split('\n').slice(0, -1).map(displayWidth);
  for (let width = 15; width < 40; width++) expect(Math.max(...widths(width)), `width ${width}`).toBeLessThanOrEqual(width);
});

test('rows that do not fit even so, or on demand, have a line for each column', () => {
  const lines = ['-[ ROW 1 ]----', 'id   | 1', 'text | a short one', '-[ ROW 2 ]----'];
  expect(inWidth(12).split('\n').slice(0, 4)).toEqual(lines);
  expect(layoutText(TABLE, { width: 80, isVertical: true }).split('\n').slice(0, 4)).toEqual(lines);
});

test('columns share what there is', () => {
  expect(fittingWidths([5, 50, 100], 10 + 65)).toEqual([5, 30, 30]);
  expect(fittingWidths([5, 20, 100], 10 + 65)).toEqual([5, 20, 40]);
  expect(fittingWidths([10, 10], 100)).toEqual([10, 10]);
  expect(fittingWidths([10, 10], 18)).toBeNull();
});

test('a long result is cut, and says so', () => {
  const text = layoutText({ columns: [resultColumn('n')], rows: Array.from({ length: 5000 }, (_, i) => [String(i)]) }, { width: 80, isVertical: false });
  expect(text.split('\n')).toHaveLength(1000 + 5);
  expect(text).toMatch(/\n5000 rows in set, the first 1000 are shown: .*LIMIT/);
  expect(layoutText({ columns: [resultColumn('n')], rows: [] }, { width: 80, isVertical: false })).toBe('Empty set');
});

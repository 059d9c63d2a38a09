/** Tables as wide as a terminal: long cells are shortened, and rows that do not fit even so are printed with a line for each column. */
import { cellsOf, gridOf, rowsInSet, widthsOf, type Cells, type ResultTable } from '../../control/table.ts';
import { displayWidth } from '../../core/display-width.ts';

export interface Layout {
  /** Columns of the terminal. */
  readonly width: number;
  /** A line for each column, whether rows fit or not. */
  readonly isVertical: boolean;
}

/** More rows scroll away, and nobody reads them. */
const ROWS_MAX = 1000;
/** A column says nothing in less. */
const COLUMN_MIN = 6;

export function layoutText({ rows, ...table }: ResultTable, layout: Layout): string {
  if (rows.length === 0) return 'Empty set';
  const cells = cellsOf({ ...table, rows: rows.slice(0, ROWS_MAX) });
  const end = rows.length > ROWS_MAX ? `${rowsInSet(rows.length)}, the first ${ROWS_MAX} are shown: add a LIMIT, or write them with INSERT INTO` : rowsInSet(rows.length);
  const widths = layout.isVertical ? null : fittingWidths(widthsOf(cells), layout.width);
  return `${widths === null ? verticalText(cells) : gridOf(cells, widths)}\n${end}`;
}

/** Widths that fit into a line: the widest columns give way first, down to what still says something. Null if even that is too wide. */
export function fittingWidths(wanted: readonly number[], width: number): number[] | null {
  const room = width - 3 * wanted.length - 1;
  if (wanted.reduce((sum, each) => sum + Math.min(each, COLUMN_MIN), 0) > room) return null;
  return wanted.map((each) => Math.min(each, widestWithin(wanted, room)));
}

/** The largest width to which all columns can be cut so that they take no more than `room`. */
function widestWithin(wanted: readonly number[], room: number): number {
  let left = room;
  const rising = wanted.toSorted((a, b) => a - b);
  for (const [i, each] of rising.entries()) {
    const share = Math.floor(left / (rising.length - i));
    if (each > share) return share;
    left -= each;
  }
  return Infinity;
}

function verticalText({ heads, rows }: Cells): string {
  const width = Math.max(...heads.map(displayWidth));
  const padded = heads.map((head) => head + ' '.repeat(width - displayWidth(head)));
  return rows.flatMap((row, i) => [`-[ ROW ${i + 1} ]${'-'.repeat(Math.max(0, width))}`, ...row.map((cell, column) => `${padded[column]} | ${cell}`)]).join('\n');
}

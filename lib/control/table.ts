/** Results as tables: typed columns and rows, and Flink's two ways to print them. */
import { displayWidth, shortened } from '../core/display-width.ts';
import { compileJsonEncoder } from '../core/format/json-encode.ts';
import type { TimeZone } from '../core/time/zone.ts';
import { STRING, type Column, type Row, type SqlType, type Value } from '../core/types.ts';
import { NULL_TEXT } from '../core/value-text.ts';
import { shownText } from './shown-text.ts';

export interface ResultTable {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** In which TIMESTAMP_LTZ is shown; default: UTC. */
  readonly zone?: TimeZone;
}

/** A column that may be null; STRING unless another type is given. */
export const resultColumn = (name: string, type: SqlType = STRING): Column => ({ name, type, nullable: true });

/** A table of one STRING column, as SHOW statements give. */
export const listTable = (name: string, values: readonly string[]): ResultTable => ({
  columns: [resultColumn(name)],
  rows: values.map((value) => [value]),
});

/** The table as Flink's SQL client prints it in `tableau` mode: cells to the right, a line with the number of rows below. */
export function tableauText(table: ResultTable): string {
  if (table.rows.length === 0) return 'Empty set';
  return `${gridText(table)}\n${rowsInSet(table.rows.length)}`;
}

export const rowsInSet = (rows: number): string => (rows === 1 ? '1 row in set' : `${rows} rows in set`);

/** The table alone. */
export function gridText(table: ResultTable): string {
  const cells = cellsOf(table);
  return gridOf(cells, widthsOf(cells));
}

/** A table as texts of one line each. */
export interface Cells {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function cellsOf({ columns, rows, zone }: ResultTable): Cells {
  const texts = columns.map(({ type }) => shownText(type, zone));
  const cell = (value: Value | undefined, text: (typeof texts)[number]): string => printable(value === null || value === undefined ? NULL_TEXT : text(value));
  return { heads: columns.map(({ name }) => printable(name)), rows: rows.map((row) => texts.map((text, i) => cell(row[i], text))) };
}

/** What each column takes on a terminal. */
export const widthsOf = ({ heads, rows }: Cells): number[] => heads.map((head, i) => rows.reduce((width, row) => Math.max(width, displayWidth(row[i] ?? '')), displayWidth(head)));

/** Cells that are wider than their columns are shortened. */
export function gridOf({ heads, rows }: Cells, widths: readonly number[]): string {
  const rule = gridRule(widths);
  return [rule, gridLine(heads, widths), rule, ...rows.map((row) => gridLine(row, widths)), rule].join('\n');
}

export const gridRule = (widths: readonly number[]): string => `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`;

export const gridLine = (texts: readonly string[], widths: readonly number[]): string => `|${texts.map((text, i) => ` ${fitted(text, widths[i] ?? 0)} `).join('|')}|`;

function fitted(text: string, width: number): string {
  const short = shortened(text, width);
  return ' '.repeat(Math.max(0, width - displayWidth(short))) + short;
}

/** One JSON object per row. */
export function jsonLines({ columns, rows }: ResultTable): string[] {
  return rows.map(compileJsonEncoder(columns));
}

/** A row is one line, and data must not be able to move the cursor. */
const printable = (text: string): string =>
  text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t').replace(/\p{Cc}/gu, '\ufffd');

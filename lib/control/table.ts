/** Results as tables: typed columns and rows, and Flink's two ways to print them. */
import { compileJsonEncoder } from '../core/format/json-encode.ts';
import { STRING, type Column, type Row, type SqlType } from '../core/types.ts';
import { valueText } from '../core/value-text.ts';

export interface ResultTable {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
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
  return `${gridText(table)}\n${table.rows.length === 1 ? '1 row in set' : `${table.rows.length} rows in set`}`;
}

/** The table alone. */
export function gridText({ columns, rows }: ResultTable): string {
  const cells = rows.map((row) => columns.map((column, i) => printable(valueText(column.type, row[i] ?? null))));
  const heads = columns.map((column) => printable(column.name));
  const widths = heads.map((head, i) => cells.reduce((width, row) => Math.max(width, displayWidth(row[i] ?? '')), displayWidth(head)));
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`;
  const line = (texts: readonly string[]): string => `|${texts.map((text, i) => ` ${padLeft(text, widths[i] ?? 0)} `).join('|')}|`;
  return [rule, line(heads), rule, ...cells.map(line), rule].join('\n');
}

/** One JSON object per row. */
export function jsonLines({ columns, rows }: ResultTable): string[] {
  return rows.map(compileJsonEncoder(columns));
}

const padLeft = (text: string, width: number): string => ' '.repeat(Math.max(0, width - displayWidth(text))) + text;

/** A row is one line, and data must not be able to move the cursor. */
const printable = (text: string): string =>
  text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t').replace(/\p{Cc}/gu, '\ufffd');

const WIDE = /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Columns that a terminal gives to a text. */
function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += /\p{M}/u.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return width;
}

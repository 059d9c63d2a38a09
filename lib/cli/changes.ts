/** Rows of a query without an end, as Flink's SQL client prints them in `tableau` mode: one by one, as they come. */
import { CHANGE_KINDS, type Change, type ChangeKind, type Changes } from '../control/statement-result.ts';
import { cellsOf, gridLine, gridRule, resultColumn, type ResultTable } from '../control/table.ts';
import { displayWidth } from '../core/display-width.ts';
import { compileJsonEncoder } from '../core/format/json-encode.ts';
import type { Column, Row, SqlType } from '../core/types.ts';
import { printInfo, type Context } from './context.ts';
import { counted } from './text.ts';

const SHORT: ReadonlyMap<ChangeKind, string> = new Map(CHANGE_KINDS.map(([short, kind]) => [kind, short]));

/** Its kind in front of its values. */
const rowOf = ({ kind, row }: Change): Row => [SHORT.get(kind) ?? '', ...row];

/** Widths of the columns of a table on this terminal; they cannot wait for the rows. */
export type FitWidths = (wanted: readonly number[]) => readonly number[];

/** Until the query ends, or `signal` ends it. */
export async function printChanges(context: Context, { columns, zone, changes, end }: Changes & Pick<ResultTable, 'zone'>, signal: AbortSignal, fit: FitWidths = (wanted) => wanted): Promise<void> {
  const printer = context.json ? jsonPrinter(context, columns) : gridPrinter(context, { columns, ...(zone && { zone }) }, fit);
  // What it throws is thrown again below.
  signal.addEventListener('abort', () => void end().catch(() => {}), { once: true });
  let rows = 0;
  try {
    for await (const batch of changes) {
      for (const change of batch) printer.row(change);
      rows += batch.length;
    }
  } finally {
    await end();
  }
  printer.end();
  const received = `received a total of ${counted(rows, 'row')}`;
  printInfo(context, signal.aborted ? `Query terminated, ${received}` : `R${received.slice(1)}`);
}

interface ChangePrinter {
  row(change: Change): void;
  end(): void;
}

const OP = resultColumn('op');

function jsonPrinter({ console }: Context, columns: readonly Column[]): ChangePrinter {
  const encode = compileJsonEncoder([OP, ...columns]);
  return { row: (change) => console.out(encode(rowOf(change))), end: () => {} };
}

function gridPrinter({ console }: Context, { columns, ...shown }: Omit<ResultTable, 'rows'>, fit: FitWidths): ChangePrinter {
  const table = (rows: ResultTable['rows']): ResultTable => ({ columns: [OP, ...columns], rows, ...shown });
  const { heads } = cellsOf(table([]));
  const widths = fit([2, ...columns.map(({ name, type }) => Math.max(displayWidth(name), widthOf(type)))]);
  const rule = gridRule(widths);
  for (const line of [rule, gridLine(heads, widths), rule]) console.out(line);
  return {
    row: (change) => {
      for (const cells of cellsOf(table([rowOf(change)])).rows) console.out(gridLine(cells, widths));
    },
    end: () => console.out(rule),
  };
}

/** What values of a type take at most, and 30 columns where that is not known (`PrintStyle.tableauWithTypeInferredColumnWidths`). */
function widthOf(type: SqlType): number {
  switch (type.kind) {
    case 'BOOLEAN':
      return 7;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      return 11;
    case 'BIGINT':
      return 20;
    case 'DECIMAL':
      return type.precision + 3;
    case 'DATE':
      return 10;
    case 'TIME':
      return 9 + type.precision;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return 20 + type.precision;
    default:
      return 30;
  }
}

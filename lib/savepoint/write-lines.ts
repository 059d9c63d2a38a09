/** Panes and rows as NDJSON (protocol 14.2): one JSON object a line, fields in the order of the schema, no spaces. */
import { eventTime } from '../core/numbers.ts';
import type { JsonValue, SinkNode, WindowAggregateNode } from '../core/plan.ts';
import type { PaneColumns } from '../core/window/pane.ts';
import { sliceStartOf } from '../core/window/slices.ts';
import { fieldOf, instantText } from './field.ts';
import type { SortedPanes } from './order.ts';
import { keyFieldsOf, keyWriter, named, valueFieldsOf } from './pane-fields.ts';
import { PANES, ROWS } from './schema.ts';

/** Compiles the writer of an operator's panes: a text per line, which ends with a newline. */
export function paneWriter(node: WindowAggregateNode): (panes: SortedPanes) => Generator<string> {
  const keyText = keyWriter(keyFieldsOf(node));
  const fields = valueFieldsOf(node);
  const head = `{"op":${JSON.stringify(node.uid)},"state":"${PANES}","key":`;
  return function* ({ columns, order }) {
    const { keys, rows, accumulators } = columns;
    const windowText = windowWriter(node, columns);
    for (const i of order) {
      let text = head + keyText(keys[i] ?? null) + windowText(i) + (rows[i] ?? 0);
      for (let a = 0; a < fields.length; a++) text += `,${fields[a]?.label}${fields[a]?.write(accumulators[a]?.[i] ?? null)}`;
      yield `${text}}}\n`;
    }
  };
}

/** The window of pane i, the slice of them all or its own session, and the beginning of its value. */
function windowWriter({ window }: WindowAggregateNode, columns: PaneColumns): (i: number) => string {
  if (window.kind === 'unbounded') return () => `,"value":{"${ROWS}":`;
  const textOf = (start: number, end: number): string => `,"window_start":"${instantText(start)}","window_end":"${instantText(end)}","value":{"${ROWS}":`;
  if (window.kind === 'session') return (i) => textOf(...(columns.spans?.[i] ?? [0, 0]));
  const text = textOf(sliceStartOf(window, eventTime(columns.end)), columns.end);
  return () => text;
}

/** Rows that a sink has not confirmed (F14), in the order in which it would get them. */
export function* rowLines(sink: SinkNode, rows: readonly (readonly JsonValue[])[]): Generator<string> {
  const fields = sink.columns.map((column) => named(column.name, fieldOf(column.type)));
  const lineOf = (row: readonly JsonValue[]): string => fields.map((field, i) => field.label + field.write(row[i] ?? null)).join(',');
  for (const row of rows) yield `{${lineOf(row)}}\n`;
}

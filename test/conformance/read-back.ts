/** Rows of a topic as whoever reads the table gets them: what a format does not write is not there. */
import { compileJsonDecoder } from '../../lib/core/format/json.ts';
import type { SinkNode } from '../../lib/core/plan.ts';
import type { Row } from '../../lib/core/types.ts';

/** null: the table is no topic of JSON whose values hold all columns. */
export function readBack({ records, columns }: SinkNode, lines: readonly string[]): readonly Row[] | null {
  const value = records?.value;
  if (value?.format.kind !== 'json' || value.columns.length !== columns.length) return null;
  const parts = lines.map((line) => new TextEncoder().encode(`${line}\n`));
  const ends = parts.map(((at) => (part) => (at += part.length) - 1)(0));
  const starts = ends.map((_, i) => (i === 0 ? 0 : (ends[i - 1] ?? 0) + 1));
  const decode = compileJsonDecoder(columns, { kind: 'json', failOnMissingField: false, ignoreParseErrors: false, timestampStandard: value.format.timestampStandard });
  const rows: Row[] = [];
  decode({ bytes: Buffer.concat(parts), starts, ends }, { from: 0, to: lines.length }, 'separator', (row) => rows.push([...row]));
  return rows;
}

/** Values in the two formats of results: as JSON, and as the text that CAST to STRING gives. */
import { jsonOf } from '../../../core/format/record-encode.ts';
import type { JsonWriteFormat } from '../../../core/plan.ts';
import type { Column, Row } from '../../../core/types.ts';
import { valueText } from '../../../core/value-text.ts';

export const ROW_FORMATS = ['JSON', 'PLAIN_TEXT'] as const;
export type RowFormat = (typeof ROW_FORMATS)[number];

const FORMAT: JsonWriteFormat = { kind: 'json', timestampStandard: 'ISO-8601', plainDecimals: true, omitsNulls: false, nullKeys: { literal: 'null' } };

/** What writes the fields of a row, as values for JSON. */
export function fieldsIn(format: RowFormat, columns: readonly Column[]): (row: Row) => readonly unknown[] {
  const fields = columns.map(({ type }) => {
    const json = jsonOf(type, FORMAT);
    return format === 'PLAIN_TEXT' ? valueText.bind(null, type) : (value: Parameters<typeof json>[0]): unknown => exact(json(value));
  });
  return (row) => fields.map((field, i) => (row[i] === null || row[i] === undefined ? null : field(row[i])));
}

/** Numbers keep all of their digits. */
const exact = (json: string): unknown =>
  JSON.parse(json, (_key, value: unknown, context?: { readonly source?: string }) => (typeof value === 'number' && context?.source !== undefined ? JSON.rawJSON(context.source) : value));

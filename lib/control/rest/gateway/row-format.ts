/** Values in the two formats of results: as JSON, and as text. */
import { jsonOf } from '../../../core/format/record-encode.ts';
import { javaText } from '../../../core/java-text.ts';
import type { JsonWriteFormat } from '../../../core/plan.ts';
import type { Row, SqlType } from '../../../core/types.ts';
import type { Present } from '../../../core/value-access.ts';
import { shownText } from '../../shown-text.ts';
import type { ResultHead } from './gateway.ts';

export const ROW_FORMATS = ['JSON', 'PLAIN_TEXT'] as const;
export type RowFormat = (typeof ROW_FORMATS)[number];

const FORMAT: JsonWriteFormat = { kind: 'json', timestampStandard: 'ISO-8601', plainDecimals: true, omitsNulls: false, nullKeys: { literal: 'null' } };

/** What writes the fields of a row, as values for JSON. */
export function fieldsIn(format: RowFormat, { columns, isQuery, zone }: Pick<ResultHead, 'columns' | 'isQuery' | 'zone'>): (row: Row) => readonly unknown[] {
  const fieldOf = format === 'JSON' ? jsonField : isQuery ? (type: SqlType) => shownText(type, zone) : plainField;
  const fields = columns.map(({ type }) => fieldOf(type));
  return (row) => fields.map((field, i) => (row[i] === null || row[i] === undefined ? null : field(row[i])));
}

type Field = (value: Present) => unknown;

function jsonField(type: SqlType): Field {
  const json = jsonOf(type, FORMAT);
  return (value) => exact(json(value));
}

/** Of all but a query: when a job began, Flink gives as Java has it, without a zone. */
const plainField = (type: SqlType): Field => (type.kind === 'TIMESTAMP_LTZ' ? javaText.bind(null, { ...type, kind: 'TIMESTAMP' }) : shownText(type));

/** Numbers keep all of their digits. */
const exact = (json: string): unknown =>
  JSON.parse(json, (_key, value: unknown, context?: { readonly source?: string }) => (typeof value === 'number' && context?.source !== undefined ? JSON.rawJSON(context.source) : value));

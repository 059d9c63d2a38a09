/** Which columns of a Kafka table come from the key, the value and the metadata of a record. */
import { columnAt, castTo } from '../core/expression.ts';
import { METADATA } from '../core/format/beside.ts';
import { csvTypeProblem } from '../core/format/csv-encode.ts';
import { jsonTypeProblem } from '../core/format/json-nested.ts';
import { isRawType } from '../core/format/raw.ts';
import type { KeyColumn, MetadataKey, RecordFormat, WriteFormat } from '../core/plan.ts';
import { typeText, type Column } from '../core/types.ts';
import type { MetadataColumn } from './ast.ts';
import { didYouMean } from './diagnostic.ts';
import { withFields, type KeyOptions } from './format-options.ts';
import type { KafkaOptions } from './options.ts';
import { refuseOptions } from './option-reader.ts';
import type { Table } from './plan-context.ts';
import type { Field } from './plan-scope.ts';
import { invalid, orInvalid } from './refusal.ts';
import { metadataKey } from './stored-columns.ts';

/** The columns of the key, for tables where they are not in the value; throws OPTION_INVALID as Flink's createKeyFormatProjection does. */
export function keyColumnsOf(table: Table, { key, format }: KafkaOptions, physical: readonly Column[]): readonly KeyColumn[] {
  const { inKey, inValue } = columnsOfRecord(table, key, physical);
  if (key !== null) requireTypes(table, key.format.kind, inKey.flatMap(({ column }) => physical[column] ?? []));
  requireTypes(table, format.kind, inValue.flatMap((column) => physical[column] ?? []));
  return key?.inValue === false ? inKey : [];
}

/** The formats with the names of the fields of key and value. */
export function withRecordFields(table: Named, options: KafkaOptions, physical: readonly Column[]): KafkaOptions {
  const { key, format } = options;
  const { inKey, inValue } = columnsOfRecord(table, key, physical);
  const ofValue = withFields(format, inValue.map((column) => physical[column]?.name ?? ''));
  return { ...options, format: ofValue, key: key && { ...key, format: withFields(key.format, inKey.map(({ field }) => field)) } };
}

/** Which physical columns are in the key of a record and which are in its value, by index. */
export function columnsOfRecord(table: Named, key: KeyOptions<unknown> | null, physical: readonly Column[]): { readonly inKey: readonly KeyColumn[]; readonly inValue: readonly number[] } {
  const inKey = key?.fields.map((name) => keyColumn(table, name, key.prefix, physical)) ?? [];
  const isValue = (index: number): boolean => key?.inValue !== false || !inKey.some(({ column }) => column === index);
  return { inKey, inValue: [...physical.keys()].filter(isValue) };
}

type Named = Pick<Table, 'path'>;

function keyColumn(table: Named, name: string, prefix: string, physical: readonly Column[]): KeyColumn {
  const column = physical.findIndex((candidate) => candidate.name === name);
  const names = physical.map((candidate) => candidate.name);
  if (column < 0) {
    const rule = "A key field must be a regular, physical column. The following columns can be selected in the 'key.fields' option:";
    const problem = `cannot have this key: Could not find the field '${name}' in the table schema for usage in the key format. ${rule}`;
    return refuseOptions(ownerOf(table), `${problem} [${names.join(', ')}]`, didYouMean(name, names));
  }
  if (name.startsWith(prefix)) return { column, field: name.slice(prefix.length) };
  const problem = `All fields in 'key.fields' must be prefixed with '${prefix}' when option 'key.fields-prefix' is set but field '${name}' is not prefixed.`;
  return refuseOptions(ownerOf(table), `cannot have this key: ${problem}`, `Rename the column to '${prefix}${name}'.`);
}

/** Refuses columns of types that the format has not. */
export function requireTypes(table: Named, format: (RecordFormat | WriteFormat)['kind'], columns: readonly Column[]): void {
  if (format === 'raw') return requireRaw(table, columns);
  for (const { name, type } of columns) {
    const problem = format === 'json' ? jsonTypeProblem(type) : csvTypeProblem(type);
    if (problem !== null) refuseOptions(ownerOf(table), `has the column '${name}': ${problem}`, 'Use a type that the format has, or another format.');
  }
}

/** The raw format has one column, of a type that has bytes. */
function requireRaw(table: Named, columns: readonly Column[]): void {
  const [column] = columns;
  if (columns.length !== 1 || column === undefined) {
    const names = columns.map(({ name }) => name).join(', ');
    refuseOptions(ownerOf(table), `needs exactly one physical column for the format 'raw', not ${columns.length} (${names})`, RAW_HINT);
  } else if (!isRawType(column.type)) {
    refuseOptions(ownerOf(table), `has the column '${column.name}', but the format 'raw' has no type ${typeText(column.type)}`);
  }
}

const RAW_HINT = "Columns of the key leave the value with 'value.fields-include' = 'EXCEPT_KEY'; metadata columns do not count.";

const ownerOf = (table: Named): string => `table '${table.path}'`;

/** A metadata column of the base: what the connector gives, before the cast to the declared type. */
export interface MetadataSource<Key extends string = string> {
  readonly key: Key;
  readonly column: Column;
}

/** What a connector knows of a row besides its columns. */
export interface ConnectorMetadata<Key extends string> {
  readonly keys: readonly Key[];
  readonly types: Readonly<Record<Key, Omit<Column, 'name'>>>;
}

export const KAFKA_METADATA: ConnectorMetadata<MetadataKey> = { keys: ['topic', 'partition', 'offset', 'timestamp', 'timestamp-type', 'headers', 'leader-epoch'], types: METADATA };

export function metadataSource<Key extends string>(metadata: MetadataColumn, path: string, { keys, types }: ConnectorMetadata<Key>): MetadataSource<Key> {
  const { name, key, span } = metadata;
  const wanted = metadataKey(metadata);
  const found = keys.find((candidate) => candidate === wanted);
  if (found === undefined) {
    const hint = didYouMean(wanted, keys) ?? `The keys are ${keys.join(', ')}; write METADATA FROM 'key' for a column of another name.`;
    return invalid(key?.span ?? span, `Invalid metadata key '${wanted}' in column '${name.name}' of table '${path}'.`, hint);
  }
  const { type, nullable } = types[found];
  return { key: found, column: { name: name.name, type, nullable } };
}

/** The column as declared, over the column `index` of the base, which is `given`. */
export function metadataField(metadata: MetadataColumn, given: Column, index: number): Field {
  const { name, type: { type, nullable, span } } = metadata;
  const cast = castTo(columnAt(index, given.type), type);
  const reason = `The metadata column '${name.name}' cannot be ${typeText(type)}, as '${metadataKey(metadata)}' is ${typeText(given.type)}: `;
  return { name: name.name, qualifier: null, expression: orInvalid(cast, span, reason), nullable, timeAttribute: false };
}

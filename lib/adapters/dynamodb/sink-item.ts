/**
 * Rows as items of a table that others read, as Flink's DynamoDB connector maps types:
 *
 * | type | attribute |
 * |---|---|
 * | CHAR, VARCHAR | S |
 * | BOOLEAN | BOOL |
 * | integers, DECIMAL | N, exact |
 * | FLOAT, DOUBLE | N; S for NaN, infinities and what is outside of DynamoDB's 1E-130 to 1E126 |
 * | BINARY, VARBINARY | B |
 * | DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ | S, ISO-8601 with all digits of the precision, so that texts are ordered as times are |
 * | intervals | S |
 * | NULL | NULL; nothing with `sink.ignore-nulls` |
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { SluiceError } from '../../core/errors.ts';
import { decimalText } from '../../core/decimal.ts';
import { floatAsDouble } from '../../core/float-text.ts';
import type { JobId } from '../../core/numbers.ts';
import type { Column, Row, SqlType } from '../../core/types.ts';
import { bigintOf, bytesOf, numberOf, stringOf, type Present } from '../../core/value-access.ts';
import { isoText } from '../../core/value-text.ts';
import { bytesIn, ITEM_BYTES_MAX, text, type Attributes } from './attributes.ts';

/** Who wrote an item, and in which FIRE (X1); in every item. */
export const JOB = 'sluice_job';
export const VERSION = 'sluice_ver';

/** The version of an item. */
export interface Stamp {
  readonly job: JobId;
  readonly version: number;
}

/** A table whose items have versions. Failures are StoreErrors. */
export interface VersionedItems {
  readonly name: string;
  /** Throws SINK_UNAVAILABLE if the table is not there or has another key. */
  check(): Promise<void>;
  /** Puts an item where there is none, or one of the same job that is not newer, or one of a job that is taken over; else gives what is there, null if that has gone. */
  put(what: string, attributes: Attributes, stamp: Stamp): Promise<'written' | Attributes | null>;
  /** Which of these items, `BATCH_MAX` at most and of different keys, the job of the stamp has put in this version or a later one, as far as can be told cheaply. */
  known(items: readonly Attributes[], stamp: Stamp): Promise<readonly boolean[]>;
}

/** Keys of a BatchGetItem. */
export const BATCH_MAX = 100;

/** The item is what an emission of this version or of a later one has left. */
export const isOwn = (item: Attributes | null | undefined, { job, version }: Stamp): boolean => item?.[JOB]?.S === job && Number(item[VERSION]?.N) >= version;

export interface RowLayout {
  readonly columns: readonly Column[];
  /** Names of the columns of the PRIMARY KEY. */
  readonly key: readonly string[];
  readonly ignoresNulls: boolean;
}

/** `sink.requests.max-inflight`, as in Flink. */
const IN_FLIGHT = 50;

export const inFlightOf = (options: Readonly<Record<string, string>>): number => Number(options['sink.requests.max-inflight'] ?? IN_FLIGHT);

/** Bytes that `JOB` and `VERSION` add. */
const STAMP_BYTES = JOB.length + 32 + VERSION.length + 21;

/** The same text for the same key. */
export const keyId = ({ columns, key }: RowLayout, row: Row): string =>
  JSON.stringify(key.map((name) => {
    const i = columns.findIndex((column) => column.name === name);
    const [type, value] = [columns[i]?.type, row[i] ?? null];
    return type === undefined || value === null ? null : textOf(attributeOf(type, value));
  }));

/** An item without `JOB` and `VERSION`; `id` is its `keyId`. Throws SINK_UNAVAILABLE for a row that DynamoDB cannot hold. */
export function itemOf(layout: RowLayout, row: Row, id: string): Attributes {
  const { columns, key, ignoresNulls } = layout;
  const pairs = columns.flatMap(({ name, type }, i): (readonly [string, AttributeValue])[] => {
    const value = row[i] ?? null;
    if (value === null) return ignoresNulls && !key.includes(name) ? [] : [[name, { NULL: true }]];
    return [[name, attributeOf(type, value)]];
  });
  const attributes = Object.fromEntries(pairs);
  checkKey(attributes, key);
  checkSize(attributes, id);
  return attributes;
}

export function attributeOf(type: SqlType, value: Present): AttributeValue {
  switch (type.kind) {
    case 'BOOLEAN':
      return { BOOL: value === true };
    case 'CHAR':
    case 'VARCHAR':
      return text(stringOf(value));
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return { N: String(value) };
    case 'DECIMAL':
      return { N: decimalText(bigintOf(value), type.scale) };
    case 'FLOAT':
      return floatingOf(floatAsDouble(numberOf(value)));
    case 'DOUBLE':
      return floatingOf(numberOf(value));
    case 'BINARY':
    case 'VARBINARY':
      return { B: bytesOf(value) };
    default:
      return text(isoText(type, value));
  }
}

const SMALLEST = 1e-130;
const TOO_LARGE = 1e126;

function floatingOf(value: number): AttributeValue {
  const size = Math.abs(value);
  const fits = size === 0 || (size >= SMALLEST && size < TOO_LARGE);
  return fits ? { N: String(value) } : text(String(value));
}

const textOf = ({ S, N, B }: AttributeValue): string => S ?? N ?? Buffer.from(B ?? []).toString('hex');

/** No PRIMARY KEY is enforced while rows are computed. */
function checkKey(attributes: Attributes, key: readonly string[]): void {
  const empty = key.find((name) => attributes[name]?.NULL === true || attributes[name]?.S === '' || attributes[name]?.B?.length === 0);
  if (empty === undefined) return;
  const what = attributes[empty]?.NULL === true ? 'NULL' : 'empty';
  throw new SluiceError('SINK_UNAVAILABLE', {
    message: `a row has no key: '${empty}' is ${what}`,
    hint: `cancel the job, and resume an older savepoint with a query that has WHERE ${empty} IS NOT NULL${what === 'empty' ? ` AND ${empty} <> ''` : ''}`,
    details: { column: empty },
  });
}

function checkSize(attributes: Attributes, id: string): void {
  const bytes = Object.entries(attributes).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytesIn(value), STAMP_BYTES);
  if (bytes <= ITEM_BYTES_MAX) return;
  throw new SluiceError('SINK_UNAVAILABLE', {
    message: `the row with the key ${id.slice(0, 200)} has ${bytes} bytes, and DynamoDB stores ${ITEM_BYTES_MAX} at most`,
    hint: 'cancel the job, and resume an older savepoint with a query that cuts long values, or that writes them to files',
    details: { bytes },
  });
}

/** Rows by partition. */
import { toBase64 } from '../../core/base64.ts';
import type { Row } from '../../core/types.ts';
import type { Present } from '../../core/value-access.ts';
import type { WrittenPartition, WrittenTable } from './table-schema.ts';

/** One value per field of the spec. */
export type PartitionTuple = readonly (Present | null)[];

export interface PartitionRows {
  readonly tuple: PartitionTuple;
  readonly rows: readonly Row[];
}

/** Partitions in the order of their first row. */
export function partitionRows({ partitions }: Pick<WrittenTable, 'partitions'>, rows: readonly Row[]): PartitionRows[] {
  if (partitions.length === 0) return [{ tuple: [], rows }];
  const found = new Map<string, { tuple: PartitionTuple; rows: Row[] }>();
  for (const row of rows) {
    const tuple = partitions.map((partition) => partitionValue(partition, row));
    const key = tuple.map(keyText).join('/');
    const same = found.get(key);
    if (same === undefined) found.set(key, { tuple, rows: [row] });
    else same.rows.push(row);
  }
  return [...found.values()];
}

function partitionValue({ transform, source }: WrittenPartition, row: Row): Present | null {
  const value = source === null ? null : (row[source.column] ?? null);
  return value === null || source === null ? null : transform.apply(source.convert(value));
}

/** Different for different values of one type; never holds a `/`. */
function keyText(value: Present | null): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `=${encodeURIComponent(value.toWellFormed())}`;
  if (value instanceof Uint8Array) return `=${toBase64(value).replaceAll('/', '_')}`;
  return Object.is(value, -0) ? '=-0' : `=${value}`;
}

/**
 * A folder of the data of a partition, for people: readers take the values from the manifest. Only characters that every store and URL takes as
 * they are, and no `=`, by which readers of files alone take it for a column.
 */
export function partitionFolder(partitions: readonly WrittenPartition[], tuple: PartitionTuple): string {
  return partitions.map(({ name }, i) => `${plain(name)}-${plain(folderText(tuple[i] ?? null))}/`).join('');
}

const folderText = (value: Present | null): string => (value === null ? 'null' : value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value));

const plain = (text: string): string => text.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, 64);

/** The snapshot of a commit, and the one request that makes it. */
import { currentSnapshot, MAIN, type Snapshot, type TableMetadata, type TableRequirement, type TableUpdate } from './metadata.ts';
import type { DataFile } from './data-file.ts';

export interface NewSnapshot {
  readonly id: bigint;
  readonly manifestList: string;
  readonly files: readonly DataFile[];
  /** Epoch ms of this process. */
  readonly now: number;
  /** What Sluice says of it, for people. */
  readonly summary: Readonly<Record<string, string>>;
}

export function nextSnapshot(metadata: TableMetadata, { id, manifestList, files, now, summary }: NewSnapshot): Snapshot {
  const parent = currentSnapshot(metadata);
  return {
    'snapshot-id': id,
    ...(parent === undefined ? {} : { 'parent-snapshot-id': parent['snapshot-id'] }),
    'sequence-number': metadata['last-sequence-number'] + 1,
    // Clocks differ: snapshots are never older than the table that they follow.
    'timestamp-ms': Math.max(now, metadata['last-updated-ms']),
    'manifest-list': manifestList,
    summary: { operation: 'append', ...summary, ...counts(parent, files) },
    'schema-id': metadata['current-schema-id'],
  };
}

/** Totals continue those of the parent; a parent that counts nothing leaves them unknown. */
function counts(parent: Snapshot | undefined, files: readonly DataFile[]): Record<string, string> {
  const added = {
    'data-files': files.length,
    records: files.reduce((sum, { content }) => sum + content.rows, 0),
    'files-size': files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
  const result: Record<string, string> = { 'changed-partition-count': String(new Set(files.map(({ partition }) => partition.map(String).join('/'))).size) };
  for (const [name, count] of Object.entries(added)) {
    if (count > 0) result[`added-${name}`] = String(count);
    addTotal(result, parent, name, count);
  }
  for (const name of ['delete-files', 'position-deletes', 'equality-deletes']) addTotal(result, parent, name, 0);
  return result;
}

function addTotal(result: Record<string, string>, parent: Snapshot | undefined, name: string, count: number): void {
  const before = parent === undefined ? '0' : parent.summary[`total-${name}`];
  if (before !== undefined && /^\d+$/.test(before)) result[`total-${name}`] = String(BigInt(before) + BigInt(count));
}

/** What must hold when the commit takes effect: the branch, the columns and the partitions are those of `metadata`. */
export const requirementsOf = (metadata: TableMetadata): TableRequirement[] => [
  { type: 'assert-table-uuid', uuid: metadata['table-uuid'] },
  { type: 'assert-ref-snapshot-id', ref: MAIN, 'snapshot-id': metadata['current-snapshot-id'] },
  { type: 'assert-current-schema-id', 'current-schema-id': metadata['current-schema-id'] },
  { type: 'assert-default-spec-id', 'default-spec-id': metadata['default-spec-id'] },
];

/** The snapshot becomes the head of the branch, whose retention stays, and the properties are set: in one commit. */
export const updatesOf = (metadata: TableMetadata, snapshot: Snapshot, properties: Readonly<Record<string, string>>): TableUpdate[] => [
  { action: 'add-snapshot', snapshot },
  { ...metadata.refs[MAIN], action: 'set-snapshot-ref', 'ref-name': MAIN, type: 'branch', 'snapshot-id': snapshot['snapshot-id'] },
  { action: 'set-properties', updates: properties },
];

/** What a commit makes of the metadata of a table: pure, as a catalog of the REST specification does it. */
import { assert, SluiceError } from '../../core/errors.ts';
import type { LoadedTable } from './catalog.ts';
import { MAIN, type Snapshot, type TableMetadata, type TableRequirement, type TableUpdate } from './metadata.ts';

/** True if all requirements hold for the table as it is; null is a table that does not exist. */
export const meets = (metadata: TableMetadata | null, requirements: readonly TableRequirement[]): boolean => requirements.every((each) => holds(metadata, each));

function holds(metadata: TableMetadata | null, requirement: TableRequirement): boolean {
  if (metadata === null) return requirement.type === 'assert-create';
  switch (requirement.type) {
    case 'assert-create':
      return false;
    case 'assert-table-uuid':
      return metadata['table-uuid'] === requirement.uuid;
    case 'assert-ref-snapshot-id':
      return (metadata.refs[requirement.ref]?.['snapshot-id'] ?? null) === requirement['snapshot-id'];
    case 'assert-current-schema-id':
      return metadata['current-schema-id'] === requirement['current-schema-id'];
    case 'assert-default-spec-id':
      return metadata['default-spec-id'] === requirement['default-spec-id'];
  }
}

/** Older metadata files that the log names, unless the table says otherwise (`write.metadata.previous-versions-max`). */
const PREVIOUS_VERSIONS = 100;

/** The metadata after the updates; `now` in epoch ms. */
export function applyUpdates({ location, metadata }: LoadedTable, updates: readonly TableUpdate[], now: number): TableMetadata {
  const entry = { 'timestamp-ms': metadata['last-updated-ms'], 'metadata-file': location };
  const base: TableMetadata = { ...metadata, 'last-updated-ms': Math.max(now, metadata['last-updated-ms']) };
  const next = updates.reduce(applyUpdate, base);
  return { ...next, 'metadata-log': keptLog([...metadata['metadata-log'], entry], next, now) };
}

type MetadataLog = TableMetadata['metadata-log'];

/** True if metadata files go once the log names them no more. */
export const removesVersions = ({ properties }: TableMetadata): boolean => properties['write.metadata.delete-after-commit.enabled'] === 'true';

/** More than a writer takes from loading a table to its commit: when a name becomes free, whoever found it free before has ended. */
const WRITERS_PAUSE_MS = 3_600_000;

/** Files that are to be removed stay in the log while they are young, up to as many as others have. */
function keptLog(log: MetadataLog, metadata: TableMetadata, now: number): MetadataLog {
  const max = previousVersions(metadata);
  if (!removesVersions(metadata)) return log.slice(-max);
  const young = log.findIndex((entry) => entry['timestamp-ms'] > now - WRITERS_PAUSE_MS);
  const count = Math.min(young < 0 ? 0 : log.length - young, PREVIOUS_VERSIONS);
  return log.slice(-Math.max(count, max));
}

function previousVersions({ properties }: TableMetadata): number {
  const count = Number(properties['write.metadata.previous-versions-max'] ?? PREVIOUS_VERSIONS);
  return Number.isInteger(count) && count >= 1 ? count : PREVIOUS_VERSIONS;
}

function applyUpdate(metadata: TableMetadata, update: TableUpdate): TableMetadata {
  switch (update.action) {
    case 'add-snapshot':
      return addSnapshot(metadata, update.snapshot);
    case 'set-snapshot-ref':
      return setRef(metadata, update['ref-name'], update);
    case 'set-properties':
      return { ...metadata, properties: { ...metadata.properties, ...update.updates } };
    case 'remove-properties':
      return { ...metadata, properties: Object.fromEntries(Object.entries(metadata.properties).filter(([key]) => !update.removals.includes(key))) };
  }
}

function addSnapshot(metadata: TableMetadata, snapshot: Snapshot): TableMetadata {
  const id = snapshot['snapshot-id'];
  assert(metadata.snapshots.every((each) => each['snapshot-id'] !== id), `snapshot ${id} is there already`);
  assert(snapshot['sequence-number'] > metadata['last-sequence-number'], `the sequence number of snapshot ${id} is above all others`);
  return {
    ...metadata,
    'last-sequence-number': snapshot['sequence-number'],
    'last-updated-ms': Math.max(snapshot['timestamp-ms'], metadata['last-updated-ms']),
    snapshots: [...metadata.snapshots, snapshot],
  };
}

type SetRef = Extract<TableUpdate, { action: 'set-snapshot-ref' }>;

/** Readers see `main`, whose history is the snapshot log. */
function setRef(metadata: TableMetadata, name: string, update: SetRef): TableMetadata {
  const { action: _action, 'ref-name': _name, ...ref } = update;
  const id = ref['snapshot-id'];
  if (!metadata.snapshots.some((each) => each['snapshot-id'] === id)) {
    throw new SluiceError('INVARIANT', { message: `the branch ${name} is set to snapshot ${id}, which the table does not have` });
  }
  const refs = { ...metadata.refs, [name]: ref };
  if (name !== MAIN || metadata['current-snapshot-id'] === id) return { ...metadata, refs };
  const entry = { 'timestamp-ms': metadata['last-updated-ms'], 'snapshot-id': id };
  return { ...metadata, refs, 'current-snapshot-id': id, 'snapshot-log': [...metadata['snapshot-log'], entry] };
}

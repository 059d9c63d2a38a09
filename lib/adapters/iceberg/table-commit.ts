/** The commit of a snapshot: its manifest list, then the one request that takes effect. */
import { StoreError } from '../../core/errors.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { IcebergCatalog, LoadedTable, TableIdentifier } from './catalog.ts';
import { createFile, readFile, type FileIO } from './file-io.ts';
import { manifestListBytes, type ManifestFile, type NewManifest, readManifestList } from './manifest-list.ts';
import { manifestListOf, type TableMetadata } from './metadata.ts';
import { nextSnapshot, requirementsOf, updatesOf } from './snapshot.ts';
import { metadataLocation, syncMarker } from './staging.ts';

export interface CommitParts {
  readonly id: TableIdentifier;
  readonly catalog: IcebergCatalog;
  readonly io: FileIO;
  readonly runtime: Pick<Runtime, 'now' | 'randomHex'>;
}

/** What a commit adds to the table. */
export interface Change {
  readonly snapshotId: bigint;
  /** null: a snapshot that only moves the branch. */
  readonly manifest: NewManifest | null;
  readonly summary: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, string>>;
}

/** `again`: the base is not current any more, or nobody knows what became of the request; the caller loads the table and decides anew. */
export type Outcome = { readonly kind: 'committed' } | { readonly kind: 'again'; readonly why: string };

/** Throws StoreErrors for what did not happen, and STORE_CORRUPT for a manifest list that cannot be read. */
export async function commitChange(parts: CommitParts, base: LoadedTable, change: Change): Promise<Outcome> {
  const { io, runtime } = parts;
  const { metadata } = base;
  const carried = await manifestsOf(io, metadata);
  if (carried === null) return { kind: 'again', why: `the manifest list of snapshot ${metadata['current-snapshot-id']} is gone` };
  const { snapshotId, manifest, summary, properties } = change;
  const manifestList = metadataLocation(metadata, `snap-${snapshotId}-${runtime.randomHex(16)}.avro`);
  const snapshot = nextSnapshot(metadata, { id: snapshotId, manifestList, files: manifest?.files ?? [], now: runtime.now(), summary });
  const listed = { id: snapshotId, parent: snapshot['parent-snapshot-id'] ?? null, sequenceNumber: snapshot['sequence-number'] };
  await createFile(io, manifestList, manifestListBytes(listed, manifest, carried, syncMarker(runtime)));
  // The commit point: everything before it is an orphan that nobody reads, nothing follows it.
  return outcome(() => parts.catalog.commit(parts.id, base, requirementsOf(metadata), updatesOf(metadata, snapshot, properties)));
}

async function outcome(commit: () => ReturnType<IcebergCatalog['commit']>): Promise<Outcome> {
  try {
    const { kind } = await commit();
    return kind === 'committed' ? { kind } : { kind: 'again', why: 'others are committing to the table all the time' };
  } catch (error) {
    if (error instanceof StoreError && error.happened === 'maybe') return { kind: 'again', why: error.message };
    throw error;
  }
}

/** The manifests of the current snapshot; null if their list is gone, as it may be once another writer has expired the snapshot. */
async function manifestsOf(io: FileIO, metadata: TableMetadata): Promise<ManifestFile[] | null> {
  const location = manifestListOf(metadata);
  if (location === null) return [];
  const bytes = await readFile(io, location);
  return bytes === null ? null : readManifestList(bytes, location);
}

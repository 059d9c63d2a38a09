/**
 * A catalog that is nothing but a directory: `<warehouse>/<namespace>/<table>/metadata/v<N>.metadata.json`, as Iceberg's HadoopCatalog has it.
 * The commit point is the creation of the next version file, which fails if it exists.
 */
import { SluiceError, StoreError } from '../../core/errors.ts';
import type { Runtime } from '../../ports/runtime.ts';
import { applyUpdates, meets, removesVersions } from './apply-updates.ts';
import type { CommitResult, IcebergCatalog, LoadedTable, NewTable, TableIdentifier } from './catalog.ts';
import type { WarehouseIO } from './file-io.ts';
import type { TableMetadata, TableRequirement, TableUpdate } from './metadata.ts';
import { newMetadata, uuidOf } from './new-metadata.ts';
import { VersionFiles, versionOf } from './version-files.ts';

export interface HadoopCatalogParts {
  /** Without a slash at the end. */
  readonly warehouse: string;
  readonly io: WarehouseIO;
  readonly runtime: Pick<Runtime, 'now' | 'randomHex'>;
}

const PAGE = 1000;
const PAGES_MAX = 10_000;

/** A version names all snapshots, so that all versions together grow with the square of commits: nobody asks for the old ones. */
const FEW_VERSIONS = { 'write.metadata.delete-after-commit.enabled': 'true', 'write.metadata.previous-versions-max': '10' };

export class HadoopCatalog implements IcebergCatalog {
  readonly #parts: HadoopCatalogParts;

  constructor(parts: HadoopCatalogParts) {
    this.#parts = parts;
  }

  async namespaces(): Promise<readonly string[]> {
    const { io, warehouse } = this.#parts;
    return (await io.directories(`${warehouse}/`)).toSorted();
  }

  async createNamespace(namespace: string, properties: Readonly<Record<string, string>>): Promise<'created' | 'exists'> {
    if (Object.keys(properties).length > 0) {
      throw new SluiceError('OPTION_INVALID', { message: `database '${namespace}' has properties or a comment, which a hadoop catalog cannot keep`, hint: 'Leave COMMENT and WITH out.' });
    }
    if (await this.#hasNamespace(namespace)) return 'exists';
    await this.#parts.io.makeDirectory(this.#namespaceAt(namespace));
    return 'created';
  }

  async dropNamespace(namespace: string): Promise<'dropped' | 'absent' | 'not-empty'> {
    if (!(await this.#hasNamespace(namespace))) return 'absent';
    const { io } = this.#parts;
    const at = this.#namespaceAt(namespace);
    const { blob, key } = io.at(at);
    const left = await blob.list(key, { after: key, limit: 1 });
    if (left.length > 0) return 'not-empty';
    await io.removeDirectory(at);
    return 'dropped';
  }

  async tables(namespace: string): Promise<readonly string[]> {
    const names = await this.#parts.io.directories(this.#namespaceAt(namespace));
    const tables: string[] = [];
    for (const name of names) if (await this.#isTable({ namespace, name })) tables.push(name);
    return tables.toSorted();
  }

  load(id: TableIdentifier): Promise<LoadedTable | null> {
    return this.#versions(id).newest();
  }

  async create(id: TableIdentifier, table: NewTable): Promise<{ readonly kind: 'created'; readonly table: LoadedTable } | { readonly kind: 'exists' }> {
    const versions = this.#versions(id);
    if ((await versions.newest()) !== null) return { kind: 'exists' };
    const { runtime } = this.#parts;
    const properties = { ...FEW_VERSIONS, ...table.properties };
    const metadata = newMetadata({ ...table, properties, uuid: uuidOf(runtime.randomHex(16)), location: this.#tableAt(id).slice(0, -1), now: runtime.now() });
    if (!(await versions.create(1, metadata)) || !(await versions.isFirst())) return { kind: 'exists' };
    await versions.leaveHint(1);
    return { kind: 'created', table: { location: versions.locationOf(1), metadata } };
  }

  /**
   * The name of the next version may be free because that version came and went since `isCurrent`. Versions are removed oldest first, so the base
   * says that it did not; asked behind the creation it leaves no gap.
   */
  async commit(id: TableIdentifier, base: LoadedTable, requirements: readonly TableRequirement[], updates: readonly TableUpdate[]): Promise<CommitResult> {
    const versions = this.#versions(id);
    const version = versionOf(base.location);
    if (version === null || !meets(base.metadata, requirements) || !(await versions.isCurrent(version))) return { kind: 'conflict' };
    const metadata = applyUpdates(base, updates, this.#parts.runtime.now());
    if (!(await versions.create(version + 1, metadata))) return { kind: 'conflict' };
    if (!(await versions.has(version))) return baseGone(versions, version + 1);
    await versions.leaveHint(version + 1);
    await versions.forget(outlived(base, metadata));
    return { kind: 'committed', table: { location: versions.locationOf(version + 1), metadata } };
  }

  /** Removes the whole directory, as Iceberg's own does. The oldest version goes first: until the last one is gone, the table is there. */
  async drop(id: TableIdentifier): Promise<void> {
    const versions = this.#versions(id);
    const { io } = this.#parts;
    for (const version of await versions.versions()) {
      const { blob, key } = io.at(versions.locationOf(version));
      await blob.remove(key);
    }
    await this.#removeFiles(this.#tableAt(id));
    await io.removeDirectory(this.#tableAt(id));
  }

  async #removeFiles(directory: string): Promise<void> {
    const { blob, key: prefix } = this.#parts.io.at(directory);
    for (let page = 0; page < PAGES_MAX; page++) {
      const found = await blob.list(prefix, { after: '', limit: PAGE });
      if (found.length === 0) return;
      for (const { key } of found) await blob.remove(key);
    }
  }

  async #hasNamespace(namespace: string): Promise<boolean> {
    this.#namespaceAt(namespace);
    return (await this.namespaces()).includes(namespace);
  }

  async #isTable(id: TableIdentifier): Promise<boolean> {
    const { blob, key } = this.#parts.io.at(`${this.#tableAt(id)}metadata/v`);
    return (await blob.list(key, { after: '', limit: 1 })).length > 0;
  }

  #versions(id: TableIdentifier): VersionFiles {
    return new VersionFiles(this.#parts.io, `${this.#tableAt(id)}metadata/`);
  }

  #tableAt({ namespace, name }: TableIdentifier): string {
    return `${this.#namespaceAt(namespace)}${directoryName(name)}/`;
  }

  #namespaceAt(namespace: string): string {
    return `${this.#parts.warehouse}/${directoryName(namespace)}/`;
  }
}

async function baseGone(versions: VersionFiles, created: number): Promise<CommitResult> {
  if (await versions.withdraw(created)) return { kind: 'conflict' };
  throw new StoreError('maybe', { message: `the version before ${versions.locationOf(created)} was removed while that was written`, hint: 'load the table again: it may have been dropped' });
}

/** Metadata files that the log names no more, where the table wants them removed. */
function outlived({ metadata: before }: LoadedTable, after: TableMetadata): string[] {
  if (!removesVersions(after)) return [];
  const named = new Set(after['metadata-log'].map((entry) => entry['metadata-file']));
  return before['metadata-log'].flatMap((entry) => (named.has(entry['metadata-file']) ? [] : [entry['metadata-file']]));
}

/** Names are directories as they stand; other tools read them too, so nothing is escaped. Throws OPTION_INVALID. */
function directoryName(name: string): string {
  if (/^[^./\\?*[\]\0][^/\\?*[\]\0]*$/.test(name)) return name;
  throw new SluiceError('OPTION_INVALID', { message: `'${name}' cannot be the name of a directory, as databases and tables of a hadoop catalog are`, hint: 'Use letters, digits and underscores.' });
}

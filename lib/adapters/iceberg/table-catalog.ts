/** An Iceberg catalog in the words of SQL. */
import { SluiceError } from '../../core/errors.ts';
import type { ExternalTable, OptionChange, TableCatalog, TableScan } from '../../ports/table-catalog.ts';
import { tableText, type IcebergCatalog } from './catalog.ts';
import type { FileIO } from './file-io.ts';
import type { TableMetadata, TableUpdate } from './metadata.ts';
import { present, scanTable } from './scan.ts';
import { externalTable, newTable } from './sql-schema.ts';

const ATTEMPTS_MAX = 8;

export class IcebergTables implements TableCatalog {
  readonly #catalog: IcebergCatalog;
  readonly #io: FileIO;

  constructor(catalog: IcebergCatalog, io: FileIO) {
    this.#catalog = catalog;
    this.#io = io;
  }

  databases(): Promise<readonly string[]> {
    return this.#catalog.namespaces();
  }

  createDatabase(name: string, options: Readonly<Record<string, string>>): Promise<'created' | 'exists'> {
    return this.#catalog.createNamespace(name, options);
  }

  dropDatabase(name: string): Promise<'dropped' | 'absent' | 'not-empty'> {
    return this.#catalog.dropNamespace(name);
  }

  tables(database: string): Promise<readonly string[]> {
    return this.#catalog.tables(database);
  }

  async table(namespace: string, name: string): Promise<ExternalTable | null> {
    const loaded = await this.#catalog.load({ namespace, name });
    return loaded && externalTable(loaded.metadata, tableText({ namespace, name }));
  }

  async createTable(namespace: string, name: string, table: ExternalTable): Promise<'created' | 'exists'> {
    return (await this.#catalog.create({ namespace, name }, newTable(table))).kind;
  }

  /** Jobs commit to the table all the time: an option does not depend on what they write, so it is set on whatever is there. */
  async alterTable(namespace: string, name: string, change: OptionChange): Promise<'altered' | 'absent'> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const base = await this.#catalog.load({ namespace, name });
      if (base === null) return 'absent';
      const updates = optionUpdates(base.metadata, change);
      if (updates.length === 0) return 'altered';
      const uuid = base.metadata['table-uuid'];
      const { kind } = await this.#catalog.commit({ namespace, name }, base, [{ type: 'assert-table-uuid', uuid }], updates);
      if (kind === 'committed') return 'altered';
    }
    throw new SluiceError('CONTENTION', { message: `others keep committing to '${tableText({ namespace, name })}'` });
  }

  dropTable(namespace: string, name: string): Promise<void> {
    return this.#catalog.drop({ namespace, name });
  }

  async scan(namespace: string, name: string): Promise<TableScan | null> {
    const loaded = await this.#catalog.load({ namespace, name });
    return loaded && scanTable(this.#io, loaded.metadata, tableText({ namespace, name }));
  }

  read(location: string): Promise<Uint8Array> {
    return present(this.#io, location);
  }
}

/** `format-version` is no property; that it is 2 has been checked. */
function optionUpdates({ properties }: TableMetadata, change: OptionChange): TableUpdate[] {
  const { 'format-version': _version, ...set } = change.set;
  const removals = change.reset.filter((key) => Object.hasOwn(properties, key));
  return [
    ...(removals.length === 0 ? [] : [{ action: 'remove-properties', removals } as const]),
    ...(Object.keys(set).length === 0 ? [] : [{ action: 'set-properties', updates: set } as const]),
  ];
}

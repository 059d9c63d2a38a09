/** Catalogs outside of the store, in the words of SQL: their databases and tables belong to whoever has access to them. */
import type { Column } from '../core/types.ts';

export interface CatalogColumn extends Column {
  readonly comment: string | null;
}

/** A table as its catalog describes it. */
export interface ExternalTable {
  readonly columns: readonly CatalogColumn[];
  /** Names of columns; empty without one. */
  readonly primaryKey: readonly string[];
  /** Names of columns; empty where rows are partitioned by anything else. */
  readonly partitionedBy: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  readonly comment: string | null;
}

export interface ScannedFile {
  /** Absolute. */
  readonly location: string;
  /** Values of all of its rows by the id of their column, as text that CAST reads: they count where the file does not have the column. */
  readonly partition: ReadonlyMap<number, string | null>;
}

/** Rows of a table as they are now, for a reader of Parquet that finds columns by their field ids. */
export interface TableScan {
  readonly columns: readonly (Column & { readonly id: number })[];
  readonly files: readonly ScannedFile[];
  /** Absolute locations of Parquet files with the columns `file_path` and `pos`: rows of `files` that are deleted. */
  readonly positionDeletes: readonly string[];
}

/** Failures are StoreErrors, and OPTION_INVALID for what such a catalog cannot do. */
export interface TableCatalog {
  databases(): Promise<readonly string[]>;
  createDatabase(name: string, options: Readonly<Record<string, string>>): Promise<'created' | 'exists'>;
  dropDatabase(name: string): Promise<'dropped' | 'absent' | 'not-empty'>;
  /** Empty for a database that does not exist. */
  tables(database: string): Promise<readonly string[]>;
  table(database: string, name: string): Promise<ExternalTable | null>;
  createTable(database: string, name: string, table: ExternalTable): Promise<'created' | 'exists'>;
  alterTable(database: string, name: string, change: OptionChange): Promise<'altered' | 'absent'>;
  dropTable(database: string, name: string): Promise<void>;
  /** null: there is no such table. */
  scan(database: string, name: string): Promise<TableScan | null>;
  /** A file of a scan. */
  read(location: string): Promise<Uint8Array>;
}

export interface OptionChange {
  readonly set: Readonly<Record<string, string>>;
  readonly reset: readonly string[];
}

/** Opens the catalog that options describe: those that tables of it are planned with. */
export type OpenTableCatalog = (options: Readonly<Record<string, string>>) => Promise<TableCatalog>;

/** What the sink and the commands need of an Iceberg catalog, whatever its kind. */
import type { PartitionSpec, Schema, TableMetadata, TableRequirement, TableUpdate } from './metadata.ts';

export interface TableIdentifier {
  /** One level: the database of SQL. */
  readonly namespace: string;
  readonly name: string;
}

/** For people. */
export const tableText = ({ namespace, name }: TableIdentifier): string => `${namespace}.${name}`;

/** A table as it was when it was loaded; commits are made against exactly this. */
export interface LoadedTable {
  /** Of the metadata file; empty where the catalog does not say. */
  readonly location: string;
  readonly metadata: TableMetadata;
}

export interface NewTable {
  /** With field ids from 1 on; a catalog may give others. */
  readonly schema: Schema;
  readonly spec: PartitionSpec;
  readonly properties: Readonly<Record<string, string>>;
}

/** `conflict`: a requirement does not hold, the base is no longer current, or the table is gone; the caller loads again and decides anew. */
export type CommitResult = { readonly kind: 'committed'; readonly table: LoadedTable } | { readonly kind: 'conflict' };

/**
 * Laws:
 * 1. `commit` takes effect as a whole or not at all, on exactly `base`: nothing is ever applied to a refreshed table behind the caller's back.
 * 2. A failure is a StoreError. `no`: nothing has changed; `maybe`: the outcome is unknown, and loading the table again tells it.
 * 3. `load` sees every commit that was confirmed before it began.
 */
export interface IcebergCatalog {
  /** Sorted. */
  namespaces(): Promise<readonly string[]>;
  createNamespace(namespace: string, properties: Readonly<Record<string, string>>): Promise<'created' | 'exists'>;
  dropNamespace(namespace: string): Promise<'dropped' | 'absent' | 'not-empty'>;
  /** Sorted; empty for a namespace that does not exist. */
  tables(namespace: string): Promise<readonly string[]>;
  /** null: there is no such table, or no such namespace. */
  load(id: TableIdentifier): Promise<LoadedTable | null>;
  create(id: TableIdentifier, table: NewTable): Promise<{ readonly kind: 'created'; readonly table: LoadedTable } | { readonly kind: 'exists' }>;
  commit(id: TableIdentifier, base: LoadedTable, requirements: readonly TableRequirement[], updates: readonly TableUpdate[]): Promise<CommitResult>;
  /** The data files stay where the catalog leaves them; a table that does not exist is dropped already. */
  drop(id: TableIdentifier): Promise<void>;
}

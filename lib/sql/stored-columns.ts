/** Columns of a table that an INSERT writes: physical ones, and metadata that is not VIRTUAL; computed columns are not stored. */
import type { Column } from '../core/types.ts';
import type { ColumnDefinition, MetadataColumn } from './ast.ts';

export interface StoredColumn {
  readonly column: Column;
  /** null: a physical column. */
  readonly metadata: MetadataColumn | null;
}

export const storedColumns = (columns: readonly ColumnDefinition[]): StoredColumn[] =>
  columns.flatMap((definition): StoredColumn[] => {
    if (definition.kind === 'computed-column' || (definition.kind === 'metadata-column' && definition.virtual)) return [];
    const { name, type } = definition;
    return [{ column: { name: name.name, type: type.type, nullable: type.nullable }, metadata: definition.kind === 'metadata-column' ? definition : null }];
  });

/** The metadata that a column is, by its own name or that behind FROM. */
export const metadataKey = ({ key, name }: MetadataColumn): string => key?.value ?? name.name;

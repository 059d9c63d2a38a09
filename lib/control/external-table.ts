/** Tables between SQL and the catalogs outside of the store. */
import type { ExternalTable } from '../ports/table-catalog.ts';
import type { CatalogTable } from '../sql/catalog-table.ts';

/** A table of which nothing but its existence is known here. */
export const nameOnly = (name: string): CatalogTable => ({ name, columns: [], watermark: null, primaryKey: null, partitionedBy: [], options: {}, comment: null });

export function catalogTableOf(name: string, { columns, primaryKey, partitionedBy, options, comment }: ExternalTable): CatalogTable {
  return {
    name,
    columns: columns.map((column) => ({ ...column, kind: 'physical' })),
    watermark: null,
    primaryKey: primaryKey.length === 0 ? null : { name: null, columns: primaryKey },
    partitionedBy,
    options,
    comment,
  };
}

/** What an external catalog keeps; `checkIcebergTable` has refused all else. */
export const externalTable = ({ columns, primaryKey, partitionedBy, options, comment }: CatalogTable): ExternalTable => ({
  columns: columns.flatMap((column) => (column.kind === 'physical' ? [{ name: column.name, type: column.type, nullable: column.nullable, comment: column.comment }] : [])),
  primaryKey: primaryKey?.columns ?? [],
  partitionedBy,
  options,
  comment,
});

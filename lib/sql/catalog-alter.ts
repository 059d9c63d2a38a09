/** ALTER TABLE, as Flink's AlterSchemaConverter has it: a table with a part of it exchanged, or the reason why it cannot be. */
import type { SluiceError } from '../core/errors.ts';
import type { Identifier, Node, PlacedColumn, TableChange, Text } from './ast.ts';
import { catalogColumn, optionRecord, type CatalogColumn, type CatalogTable } from './catalog-table.ts';
import { columnsIn } from './columns-in.ts';
import { didYouMean, sqlError } from './diagnostic.ts';

type Elements = Extract<TableChange, { readonly kind: 'add' | 'modify' }>;

/** The table after the change; `source` is the text that the change stands in. */
export function alteredTable(table: CatalogTable, change: Exclude<TableChange, { kind: 'rename' }>, source: string): CatalogTable {
  const edit = new TableEdit(table, source);
  switch (change.kind) {
    case 'set':
      return { ...table, options: { ...table.options, ...optionRecord(change.options) } };
    case 'reset':
      return { ...table, options: edit.optionsWithout(change.keys) };
    case 'rename-column':
      return edit.renamed(change.column, change.to);
    case 'add':
      return edit.extended(change);
    case 'modify':
      return edit.modified(change);
    case 'drop-columns':
      return change.columns.reduce((left, column) => new TableEdit(left, source).without(column), table);
    case 'drop-watermark':
      return edit.withoutWatermark();
    case 'drop-key':
      return edit.withoutKey(change.name);
  }
}

class TableEdit {
  readonly #table: CatalogTable;
  readonly #source: string;

  constructor(table: CatalogTable, source: string) {
    this.#table = table;
    this.#source = source;
  }

  optionsWithout(keys: readonly Text[]): CatalogTable['options'] {
    const connector = keys.find(({ value }) => value === 'connector');
    if (connector !== undefined) throw this.#plain(connector, "ALTER TABLE RESET does not support changing 'connector'");
    const gone = new Set(keys.map(({ value }) => value));
    return Object.fromEntries(Object.entries(this.#table.options).filter(([key]) => !gone.has(key)));
  }

  extended({ columns, watermark, primaryKey }: Elements): CatalogTable {
    const { watermark: oldWatermark, primaryKey: oldKey } = this.#table;
    if (watermark !== null && oldWatermark !== null) {
      throw this.#refuse(watermark, `The base table has already defined the watermark strategy \`${oldWatermark.column}\` AS ${oldWatermark.expression}. You might want to drop it before adding a new one.`);
    }
    if (primaryKey !== null && oldKey !== null) {
      throw this.#refuse(primaryKey, `The base table has already defined the primary key constraint [${oldKey.columns.map((name) => `\`${name}\``).join(', ')}]. You might want to drop it before adding a new one.`);
    }
    for (const { column } of columns) {
      if (this.#indexOf(column.name.name) >= 0) throw this.#refuse(column.name, `Try to add a column \`${column.name.name}\` which already exists in the table.`);
    }
    return this.#with({ columns, watermark, primaryKey });
  }

  modified({ columns, watermark, primaryKey }: Elements): CatalogTable {
    if (watermark !== null && this.#table.watermark === null) throw this.#refuse(watermark, 'The base table does not define any watermark. You might want to add a new one.');
    if (primaryKey !== null && this.#table.primaryKey === null) throw this.#refuse(primaryKey, 'The base table does not define any primary key constraint. You might want to add a new one.');
    for (const { column } of columns) {
      if (this.#indexOf(column.name.name) < 0) throw this.#unknown(column.name, `Try to modify a column \`${column.name.name}\` which does not exist in the table.`);
    }
    return this.#with({ columns, watermark, primaryKey });
  }

  renamed(column: Identifier, to: Identifier): CatalogTable {
    const index = this.#existing(column);
    if (this.#indexOf(to.name) >= 0) throw this.#refuse(to, `The column \`${to.name}\` already existed in table schema.`);
    this.#refuseComputedFrom(column);
    const name = (old: string): string => (old === column.name ? to.name : old);
    const { columns, primaryKey, partitionedBy } = this.#table;
    return {
      ...this.#table,
      columns: columns.with(index, { ...this.#column(index), name: to.name }),
      primaryKey: primaryKey && { ...primaryKey, columns: primaryKey.columns.map(name) },
      partitionedBy: partitionedBy.map(name),
    };
  }

  without(column: Identifier): CatalogTable {
    const index = this.#existing(column);
    this.#refuseComputedFrom(column);
    const { columns, primaryKey, partitionedBy } = this.#table;
    if (primaryKey?.columns.includes(column.name) === true) throw this.#refuse(column, `The column \`${column.name}\` is used as the primary key.`);
    if (partitionedBy.includes(column.name)) throw this.#refuse(column, `The column \`${column.name}\` is used as a partition key.`);
    return { ...this.#table, columns: columns.toSpliced(index, 1) };
  }

  withoutWatermark(): CatalogTable {
    if (this.#table.watermark === null) throw this.#refuse(null, 'The base table does not define any watermark strategy.');
    return { ...this.#table, watermark: null };
  }

  withoutKey(name: Identifier | null): CatalogTable {
    const { primaryKey } = this.#table;
    if (primaryKey === null) throw this.#refuse(name, 'The base table does not define any primary key.');
    if (name !== null && primaryKey.name !== name.name) {
      throw this.#refuse(name, `The base table does not define a primary key constraint named '${name.name}'. Available constraint name: ['${primaryKey.name ?? ''}'].`);
    }
    return { ...this.#table, primaryKey: null };
  }

  #with({ columns, watermark, primaryKey }: Pick<Elements, 'columns' | 'watermark' | 'primaryKey'>): CatalogTable {
    const source = this.#source;
    const keys = new Set(primaryKey?.columns.map(({ name }) => name) ?? this.#table.primaryKey?.columns);
    const cut = ({ start, end }: Node['span']): string => source.slice(start, end);
    const placed = columns.reduce<readonly CatalogColumn[]>((all, each) => this.#placed(all, each, catalogColumn(each.column, keys.has(each.column.name.name), cut)), this.#table.columns);
    return {
      ...this.#table,
      columns: placed.map((column) => (column.kind === 'physical' && keys.has(column.name) ? { ...column, nullable: false } : column)),
      watermark: watermark === null ? this.#table.watermark : { column: watermark.column.name, expression: cut(watermark.expression.span) },
      primaryKey: primaryKey === null ? this.#table.primaryKey : { name: primaryKey.name?.name ?? null, columns: [...keys] },
    };
  }

  #placed(all: readonly CatalogColumn[], { column, place }: PlacedColumn, made: CatalogColumn): readonly CatalogColumn[] {
    const old = all.findIndex(({ name }) => name === column.name.name);
    if (place === null) return old < 0 ? [...all, made] : all.with(old, made);
    const others = old < 0 ? all : all.toSpliced(old, 1);
    if (place.kind === 'first') return [made, ...others];
    const after = others.findIndex(({ name }) => name === place.column.name);
    if (after < 0) throw this.#unknown(place.column, `Referenced column \`${place.column.name}\` by 'AFTER' does not exist in the table.`);
    return others.toSpliced(after + 1, 0, made);
  }

  #existing(column: Identifier): number {
    const index = this.#indexOf(column.name);
    if (index < 0) throw this.#unknown(column, `The column \`${column.name}\` does not exist in the base table.`);
    return index;
  }

  /** A column that others are computed from stays as it is. */
  #refuseComputedFrom(column: Identifier): void {
    const { columns, watermark } = this.#table;
    const computed = columns.find((each) => each.kind === 'computed' && columnsIn(each.expression).has(column.name));
    if (computed !== undefined) throw this.#refuse(column, `The column \`${column.name}\` is referenced by computed column \`${computed.name}\`.`);
    if (watermark !== null && (watermark.column === column.name || columnsIn(watermark.expression).has(column.name))) {
      throw this.#refuse(column, `The column \`${column.name}\` is referenced by watermark expression.`);
    }
  }

  #indexOf = (name: string): number => this.#table.columns.findIndex((column) => column.name === name);

  #column(index: number): CatalogColumn {
    const column = this.#table.columns[index];
    if (column === undefined) throw new RangeError(`no column ${index}`);
    return column;
  }

  #unknown(at: Identifier, problem: string): SluiceError {
    return this.#refuse(at, problem, didYouMean(at.name, this.#table.columns.map(({ name }) => name)));
  }

  #refuse(at: Node | null, problem: string, hint?: string): SluiceError {
    return this.#plain(at, `Failed to execute ALTER TABLE statement.\n${problem}`, hint);
  }

  #plain(at: Node | null, problem: string, hint?: string): SluiceError {
    return sqlError('SQL_VALIDATE', this.#source, at?.span ?? { start: 0, end: this.#source.length }, problem, hint);
  }
}

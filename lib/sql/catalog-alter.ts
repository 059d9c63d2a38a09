/** ALTER TABLE, as Flink's AlterSchemaConverter has it: a table with a part of it exchanged, or the reason why it cannot be. */
import type { SluiceError } from '../core/errors.ts';
import type { AlterTable, Identifier, Node, PlacedColumn, TableChange, Text } from './ast.ts';
import { catalogColumn, optionRecord, type CatalogColumn, type CatalogTable } from './catalog-table.ts';
import { columnsIn } from './columns-in.ts';
import { didYouMean, sqlError } from './diagnostic.ts';

type Elements = Extract<TableChange, { readonly kind: 'add' | 'modify' }>;

/** The table after the change, whose parts fit together as far as the change is about them alone (`checkAltered` looks at the whole). */
export function alteredTable(table: CatalogTable, change: Exclude<TableChange, { kind: 'rename' }>, statement: Pick<AlterTable, 'source' | 'span'>): CatalogTable {
  const edit = new TableEdit(table, statement);
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
      return edit.withoutAll(change.columns);
    case 'drop-watermark':
      return edit.withoutWatermark();
    case 'drop-key':
      return edit.withoutKey(change.name);
  }
}

class TableEdit {
  readonly #table: CatalogTable;
  readonly #statement: Pick<AlterTable, 'source' | 'span'>;

  constructor(table: CatalogTable, statement: Pick<AlterTable, 'source' | 'span'>) {
    this.#table = table;
    this.#statement = statement;
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
    this.#refuseTwice(columns.map(({ column }) => column.name), 'Encounter duplicate column');
    for (const { column } of columns) {
      if (this.#indexOf(column.name.name) >= 0) throw this.#refuse(column.name, `Try to add a column \`${column.name.name}\` which already exists in the table.`);
    }
    return this.#with({ columns, watermark, primaryKey });
  }

  modified({ columns, watermark, primaryKey }: Elements): CatalogTable {
    if (watermark !== null && this.#table.watermark === null) throw this.#refuse(watermark, 'The base table does not define any watermark. You might want to add a new one.');
    if (primaryKey !== null && this.#table.primaryKey === null) throw this.#refuse(primaryKey, 'The base table does not define any primary key constraint. You might want to add a new one.');
    this.#refuseTwice(columns.map(({ column }) => column.name), 'Encounter duplicate column');
    for (const { column } of columns) {
      if (this.#indexOf(column.name.name) < 0) throw this.#unknown(column.name, `Try to modify a column \`${column.name.name}\` which does not exist in the table.`);
    }
    return this.#with({ columns, watermark, primaryKey });
  }

  renamed(column: Identifier, to: Identifier): CatalogTable {
    const index = this.#existing(column);
    this.#refuseReferenced(column);
    if (this.#indexOf(to.name) >= 0) throw this.#refuse(to, `The column \`${to.name}\` already existed in table schema.`);
    const name = (old: string): string => (old === column.name ? to.name : old);
    const { columns, primaryKey } = this.#table;
    return {
      ...this.#table,
      columns: columns.with(index, { ...this.#column(index), name: to.name }),
      primaryKey: primaryKey && { ...primaryKey, columns: primaryKey.columns.map(name) },
    };
  }

  /** Computed columns go before those that they are computed from. */
  withoutAll(columns: readonly Identifier[]): CatalogTable {
    this.#refuseTwice(columns, 'Duplicate column');
    const isComputed = ({ name }: Identifier): boolean => this.#table.columns.some((column) => column.name === name && column.kind === 'computed');
    const sorted = [...columns.filter(isComputed), ...columns.filter((column) => !isComputed(column))];
    return sorted.reduce((left, column) => new TableEdit(left, this.#statement).#without(column), this.#table);
  }

  #without(column: Identifier): CatalogTable {
    const index = this.#existing(column);
    this.#refuseReferenced(column);
    const { columns, primaryKey } = this.#table;
    if (primaryKey?.columns.includes(column.name) === true) throw this.#refuse(column, `The column \`${column.name}\` is used as the primary key.`);
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
    const keys = new Set(primaryKey?.columns.map(({ name }) => name) ?? this.#table.primaryKey?.columns);
    const cut = ({ start, end }: Node['span']): string => this.#statement.source.slice(start, end);
    const placed = columns.reduce<readonly CatalogColumn[]>((all, each) => this.#placed(all, each, this.#commented(catalogColumn(each.column, keys.has(each.column.name.name), cut))), this.#table.columns);
    return {
      ...this.#table,
      columns: placed.map((column) => (column.kind === 'physical' && keys.has(column.name) ? { ...column, nullable: false } : column)),
      watermark: watermark === null ? this.#table.watermark : { column: watermark.column.name, expression: cut(watermark.expression.span) },
      primaryKey: primaryKey === null ? this.#table.primaryKey : { name: primaryKey.name?.name ?? null, columns: [...keys] },
    };
  }

  /** A column that is modified keeps its comment, unless it gets another. */
  #commented(column: CatalogColumn): CatalogColumn {
    return { ...column, comment: column.comment ?? this.#table.columns.find(({ name }) => name === column.name)?.comment ?? null };
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

  #refuseTwice(columns: readonly Identifier[], problem: string): void {
    const again = columns.find(({ name }, i) => columns.findIndex((other) => other.name === name) < i);
    if (again !== undefined) throw this.#refuse(again, `${problem} \`${again.name}\`.`);
  }

  /** A column that others are computed from stays as it is. */
  #refuseReferenced(column: Identifier): void {
    const { columns, watermark, partitionedBy } = this.#table;
    const computed = columns.filter((each) => each.kind === 'computed' && columnsIn(each.expression).has(column.name)).map(({ name }) => `\`${name}\``);
    if (computed.length > 0) throw this.#refuse(column, `The column \`${column.name}\` is referenced by computed column ${computed.sort().join(', ')}.`);
    if (partitionedBy.includes(column.name)) throw this.#refuse(column, `The column \`${column.name}\` is used as the partition keys.`);
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
    return sqlError('SQL_VALIDATE', this.#statement.source, at?.span ?? this.#statement.span, problem, hint);
  }
}

/** CREATE TABLE … LIKE, as Flink's MergeTableLikeUtil merges the two; a table that is like no other is merged with an empty one. */
import type { SluiceError } from '../core/errors.ts';
import type { ColumnDefinition, CreateTable, LikeFeature, LikeStrategy, Option, Span } from './ast.ts';
import { catalogColumn, optionRecord, type CatalogColumn, type CatalogTable } from './catalog-table.ts';
import { sqlError } from './diagnostic.ts';

type Strategies = Readonly<Record<Exclude<LikeFeature, 'ALL'>, LikeStrategy>>;

const DEFAULTS: Strategies = {
  CONSTRAINTS: 'INCLUDING',
  DISTRIBUTION: 'INCLUDING',
  GENERATED: 'INCLUDING',
  METADATA: 'INCLUDING',
  OPTIONS: 'OVERWRITING',
  PARTITIONS: 'INCLUDING',
  WATERMARKS: 'INCLUDING',
};

/** A table without anything. */
const NOTHING: CatalogTable = { name: '', columns: [], watermark: null, primaryKey: null, partitionedBy: [], options: {}, comment: null };

/** The table of a statement, over `base` where it says LIKE. */
export function mergedTable(statement: CreateTable, base: CatalogTable | null): CatalogTable {
  return new TableMerge(statement, base ?? NOTHING).table();
}

/** ALL is for what no option names. */
function strategiesOf({ like }: CreateTable): Strategies {
  const all = like?.options.find(({ feature }) => feature === 'ALL')?.strategy;
  const start = Object.fromEntries(Object.entries(DEFAULTS).map(([feature, strategy]) => [feature, all ?? strategy]));
  const named = (like?.options ?? []).map(({ feature, strategy }) => [feature, strategy]);
  return { ...DEFAULTS, ...start, ...Object.fromEntries(named) };
}

class TableMerge {
  readonly #statement: CreateTable;
  readonly #base: CatalogTable;
  readonly #strategies: Strategies;

  constructor(statement: CreateTable, base: CatalogTable) {
    this.#statement = statement;
    this.#base = base;
    this.#strategies = strategiesOf(statement);
  }

  table(): CatalogTable {
    const { name, comment } = this.#statement;
    const primaryKey = this.#primaryKey();
    return {
      name: name.parts.at(-1)?.name ?? '',
      columns: this.#columns(new Set(primaryKey?.columns)),
      watermark: this.#watermark(),
      primaryKey,
      partitionedBy: this.#partitions(),
      options: this.#options(),
      comment: comment?.value ?? null,
    };
  }

  /** Those of the base first; a column of the statement takes the place of one that it overwrites. */
  #columns(keys: ReadonlySet<string>): readonly CatalogColumn[] {
    const kept = this.#base.columns.filter(({ kind }) => !(kind === 'computed' && this.#strategies.GENERATED === 'EXCLUDING') && !(kind === 'metadata' && this.#strategies.METADATA === 'EXCLUDING'));
    const columns = new Map(kept.map((column) => [column.name, column]));
    const physical = this.#physicalNames(columns);
    for (const column of this.#statement.columns) {
      this.#requireFree(column, columns.get(column.name.name), physical);
      columns.set(column.name.name, catalogColumn(column, keys.has(column.name.name), (span) => this.#cut(span)));
    }
    return [...columns.values()].map((column) => (column.kind === 'physical' && keys.has(column.name) ? { ...column, nullable: false } : column));
  }

  /** Of the base and of the statement, which Flink collects before it looks at the other columns. */
  #physicalNames(base: ReadonlyMap<string, CatalogColumn>): ReadonlySet<string> {
    const names = new Set([...base.values()].filter(({ kind }) => kind === 'physical').map(({ name }) => name));
    for (const { kind, name } of this.#statement.columns) {
      if (kind !== 'physical-column') continue;
      if (base.has(name.name)) throw this.#refuse(name.span, `A column named '${name.name}' already exists in the base table.`);
      if (names.has(name.name)) throw this.#refuse(name.span, `A regular Column named '${name.name}' already exists in the table.`);
      names.add(name.name);
    }
    return names;
  }

  /** A computed or metadata column may stand for one of its kind in the base, and for no other. */
  #requireFree({ kind, name: { name, span } }: ColumnDefinition, old: CatalogColumn | undefined, physical: ReadonlySet<string>): void {
    if (kind === 'physical-column') return;
    const [mine, what, feature] = kind === 'computed-column' ? (['computed', 'compute', 'GENERATED'] as const) : (['metadata', 'metadata', 'METADATA'] as const);
    if (physical.has(name)) throw this.#refuse(span, `A column named '${name}' already exists in the table. Duplicate columns exist in the ${what} column and regular column. `);
    if (old === undefined) return;
    const plural = mine === 'computed' ? 'Computed' : 'Metadata';
    if (old.kind !== mine) throw this.#refuse(span, `A column named '${name}' already exists in the base table. ${plural} columns can only overwrite other ${mine} columns.`);
    if (this.#strategies[feature] === 'OVERWRITING') return;
    const adjective = mine === 'computed' ? 'generated' : 'metadata';
    throw this.#refuse(span, `A ${adjective} column named '${name}' already exists in the base table. You might want to specify EXCLUDING ${feature} or OVERWRITING ${feature}.`);
  }

  #watermark(): CatalogTable['watermark'] {
    const { watermark } = this.#statement;
    const kept = this.#strategies.WATERMARKS === 'EXCLUDING' ? null : this.#base.watermark;
    if (watermark === null) return kept;
    const column = watermark.column.name;
    if (kept?.column === column && this.#strategies.WATERMARKS !== 'OVERWRITING') {
      throw this.#refuse(watermark.span, `There already exists a watermark spec for column '${column}' in the base table. You might want to specify EXCLUDING WATERMARKS or OVERWRITING WATERMARKS.`);
    }
    if (kept !== null && kept.column !== column) throw this.#refuse(watermark.span, 'Multiple watermark definitions are not supported yet.', 'Write EXCLUDING WATERMARKS.');
    return { column, expression: this.#cut(watermark.expression.span) };
  }

  #primaryKey(): CatalogTable['primaryKey'] {
    const { primaryKey } = this.#statement;
    const kept = this.#strategies.CONSTRAINTS === 'INCLUDING' ? this.#base.primaryKey : null;
    if (primaryKey === null) return kept;
    if (kept !== null) throw this.#refuse(primaryKey.span, 'The base table already has a primary key. You might want to specify EXCLUDING CONSTRAINTS.');
    return { name: primaryKey.name?.name ?? null, columns: primaryKey.columns.map(({ name }) => name) };
  }

  #partitions(): readonly string[] {
    const mine = this.#statement.partitionedBy.map(({ name }) => name);
    const kept = this.#strategies.PARTITIONS === 'EXCLUDING' ? [] : this.#base.partitionedBy;
    const [first] = this.#statement.partitionedBy;
    if (first !== undefined && kept.length > 0) throw this.#refuse(first.span, 'The base table already has partitions defined. You might want to specify EXCLUDING PARTITIONS.');
    return mine.length > 0 ? mine : kept;
  }

  #options(): CatalogTable['options'] {
    const { OPTIONS: strategy } = this.#strategies;
    const kept = strategy === 'EXCLUDING' ? {} : this.#base.options;
    const again = strategy === 'OVERWRITING' ? undefined : this.#statement.options.find(({ key }) => Object.hasOwn(kept, key.value));
    if (again !== undefined) throw this.#refuse(again.span, optionThere(again, kept));
    return { ...kept, ...optionRecord(this.#statement.options) };
  }

  #cut({ start, end }: Span): string {
    return this.#statement.source.slice(start, end);
  }

  #refuse(span: Span, message: string, hint?: string): SluiceError {
    return sqlError('SQL_VALIDATE', this.#statement.source, span, message, hint);
  }
}

const optionThere = ({ key }: Option, kept: CatalogTable['options']): string =>
  `There already exists an option ['${key.value}' -> '${kept[key.value] ?? ''}']  in the base table. You might want to specify EXCLUDING OPTIONS or OVERWRITING OPTIONS.`;

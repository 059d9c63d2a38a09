/**
 * The syntax tree of the Flink SQL dialect: plain data, one `kind` per construct, a `span` on every node. Spans are
 * character offsets in the text that was parsed, which every statement carries as `source`.
 */
import type { Expression } from './ast-expression.ts';
import type { Identifier, Node, Option, QualifiedName, Span, Text, TypeNode } from './ast-node.ts';
import type { Hint, Query } from './ast-query.ts';

export type * from './ast-expression.ts';
export type * from './ast-node.ts';
export type * from './ast-query.ts';

// Statements.

interface StatementNode extends Node {
  /** The statement as written, without its semicolon: `source` from `span.start` to `span.end`. */
  readonly text: string;
  /** Everything that was parsed in one go; all spans are offsets in it. */
  readonly source: string;
}

export type Statement =
  | CreateCatalog
  | CreateDatabase
  | CreateTable
  | CreateView
  | AlterTable
  | AlterView
  | DropCatalog
  | DropDatabase
  | DropTable
  | DropView
  | UseCatalog
  | UseDatabase
  | SetOption
  | ResetOption
  | Show
  | ShowCreate
  | Describe
  | DescribeJob
  | StopJob
  | Explain
  | Insert
  | StatementSet
  | StatementSetEdge
  | QueryStatement;

export interface CreateCatalog extends StatementNode {
  readonly kind: 'create-catalog';
  readonly name: Identifier;
  readonly ifNotExists: boolean;
  readonly comment: Text | null;
  readonly options: readonly Option[];
}

export interface CreateDatabase extends StatementNode {
  readonly kind: 'create-database';
  readonly name: QualifiedName;
  readonly ifNotExists: boolean;
  readonly comment: Text | null;
  readonly options: readonly Option[];
}

export interface CreateTable extends StatementNode {
  readonly kind: 'create-table';
  readonly name: QualifiedName;
  readonly temporary: boolean;
  readonly ifNotExists: boolean;
  readonly columns: readonly ColumnDefinition[];
  /** Flink allows one; a second one is rejected by the parser. */
  readonly watermark: WatermarkDefinition | null;
  readonly primaryKey: PrimaryKey | null;
  readonly partitionedBy: readonly Identifier[];
  readonly comment: Text | null;
  /** Empty without a WITH clause, as tables of a filesystem catalog are written. */
  readonly options: readonly Option[];
  readonly like: TableLike | null;
}

/** `LIKE t (INCLUDING ALL EXCLUDING OPTIONS …)`. */
export interface TableLike extends Node {
  readonly kind: 'like';
  readonly table: QualifiedName;
  readonly options: readonly LikeOption[];
}

export type LikeFeature = 'ALL' | 'CONSTRAINTS' | 'DISTRIBUTION' | 'GENERATED' | 'METADATA' | 'OPTIONS' | 'PARTITIONS' | 'WATERMARKS';
export type LikeStrategy = 'INCLUDING' | 'EXCLUDING' | 'OVERWRITING';

export interface LikeOption extends Node {
  readonly kind: 'like-option';
  readonly strategy: LikeStrategy;
  readonly feature: LikeFeature;
}

export type ColumnDefinition = PhysicalColumn | ComputedColumn | MetadataColumn;

export interface PhysicalColumn extends Node {
  readonly kind: 'physical-column';
  readonly name: Identifier;
  readonly type: TypeNode;
  readonly comment: Text | null;
}

/** `name AS expression`. */
export interface ComputedColumn extends Node {
  readonly kind: 'computed-column';
  readonly name: Identifier;
  readonly expression: Expression;
  readonly comment: Text | null;
}

/** `name TYPE METADATA [FROM 'key'] [VIRTUAL]`. */
export interface MetadataColumn extends Node {
  readonly kind: 'metadata-column';
  readonly name: Identifier;
  readonly type: TypeNode;
  /** null: the key is the name of the column. */
  readonly key: Text | null;
  readonly virtual: boolean;
  readonly comment: Text | null;
}

/** `WATERMARK FOR column AS expression`. */
export interface WatermarkDefinition extends Node {
  readonly kind: 'watermark';
  readonly column: Identifier;
  readonly expression: Expression;
}

/** `[CONSTRAINT name] PRIMARY KEY (columns) NOT ENFORCED`, also written behind a column. */
export interface PrimaryKey extends Node {
  readonly kind: 'primary-key';
  readonly name: Identifier | null;
  readonly columns: readonly Identifier[];
}

export interface DropCatalog extends StatementNode {
  readonly kind: 'drop-catalog';
  readonly name: Identifier;
  readonly ifExists: boolean;
}

export interface DropDatabase extends StatementNode {
  readonly kind: 'drop-database';
  readonly name: QualifiedName;
  readonly ifExists: boolean;
  /** CASCADE; otherwise (RESTRICT, the default) the database must be empty. */
  readonly cascade: boolean;
}

export interface DropTable extends StatementNode {
  readonly kind: 'drop-table';
  readonly name: QualifiedName;
  readonly temporary: boolean;
  readonly ifExists: boolean;
}

/** `CREATE [TEMPORARY] VIEW v [(columns)] AS query`. */
export interface CreateView extends StatementNode {
  readonly kind: 'create-view';
  readonly name: QualifiedName;
  readonly temporary: boolean;
  readonly ifNotExists: boolean;
  /** null: those of the query. */
  readonly columns: readonly Identifier[] | null;
  readonly comment: Text | null;
  readonly query: Query;
  /** The query as written, which is what a catalog keeps. */
  readonly querySpan: Span;
}

/** `ALTER VIEW v RENAME TO w`, or `… AS query`. */
export interface AlterView extends StatementNode {
  readonly kind: 'alter-view';
  readonly name: QualifiedName;
  readonly change: RenameTo | { readonly kind: 'query'; readonly query: Query; readonly querySpan: Span };
}

export interface RenameTo {
  readonly kind: 'rename';
  readonly to: QualifiedName;
}

export interface DropView extends StatementNode {
  readonly kind: 'drop-view';
  readonly name: QualifiedName;
  readonly temporary: boolean;
  readonly ifExists: boolean;
}

export interface AlterTable extends StatementNode {
  readonly kind: 'alter-table';
  readonly name: QualifiedName;
  readonly ifExists: boolean;
  readonly change: TableChange;
}

export type TableChange =
  | { readonly kind: 'set'; readonly options: readonly Option[] }
  | { readonly kind: 'reset'; readonly keys: readonly Text[] }
  | RenameTo
  | { readonly kind: 'rename-column'; readonly column: Identifier; readonly to: Identifier }
  /** ADD and MODIFY of columns, a watermark or a primary key. */
  | { readonly kind: 'add' | 'modify'; readonly columns: readonly PlacedColumn[]; readonly watermark: WatermarkDefinition | null; readonly primaryKey: PrimaryKey | null }
  | { readonly kind: 'drop-columns'; readonly columns: readonly Identifier[] }
  | { readonly kind: 'drop-watermark' }
  /** Without a name whatever the key is called. */
  | { readonly kind: 'drop-key'; readonly name: Identifier | null };

/** `column [FIRST | AFTER other]`; without a place a new column comes last, and one that is modified stays. */
export interface PlacedColumn {
  readonly column: ColumnDefinition;
  readonly place: { readonly kind: 'first' } | { readonly kind: 'after'; readonly column: Identifier } | null;
}

export interface UseCatalog extends StatementNode {
  readonly kind: 'use-catalog';
  readonly name: Identifier;
}

/** `USE database` or `USE catalog.database`. */
export interface UseDatabase extends StatementNode {
  readonly kind: 'use-database';
  readonly name: QualifiedName;
}

/** `SET 'key' = 'value'`; null for a bare `SET`, which lists the options. */
export interface SetOption extends StatementNode {
  readonly kind: 'set';
  readonly option: Option | null;
}

/** `RESET 'key'`; null for a bare `RESET`, which resets all. */
export interface ResetOption extends StatementNode {
  readonly kind: 'reset';
  readonly key: Text | null;
}

export type ShowSubject =
  | 'CATALOGS'
  | 'DATABASES'
  | 'TABLES'
  | 'VIEWS'
  | 'COLUMNS'
  | 'FUNCTIONS'
  | 'USER FUNCTIONS'
  | 'CURRENT CATALOG'
  | 'CURRENT DATABASE'
  | 'JOBS';

export interface Show extends StatementNode {
  readonly kind: 'show';
  readonly what: ShowSubject;
  /** `FROM` or `IN` a catalog, a database or, for COLUMNS, a table. */
  readonly from: QualifiedName | null;
  readonly like: ShowPattern | null;
}

/** `[NOT] LIKE '…'`, or ILIKE, for which the case of letters does not matter. */
export interface ShowPattern {
  readonly pattern: Text;
  readonly negated: boolean;
  readonly ignoresCase: boolean;
}

export interface ShowCreate extends StatementNode {
  readonly kind: 'show-create';
  readonly what: 'table' | 'view';
  readonly name: QualifiedName;
}

export interface Describe extends StatementNode {
  readonly kind: 'describe';
  readonly name: QualifiedName;
}

export interface DescribeJob extends StatementNode {
  readonly kind: 'describe-job';
  readonly job: Text;
}

/** `STOP JOB 'id'`, which is a cancel, or `STOP JOB 'id' WITH SAVEPOINT [WITH DRAIN]`. */
export interface StopJob extends StatementNode {
  readonly kind: 'stop-job';
  readonly job: Text;
  readonly savepoint: { readonly drain: boolean } | null;
}

export interface Explain extends StatementNode {
  readonly kind: 'explain';
  readonly statement: Insert | StatementSet | QueryStatement;
}

/** `EXECUTE STATEMENT SET BEGIN INSERT …; INSERT …; END`, or `BEGIN STATEMENT SET; … END`: one job. */
export interface StatementSet extends StatementNode {
  readonly kind: 'statement-set';
  readonly inserts: readonly [Insert, ...Insert[]];
}

/** `BEGIN STATEMENT SET` and `END`, each in a text of its own: the INSERTs come between them. */
export interface StatementSetEdge extends StatementNode {
  readonly kind: 'begin-statement-set' | 'end-statement-set';
}

export interface Insert extends StatementNode {
  readonly kind: 'insert';
  readonly table: QualifiedName;
  /** `OPTIONS` on the table. */
  readonly hints: readonly Hint[];
  /** null: all columns, in the order of the table. */
  readonly columns: readonly Identifier[] | null;
  readonly query: Query;
}

export interface QueryStatement extends StatementNode {
  readonly kind: 'query';
  readonly query: Query;
}


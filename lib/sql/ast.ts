/**
 * The syntax tree of the Flink SQL dialect: plain data, one `kind` per construct, a `span` on every node. Spans are
 * character offsets in the text that was parsed, which every statement carries as `source`.
 */
import type { SqlType } from '../core/types.ts';

/** Half-open range of character offsets in the source. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

interface Node {
  readonly span: Span;
}

/** A name as written, without its backticks; names are case-sensitive. */
export interface Identifier extends Node {
  readonly kind: 'identifier';
  readonly name: string;
}

/** `table`, `database.table` or `catalog.database.table`, and likewise for databases and columns. */
export interface QualifiedName extends Node {
  readonly kind: 'qualified-name';
  readonly parts: readonly [Identifier, ...Identifier[]];
}

/** A string literal, quotes and escapes removed. */
export interface Text extends Node {
  readonly kind: 'text';
  readonly value: string;
}

/** `'key' = 'value'` of a WITH clause, a SET or an OPTIONS hint. */
export interface Option extends Node {
  readonly kind: 'option';
  readonly key: Text;
  readonly value: Text;
}

/** `BIGINT NOT NULL`. */
export interface TypeNode extends Node {
  readonly kind: 'type';
  readonly type: SqlType;
  readonly nullable: boolean;
}

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
  | DropCatalog
  | DropDatabase
  | DropTable
  | UseCatalog
  | UseDatabase
  | SetOption
  | ResetOption
  | Show
  | ShowCreateTable
  | Describe
  | Explain
  | Insert
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

export type ShowSubject = 'CATALOGS' | 'DATABASES' | 'TABLES' | 'CURRENT CATALOG' | 'CURRENT DATABASE' | 'JOBS';

export interface Show extends StatementNode {
  readonly kind: 'show';
  readonly what: ShowSubject;
}

export interface ShowCreateTable extends StatementNode {
  readonly kind: 'show-create-table';
  readonly name: QualifiedName;
}

export interface Describe extends StatementNode {
  readonly kind: 'describe';
  readonly name: QualifiedName;
}

export interface Explain extends StatementNode {
  readonly kind: 'explain';
  readonly statement: Insert | QueryStatement;
}

export interface Insert extends StatementNode {
  readonly kind: 'insert';
  readonly table: QualifiedName;
  /** null: all columns, in the order of the table. */
  readonly columns: readonly Identifier[] | null;
  readonly query: Query;
}

export interface QueryStatement extends StatementNode {
  readonly kind: 'query';
  readonly query: Query;
}

// Queries.

export type Query = Select;

export interface Select extends Node {
  readonly kind: 'select';
  readonly hints: readonly Hint[];
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  /** null for a SELECT without FROM. */
  readonly from: TableReference | null;
  readonly where: Expression | null;
  /** Empty without GROUP BY. */
  readonly groupBy: readonly Expression[];
  readonly having: Expression | null;
  readonly orderBy: readonly OrderItem[];
  readonly limit: NumberLiteral | null;
  readonly offset: NumberLiteral | null;
}

export type SelectItem = SelectExpression | Wildcard;

/** `expression [AS alias]`. */
export interface SelectExpression extends Node {
  readonly kind: 'select-expression';
  readonly expression: Expression;
  readonly alias: Identifier | null;
}

/** `*`, or `table.*` with a qualifier. */
export interface Wildcard extends Node {
  readonly kind: 'wildcard';
  readonly qualifier: QualifiedName | null;
}

export interface OrderItem extends Node {
  readonly kind: 'order-item';
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nulls: 'first' | 'last' | null;
}

export type TableReference = NamedTable | WindowTable | Subquery;

export interface NamedTable extends Node {
  readonly kind: 'named-table';
  readonly name: QualifiedName;
  readonly alias: Identifier | null;
  readonly hints: readonly Hint[];
}

/** `TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE))`, with or without the wrapping TABLE(). */
export interface WindowTable extends Node {
  readonly kind: 'window-table';
  readonly function: WindowFunction;
  /** Span of the function's name. */
  readonly functionSpan: Span;
  readonly arguments: readonly WindowArgument[];
  readonly alias: Identifier | null;
}

export type WindowFunction = 'TUMBLE' | 'HOP' | 'CUMULATE' | 'SESSION';

export interface Subquery extends Node {
  readonly kind: 'subquery';
  readonly query: Query;
  readonly alias: Identifier | null;
}

/** `value` or `NAME => value`. */
export interface WindowArgument extends Node {
  readonly kind: 'window-argument';
  readonly name: Identifier | null;
  readonly value: TableArgument | Descriptor | Expression;
}

/** `TABLE t [PARTITION BY columns]`, or a subquery in parentheses in the place of `TABLE t`. */
export interface TableArgument extends Node {
  readonly kind: 'table-argument';
  readonly input: NamedTable | Subquery;
  readonly partitionBy: readonly Identifier[];
}

/** `DESCRIPTOR(column)`. */
export interface Descriptor extends Node {
  readonly kind: 'descriptor';
  readonly columns: readonly Identifier[];
}

/** An entry of a hint comment: `OPTIONS('k' = 'v')`, `STATE_TTL('t' = '1d')`; `arguments` without `=` are names. */
export interface Hint extends Node {
  readonly kind: 'hint';
  readonly name: Identifier;
  readonly options: readonly Option[];
  readonly arguments: readonly (Identifier | Text)[];
}

// Expressions.

export type Expression =
  | NumberLiteral
  | StringLiteral
  | BooleanLiteral
  | NullLiteral
  | DateTimeLiteral
  | IntervalLiteral
  | ColumnReference
  | UnaryExpression
  | BinaryExpression
  | IsTest
  | DistinctFrom
  | Between
  | InList
  | Like
  | Case
  | Cast
  | Call
  | Symbol;

/** The exact text, for example `1`, `12.50` or `1e3`: DECIMAL unless it has an exponent (DOUBLE) or no point (integer). */
export interface NumberLiteral extends Node {
  readonly kind: 'number';
  readonly text: string;
}

export interface StringLiteral extends Node {
  readonly kind: 'string';
  readonly value: string;
}

export interface BooleanLiteral extends Node {
  readonly kind: 'boolean';
  readonly value: boolean;
}

export interface NullLiteral extends Node {
  readonly kind: 'null';
}

/** `DATE '2024-01-01'`; the text is not checked by the parser. */
export interface DateTimeLiteral extends Node {
  readonly kind: 'datetime';
  readonly type: 'DATE' | 'TIME' | 'TIMESTAMP';
  readonly text: string;
}

export type IntervalUnit = 'YEAR' | 'QUARTER' | 'MONTH' | 'WEEK' | 'DAY' | 'HOUR' | 'MINUTE' | 'SECOND';

/** `INTERVAL '1:30' MINUTE TO SECOND`; the text is not checked by the parser. */
export interface IntervalLiteral extends Node {
  readonly kind: 'interval';
  /** `-` for `INTERVAL -'5' SECOND`; the text may hold a sign of its own. */
  readonly negative: boolean;
  readonly text: string;
  readonly from: IntervalUnit;
  /** null for a single unit. */
  readonly to: IntervalUnit | null;
  /** Digits of the leading field, 2 unless written: `DAY(3)`. */
  readonly precision: number;
  /** Digits behind the point of the seconds, 6 unless written: `SECOND(2, 3)`. */
  readonly fractionPrecision: number;
}

/** `column`, `table.column` … */
export interface ColumnReference extends Node {
  readonly kind: 'column';
  readonly name: QualifiedName;
}

export interface UnaryExpression extends Node {
  readonly kind: 'unary';
  readonly operator: '-' | '+' | 'NOT';
  readonly operand: Expression;
}

export type BinaryOperator = 'OR' | 'AND' | '=' | '<>' | '<' | '<=' | '>' | '>=' | '||' | '+' | '-' | '*' | '/' | '%';

export interface BinaryExpression extends Node {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly operatorSpan: Span;
  readonly left: Expression;
  readonly right: Expression;
}

/** `operand IS [NOT] NULL` and the like. */
export interface IsTest extends Node {
  readonly kind: 'is';
  readonly operand: Expression;
  readonly test: 'NULL' | 'TRUE' | 'FALSE' | 'UNKNOWN';
  readonly negated: boolean;
}

/** `left IS [NOT] DISTINCT FROM right`. */
export interface DistinctFrom extends Node {
  readonly kind: 'distinct-from';
  readonly left: Expression;
  readonly right: Expression;
  readonly negated: boolean;
}

export interface Between extends Node {
  readonly kind: 'between';
  readonly operand: Expression;
  readonly low: Expression;
  readonly high: Expression;
  readonly symmetric: boolean;
  readonly negated: boolean;
}

export interface InList extends Node {
  readonly kind: 'in';
  readonly operand: Expression;
  readonly values: readonly Expression[];
  readonly negated: boolean;
}

export interface Like extends Node {
  readonly kind: 'like';
  readonly operand: Expression;
  readonly pattern: Expression;
  readonly escape: Expression | null;
  readonly negated: boolean;
}

/** `CASE WHEN …`, or `CASE operand WHEN …`. */
export interface Case extends Node {
  readonly kind: 'case';
  readonly operand: Expression | null;
  readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
  readonly otherwise: Expression | null;
}

export interface Cast extends Node {
  readonly kind: 'cast';
  readonly operand: Expression;
  readonly type: TypeNode;
  /** TRY_CAST. */
  readonly safe: boolean;
}

/**
 * A function call, with the special forms in the order of their ordinary arguments:
 *
 * | written | arguments |
 * |---|---|
 * | `COUNT(*)` | none, `star` |
 * | `CURRENT_TIMESTAMP` | none |
 * | `EXTRACT(unit FROM e)` | symbol, e |
 * | `FLOOR(e TO unit)`, `CEIL(e TO unit)` | e, symbol |
 * | `SUBSTRING(e FROM n FOR m)` | e, n, m |
 * | `TRIM(side x FROM e)` | symbol, x, e; `TRIM(e)` is symbol BOTH, ' ', e |
 * | `POSITION(a IN b)` | a, b |
 * | `TIMESTAMPADD(unit, n, e)`, `TIMESTAMPDIFF(unit, a, b)` | symbol and the others |
 */
export interface Call extends Node {
  readonly kind: 'call';
  /** Upper case: functions are found without regard to case. */
  readonly name: string;
  readonly nameSpan: Span;
  readonly arguments: readonly Expression[];
  readonly star: boolean;
  readonly distinct: boolean;
  /** `FILTER (WHERE …)`. */
  readonly filter: Expression | null;
}

/** A keyword that is an argument of a function: a time unit, BOTH, LEADING, TRAILING. Upper case. */
export interface Symbol extends Node {
  readonly kind: 'symbol';
  readonly name: string;
}

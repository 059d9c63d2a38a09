/** The syntax tree of queries: SELECT and its clauses, tables and windows in FROM. */
import type { Expression, NumberLiteral } from './ast-expression.ts';
import type { Identifier, Node, Option, QualifiedName, Span, Text } from './ast-node.ts';

export type Query = Select | SetOperation | Values | With;

/** What may follow a query; behind others than a SELECT it is that of a `SELECT * FROM (query)`. */
export interface Ordered {
  readonly orderBy: readonly OrderItem[];
  /** LIMIT and FETCH. */
  readonly limit: NumberLiteral | null;
  readonly offset: NumberLiteral | null;
}

/** `left UNION [ALL] right` and the like; without ALL, duplicates leave. */
export interface SetOperation extends Node {
  readonly kind: 'set-operation';
  readonly operator: 'UNION' | 'INTERSECT' | 'EXCEPT';
  readonly operatorSpan: Span;
  readonly all: boolean;
  readonly left: Query;
  readonly right: Query;
}

/** `VALUES (1, 'a'), (2, 'b')`. */
export interface Values extends Node {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
}

/** `WITH name AS (query), … body`. */
export interface With extends Node {
  readonly kind: 'with';
  readonly tables: readonly CommonTable[];
  readonly body: Query;
}

/** `name [(columns)] AS (query)`; without columns those of the query. */
export interface CommonTable extends Node {
  readonly kind: 'common-table';
  readonly name: Identifier;
  readonly columns: readonly Identifier[];
  readonly query: Query;
}

export interface Select extends Node, Ordered {
  readonly kind: 'select';
  readonly hints: readonly Hint[];
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  /** null for a SELECT without FROM. */
  readonly from: TableReference | null;
  readonly where: Expression | null;
  /** Empty without GROUP BY. */
  readonly groupBy: readonly GroupingElement[];
  readonly having: Expression | null;
}

/** What GROUP BY lists: several elements give every combination of their sets. */
export type GroupingElement = Expression | GroupingTuple | GroupingSets;

/** `(a, b)`, which is one set or one step of a ROLLUP or CUBE; `()` is the empty set. */
export interface GroupingTuple extends Node {
  readonly kind: 'grouping-tuple';
  readonly expressions: readonly Expression[];
}

/** Elements of ROLLUP and CUBE are expressions and tuples; `distinct-sets` is all that follows GROUP BY DISTINCT. */
export interface GroupingSets extends Node {
  readonly kind: 'grouping-sets' | 'rollup' | 'cube' | 'distinct-sets';
  readonly elements: readonly GroupingElement[];
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
  /** Nobody has written it: the span is that of the query whose columns it stands for. */
  readonly implied?: true;
}

export interface OrderItem extends Node {
  readonly kind: 'order-item';
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nulls: 'first' | 'last' | null;
}

export type TableReference = NamedTable | WindowTable | Subquery | UnnestedTable;

/** `input CROSS JOIN UNNEST(collection)`; `outer` for LEFT JOIN, which keeps rows without elements. Aliases are those of the elements. */
export interface UnnestedTable extends Node {
  readonly kind: 'unnest';
  readonly input: TableReference;
  readonly collection: Expression;
  readonly ordinality: boolean;
  readonly outer: boolean;
  readonly alias: Identifier | null;
  readonly columnAliases: readonly Identifier[];
}

/** `AS alias (columns)`. */
interface Aliased {
  readonly alias: Identifier | null;
  /** Empty where the columns keep their names. */
  readonly columnAliases: readonly Identifier[];
}

export interface NamedTable extends Node, Aliased {
  readonly kind: 'named-table';
  readonly name: QualifiedName;
  readonly hints: readonly Hint[];
}

/** `TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE))`, with or without the wrapping TABLE(). */
export interface WindowTable extends Node, Aliased {
  readonly kind: 'window-table';
  readonly function: WindowFunction;
  /** Span of the function's name. */
  readonly functionSpan: Span;
  readonly arguments: readonly WindowArgument[];
}

export type WindowFunction = 'TUMBLE' | 'HOP' | 'CUMULATE' | 'SESSION';

export interface Subquery extends Node, Aliased {
  readonly kind: 'subquery';
  readonly query: Query;
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

/** Expressions of the syntax tree. */
import type { Node, QualifiedName, Span, TypeNode } from './ast-node.ts';

export type Expression =
  | NumberLiteral
  | StringLiteral
  | BinaryLiteral
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

/** `x'45'`: an even number of hex digits. */
export interface BinaryLiteral extends Node {
  readonly kind: 'bytes';
  readonly hex: string;
}

/** UNKNOWN is null. */
export interface BooleanLiteral extends Node {
  readonly kind: 'boolean';
  readonly value: boolean | null;
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
  /** The parentheses with the values. */
  readonly listSpan: Span;
  readonly negated: boolean;
}

export interface Like extends Node {
  readonly kind: 'like';
  readonly operator: 'LIKE' | 'SIMILAR TO';
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
  /** `IGNORE NULLS`, `RESPECT NULLS`; absent: neither. */
  readonly nulls?: 'IGNORE' | 'RESPECT';
  /** `WITHIN GROUP (ORDER BY …)`: the call with it; absent: there is none. */
  readonly withinGroup?: Span;
  /** `NULL ON NULL`, `ABSENT ON NULL` of a JSON function; absent: neither. */
  readonly onNull?: 'NULL' | 'ABSENT';
}

/** A keyword that is an argument of a function: a time unit, BOTH, LEADING, TRAILING. Upper case. */
export interface Symbol extends Node {
  readonly kind: 'symbol';
  readonly name: string;
}

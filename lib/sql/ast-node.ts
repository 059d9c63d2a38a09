/** Nodes of the syntax tree that all others are made of. */
import type { SqlType } from '../core/types.ts';

/** Half-open range of character offsets in the source. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What every node has. */
export interface Node {
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

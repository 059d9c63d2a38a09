/** All that a program calls while its job is defined, in that order. */
import type { QueryOutput } from '../sql/plan-parts.ts';
import type { SqlPart } from './sql/sql-part.ts';
import type { Transformation } from './transformation.ts';

export class Graph {
  readonly transformations: Transformation[] = [];
  readonly sql: SqlPart;
  /** Of the queries, in their order; known when the job is built. */
  outputs: readonly QueryOutput[] = [];

  constructor(sql: SqlPart) {
    this.sql = sql;
  }

  add(transformation: Transformation): Transformation {
    this.transformations.push(transformation);
    return transformation;
  }
}

/** A conformance case: statements, records, and what Apache Flink makes of them; both formats of files become this. */
import type { Script } from '../../lib/sql/script.ts';

export interface ConformanceCase {
  readonly name: string;
  readonly category: string;
  /** SET before the first statement. */
  readonly settings: Readonly<Record<string, string>>;
  /** One statement each, the query or INSERT last; connectors are those of the memory adapters. */
  readonly scripts: readonly Script[];
  readonly topics: readonly CaseTopic[];
  /** In order; records between them are committed, then fired. */
  readonly steps: readonly CaseStep[];
  readonly expected: Expected;
  /** What the case needs that no job here can be given, such as a changelog as input; null: nothing. */
  readonly lacks: string | null;
}

export interface CaseTopic {
  readonly name: string;
  readonly partitions: number;
}

export interface CaseRecord {
  readonly topic: string;
  readonly partition: number;
  readonly value: string | null;
  readonly key: string | null;
  /** Epoch ms. */
  readonly timestamp: number;
  readonly headers: readonly (readonly [name: string, value: string | null])[];
}

export type CaseStep =
  | { readonly kind: 'records'; readonly records: readonly CaseRecord[] }
  /** A stop with a savepoint, without drain, and a resume. */
  | { readonly kind: 'restart' }
  /** The clock moves to this time, epoch ms. */
  | { readonly kind: 'clock'; readonly at: number };

export type Expected =
  | { readonly kind: 'tables'; readonly tables: readonly ExpectedTable[]; readonly drains: boolean }
  | ExpectedError;

export interface ExpectedTable {
  /** Name of the sink's table; null for the rows of a query. */
  readonly name: string | null;
  readonly columns: readonly (readonly [name: string, type: string])[];
  /** Whether names and types are Flink's own: those of its tests were made up where the results were read. */
  readonly isSchema: boolean;
  readonly rows: readonly (readonly CaseValue[])[];
  /** Records as written, sorted. */
  readonly lines: readonly string[] | null;
  /** The last row counts for each value of the first so many columns: the sink of Flink's test upserts. */
  readonly upsertBy: number | null;
}

export interface ExpectedError {
  readonly kind: 'error';
  readonly phase: 'parse' | 'validate' | 'runtime';
  readonly message: string;
  /** False where the message is an accident of Flink's inside. */
  readonly isMeant: boolean;
  readonly position: { readonly line: number; readonly column: number } | null;
}

/** JSON as the files write values; see the `.meta.json` beside them. */
export type CaseValue = null | boolean | number | string | readonly CaseValue[] | { readonly [field: string]: CaseValue };

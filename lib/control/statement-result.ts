/** What a statement gave, whoever asked for it: the command, the prompt, the SQL gateway. */
import type { JobId } from '../core/numbers.ts';
import type { Column, Row } from '../core/types.ts';
import type { ResultTable } from './table.ts';

/** As in Flink's changelogs (RowKind): the short form, and the name. */
export const CHANGE_KINDS = [
  ['+I', 'INSERT'],
  ['-U', 'UPDATE_BEFORE'],
  ['+U', 'UPDATE_AFTER'],
  ['-D', 'DELETE'],
] as const;

export type ChangeKind = (typeof CHANGE_KINDS)[number][1];

export interface Change {
  readonly kind: ChangeKind;
  readonly row: Row;
}

/** What a query without an end gives, for as long as somebody asks for more. */
export interface Changes {
  readonly columns: readonly Column[];
  /** Batches as they come; the query goes no further than its reader. */
  readonly changes: AsyncIterable<readonly Change[]>;
  /** Ends the query, and with it the iteration, whether somebody waits for the next batch or not. May be called again. */
  readonly end: () => Promise<void>;
  /** The query as a job, for the time that it runs. */
  readonly job: JobId;
}

/** `text`: a document, printed as it is. */
export type StatementResult =
  | { readonly kind: 'ok' }
  | { readonly kind: 'table' | 'text'; readonly table: ResultTable; /** The rows of a SELECT. */ readonly isQuery?: true }
  | { readonly kind: 'job'; readonly job: JobId | null }
  | (Changes & { readonly kind: 'changes' } & Pick<ResultTable, 'zone'>);

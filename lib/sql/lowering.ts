/** What the pipelines of one plan share while they become nodes: uids, the columns that are read of a table, and what means the same. */
import type { Uid } from '../core/numbers.ts';
import type { Identity, PlanNode } from '../core/plan.ts';
import type { Column } from '../core/types.ts';
import type { Span } from './ast.ts';
import { distinctionOfTable, Meanings } from './plan-meaning.ts';
import type { Aggregation } from './plan-scope.ts';
import { requireExpressions } from './plan-size.ts';
import type { SourceTable } from './plan-source.ts';
import { DistinctUids, uidOf } from './plan-uid.ts';

/** What is made of a base: its nodes, the last of which has the columns, and where its columns went. */
export interface Lowered {
  readonly nodes: readonly PlanNode[];
  readonly uid: Uid;
  readonly columns: readonly Column[];
  /** The position of a column of the base in `columns`. */
  readonly positionOf: (index: number) => number;
}

/** What the pipelines of one plan have in common. */
export class Lowering {
  /** `table.exec.source.idle-timeout`, which a table may override. */
  readonly idleTimeoutMs: number;
  readonly uids = new DistinctUids();
  readonly #reads: Reads;
  readonly #sources = new Map<string, Identity>();
  readonly #meanings = new Meanings();
  readonly #shared = new Map<number, Lowered>();
  readonly #span: Span;
  #size = 0;

  constructor(idleTimeoutMs: number, reads: Reads, span: Span) {
    this.#span = span;
    this.idleTimeoutMs = idleTimeoutMs;
    this.#reads = reads;
  }

  /** What has the same meaning is made once. */
  shared(base: Aggregation, lowered: () => Lowered): Lowered {
    const meaning = this.#meanings.of(base);
    const known = this.#shared.get(meaning) ?? lowered();
    this.#shared.set(meaning, known);
    return known;
  }

  /** Counts what becomes part of the plan; throws SQL_UNSUPPORTED for too much. */
  take(size: number): void {
    this.#size += size + 1;
    requireExpressions(this.#size, this.#span);
  }

  /** The identity of a table that is read, and all columns that anything reads of it, as far as they are known. */
  read({ table }: SourceTable, used: Iterable<number>): { readonly identity: Identity; readonly columns: ReadonlySet<number> } {
    const key = JSON.stringify([table.path, table.options]);
    const identity = this.#sources.get(key) ?? this.uids.identify(uidOf(`source-${table.name}`), distinctionOfTable(table));
    this.#sources.set(key, identity);
    const columns = new Set([...(this.#reads.get(key) ?? []), ...used]);
    this.#reads.set(key, columns);
    return { identity, columns };
  }
}

/** Columns that are read, by table. */
type Reads = Map<string, ReadonlySet<number>>;

/**
 * Lowers twice: what the first time finds to be read of a table, the second time is read once for all that asks for it. Nodes that
 * several readers have in common come once. `span` is the statement.
 */
export function lowerAll(idleTimeoutMs: number, span: Span, nodes: (session: Lowering) => readonly PlanNode[]): PlanNode[] {
  const reads: Reads = new Map();
  nodes(new Lowering(idleTimeoutMs, reads, span));
  const unique = new Map(nodes(new Lowering(idleTimeoutMs, reads, span)).map((node) => [node.uid, node]));
  return [...unique.values()];
}

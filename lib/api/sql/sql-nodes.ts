/** The nodes of a job's SQL, with the program's rows in the place of the tables that it fills, and its uids on the sinks that it writes. */
import type { Uid } from '../../core/numbers.ts';
import { isKind, type PlanNode, type SourceNode } from '../../core/plan.ts';
import type { PlannedParts, QueryOutput } from '../../sql/plan-parts.ts';
import { refuse } from '../refusal.ts';
import { rowsTransform } from '../sink/to-row.ts';
import { inputOf, type Transformation } from '../transformation.ts';
import type { FilledTable, SqlPart } from './sql-part.ts';

/** A table that the program fills, and what fills it. */
interface Filling {
  readonly source: SourceNode;
  readonly rows: Transformation;
}

export class SqlNodes {
  readonly #parts: PlannedParts;
  readonly #fillings: readonly Filling[];
  readonly #sinks: ReadonlyMap<Uid, Uid>;

  constructor(part: SqlPart) {
    this.#parts = part.planned();
    this.#fillings = part.filled.flatMap((table) => fillingOf(table, this.#parts.nodes));
    this.#sinks = sinkUids(part.filled, this.#parts.nodes);
  }

  /** What makes the rows of the tables that the program fills, as far as anything reads them. */
  get rows(): readonly Transformation[] {
    return this.#fillings.map(({ rows }) => rows);
  }

  /** Those of all nodes that are in the plan. */
  get uids(): readonly Uid[] {
    return this.nodes(() => null).map(({ uid }) => uid);
  }

  /** Where the rows of the queries are; `uidOf` as for `nodes`. */
  outputs(uidOf: UidOfRows): QueryOutput[] {
    const moved = this.#moved(uidOf);
    return this.#parts.outputs.map(({ uid, columns }) => ({ uid: moved(uid), columns }));
  }

  /** `uidOf` gives the uid of the rows that take the place of a source. */
  nodes(uidOf: UidOfRows): PlanNode[] {
    const isFilled = new Set<PlanNode>(this.#fillings.map(({ source }) => source));
    const moved = this.#moved(uidOf);
    return this.#parts.nodes.filter((node) => !isFilled.has(node)).map((node) => withUids(node, moved));
  }

  #moved(uidOf: UidOfRows): (uid: Uid) => Uid {
    const replaced = new Map<Uid, Uid>(this.#sinks);
    for (const { source, rows } of this.#fillings) replaced.set(source.uid, uidOf(rows) ?? source.uid);
    return (uid) => replaced.get(uid) ?? uid;
  }
}

type UidOfRows = (rows: Transformation) => Uid | null;

function withUids(node: PlanNode, moved: (uid: Uid) => Uid): PlanNode {
  const uid = moved(node.uid);
  if (node.kind === 'union') return { ...node, uid, inputs: node.inputs.map(moved) };
  return 'input' in node ? { ...node, uid, input: moved(node.input) } : { ...node, uid };
}

/** A table that nothing reads is not filled. */
function fillingOf(table: FilledTable, nodes: readonly PlanNode[]): Filling[] {
  const source = nodes.filter(isKind('source')).find((node) => node.table === table.path);
  if (source === undefined) return [];
  const { columns } = source;
  const rows: Transformation = {
    uid: null,
    suffix: 'rows',
    inputs: [table.input],
    isTimed: table.input.isTimed,
    build: (uid, inputs) => ({
      node: { kind: 'code', uid, input: inputOf(inputs), columns },
      transform: rowsTransform(table.sink?.uid ?? uid, columns, table.rowTime),
    }),
  };
  return [{ source, rows }];
}

/** The program's uids of the sinks that it writes, by those that SQL has given them. */
function sinkUids(filled: readonly FilledTable[], nodes: readonly PlanNode[]): ReadonlyMap<Uid, Uid> {
  const uids = new Map<Uid, Uid>();
  for (const { sink } of filled) {
    if (sink === null) continue;
    const node = nodes.filter(isKind('sink')).find(({ table }) => table === sink.path);
    if (node === undefined) continue;
    if (uids.has(node.uid)) refuse(`sink ${sink.uid}`, `'${uids.get(node.uid)}' writes the same table`, 'Write the union of the streams.');
    uids.set(node.uid, sink.uid);
  }
  return uids;
}

/**
 * The plan of a job as Flink shows it: vertices of operators that are chained. A vertex begins at a source, at what keeps state, and at a sink; what
 * has no state belongs to the vertices that it feeds. Each is one task: how many processes work on it changes from one moment to the next.
 */
import { inputsOf, type Plan, type PlanNode } from '../../../core/plan.ts';
import type { JobId, Uid } from '../../../core/numbers.ts';
import type { Codec } from '../../../ports/runtime.ts';
import type { ControlPlane } from '../control-plane.ts';

export interface Vertex {
  /** 32 hexadecimal digits, from the uid. */
  readonly id: string;
  readonly uid: Uid;
  readonly kind: 'source' | 'operator' | 'sink';
  readonly name: string;
  /** Ids of vertices. */
  readonly inputs: readonly string[];
}

export async function verticesIn({ plane }: { readonly plane: ControlPlane }, id: JobId): Promise<Vertex[]> {
  return verticesOf((await plane.plan(id)).plan, plane.codec);
}

export function verticesOf(plan: Plan, codec: Pick<Codec, 'sha256'>): Vertex[] {
  const byUid = new Map(plan.nodes.map((node) => [node.uid, node]));
  /** The vertices whose rows come to a node, through what has no state. */
  const above = (node: PlanNode): Uid[] =>
    inputsOf(node).flatMap((uid) => {
      const input = byUid.get(uid);
      return input === undefined || kindOf(input) !== null ? [uid] : above(input);
    });
  return plan.nodes.flatMap((node): Vertex[] => {
    const kind = kindOf(node);
    if (kind === null) return [];
    const inputs = [...new Set(above(node))].map((uid) => vertexId(uid, codec));
    return [{ id: vertexId(node.uid, codec), uid: node.uid, kind, name: nameOf(node), inputs }];
  });
}

export const countVertices = ({ nodes }: Plan): number => nodes.filter((node) => kindOf(node) !== null).length;

const vertexId = (uid: Uid, codec: Pick<Codec, 'sha256'>): string => codec.sha256(uid).slice(0, 32);

function kindOf(node: PlanNode): Vertex['kind'] | null {
  switch (node.kind) {
    case 'source':
    case 'values':
    case 'failed-records':
      return 'source';
    case 'window-aggregate':
    case 'process':
      return 'operator';
    case 'sink':
      return 'sink';
    default:
      return null;
  }
}

function nameOf(node: PlanNode): string {
  switch (node.kind) {
    case 'source':
      return `Source: ${node.table}`;
    case 'values':
      return 'Source: Values';
    case 'failed-records':
      return 'Source: FailedRecords';
    case 'sink':
      return `Sink: ${node.table}`;
    case 'window-aggregate':
      return `WindowAggregate[${node.uid}]`;
    default:
      return node.uid;
  }
}

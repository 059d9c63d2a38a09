/** The functions of a program while its plan is built. */
import type { PlanNode } from '../core/plan.ts';
import type { ProgramAggregate } from '../core/process/aggregate-function.ts';
import type { Code, DecodeRecord, TransformRow } from '../core/process/code.ts';
import type { KeyedFunction } from '../core/process/keyed-function.ts';
import type { Built } from './transformation.ts';

export class CodeParts {
  readonly #decoders = new Map<string, DecodeRecord>();
  readonly #transforms = new Map<string, TransformRow>();
  readonly #functions = new Map<string, KeyedFunction>();
  readonly #aggregates = new Map<string, ProgramAggregate>();

  /** The node, whose functions are kept. */
  take({ node, decoder, transform, fn, aggregate }: Built): PlanNode {
    if (decoder !== undefined) this.#decoders.set(node.uid, decoder);
    if (transform !== undefined) this.#transforms.set(node.uid, transform);
    if (fn !== undefined) this.#functions.set(node.uid, fn);
    if (aggregate !== undefined) this.#aggregates.set(node.uid, aggregate);
    return node;
  }

  /** Those that these nodes call. */
  of(nodes: readonly PlanNode[]): Code {
    const uids = new Set<string>(nodes.map(({ uid }) => uid));
    const used = <F>(functions: ReadonlyMap<string, F>): ReadonlyMap<string, F> => new Map([...functions].filter(([uid]) => uids.has(uid)));
    return { decoders: used(this.#decoders), transforms: used(this.#transforms), functions: used(this.#functions), aggregates: used(this.#aggregates) };
  }
}

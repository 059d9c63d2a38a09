/** The reference sink: compare-and-set on the position, a fence, and a journal of what took effect. */
import { SluiceError } from '../../core/errors.ts';
import { generation, type Generation, type JobId, type Uid } from '../../core/numbers.ts';
import type { SinkNode } from '../../core/plan.ts';
import type { Row, Value } from '../../core/types.ts';
import type { Emission, EmitResult, Sink, SinkPosition, Sinks } from '../../ports/sink.ts';
import { entryOf } from './collections.ts';

/** All sinks of a stack; identity is (job, sink uid), so several jobs may write one table. */
export class MemorySinks implements Sinks {
  readonly #sinks = new Map<string, { readonly table: string; readonly sink: MemorySink }>();

  async open(job: JobId, node: SinkNode): Promise<MemorySink> {
    return entryOf(this.#sinks, `${job}.${node.uid}`, () => ({ table: node.table, sink: new MemorySink() })).sink;
  }

  /** Emissions of one sink in the order in which they took effect. */
  journal(job: JobId, uid: Uid): readonly Emission[] {
    return this.#sinks.get(`${job}.${uid}`)?.sink.journal ?? [];
  }

  /** Rows of a table, sink by sink, in the order of their effect. */
  rows(table: string): Row[] {
    return [...this.#sinks.values()]
      .filter((entry) => entry.table === table)
      .flatMap(({ sink }) => sink.journal.flatMap((emission) => emission.rows));
  }
}

class MemorySink implements Sink {
  readonly fences = true;
  readonly #effects = new Map<string, Emission>();
  #newest: Emission | null = null;
  #owner: Generation = generation(0);

  /** What took effect, in order. */
  get journal(): readonly Emission[] {
    return [...this.#effects.values()];
  }

  async emit(emission: Emission): Promise<EmitResult> {
    if (emission.g < this.#owner) return { kind: 'fenced', by: this.#owner };
    const effect = this.#effects.get(positionText(emission));
    if (effect !== undefined) checkSame(effect, emission);
    else if (emission.rows.length > 0) this.#apply(emission);
    return { kind: 'durable' };
  }

  /** X3: a fence is no effect, so the newest position stays what it was. */
  async fence(g: Generation): Promise<SinkPosition | null> {
    this.#raise(g);
    return this.#newest === null ? null : { g: this.#newest.g, f: this.#newest.f };
  }

  #apply(emission: Emission): void {
    checkOrder(this.#newest, emission);
    this.#raise(emission.g);
    this.#effects.set(positionText(emission), emission);
    this.#newest = emission;
  }

  #raise(g: Generation): void {
    if (g > this.#owner) this.#owner = g;
  }
}

const positionText = ({ g, f }: SinkPosition): string => `${g}:${f}`;

/** X2: within a generation an effect follows the one that it names; the first one of a generation follows the base of the restore. */
function checkOrder(newest: Emission | null, emission: Emission): void {
  if (newest?.g !== emission.g || (newest.f === emission.pf && newest.f < emission.f)) return;
  throw new SluiceError('INVARIANT', {
    message: `emission ${positionText(emission)} follows ${emission.pf}, but the sink is at ${positionText(newest)} (X2)`,
  });
}

/** X4: a position has one set of rows, whoever emits it. */
function checkSame(effect: Emission, repeated: Emission): void {
  if (rowsText(effect.rows) === rowsText(repeated.rows)) return;
  throw new SluiceError('REPLAY_DIFFERS', { message: `emission ${positionText(effect)} was repeated with other rows (X4)` });
}

const rowsText = (rows: readonly Row[]): string =>
  JSON.stringify(rows, (_key, value: Value) => (typeof value === 'bigint' ? `${value}n` : value));

/** Emission: a repeatable copy of what FIRE f has committed (F4, X1-X5). Any firer may do it, any number of times. */
import { isError, SluiceError } from '../../core/errors.ts';
import type { Generation } from '../../core/numbers.ts';
import type { JsonValue } from '../../core/plan.ts';
import { decodeValue } from '../../core/value-codec.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Sink } from '../../ports/sink.ts';
import type { Job } from '../job.ts';
import { loadPayload } from '../log/payload.ts';
import type { FireEntry } from './replica.ts';

export type EmitOutcome =
  | { readonly kind: 'durable' }
  | { readonly kind: 'fenced'; readonly by: Generation }
  | { readonly kind: 'unavailable'; readonly sinks: readonly string[]; readonly cause: SluiceError };

export type ResultRows = Readonly<Record<string, readonly JsonValue[][]>>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const encodeResult = (rows: ResultRows): Uint8Array => encoder.encode(JSON.stringify(rows));
const decodeResult = (bytes: Uint8Array): ResultRows => JSON.parse(decoder.decode(bytes));

/** Opens the sinks of a job once. */
export class Emitter {
  readonly #ports: Pick<Ports, 'sinks' | 'blob' | 'codec'>;
  readonly #job: Job;
  readonly #sinks = new Map<string, Sink>();

  constructor(ports: Pick<Ports, 'sinks' | 'blob' | 'codec'>, job: Job) {
    this.#ports = ports;
    this.#job = job;
  }

  /**
   * Emits FIRE f to every sink that has rows in it; only when all say durable may ACK f follow (F10). `known`: the rows that the caller
   * itself has just committed in that entry.
   */
  async emit(fire: FireEntry, known: ResultRows | null = null): Promise<EmitOutcome> {
    const { payload } = fire.result;
    if (payload === null) return { kind: 'durable' };
    const rows = known ?? decodeResult(await loadPayload(this.#ports, payload));
    const unavailable: string[] = [];
    let cause: SluiceError | null = null;
    for (const node of this.#job.dataflow.sinks) {
      const encoded = rows[node.uid];
      if (encoded === undefined) continue;
      try {
        const sink = await this.#open(node.uid);
        const values = encoded.map((row) => node.columns.map((c, i) => decodeValue(c.type, row[i] ?? null)));
        const { f } = fire.position;
        const result = await sink.emit({ g: this.#job.g, f, pf: fire.result.previous[node.uid] ?? null, rows: values });
        if (result.kind === 'fenced') return result;
      } catch (error) {
        if (!isError(error, 'SINK_UNAVAILABLE', 'STORE_FAILED')) throw error;
        unavailable.push(node.uid);
        cause = error;
      }
    }
    return cause === null ? { kind: 'durable' } : { kind: 'unavailable', sinks: unavailable, cause };
  }

  async #open(sinkUid: string): Promise<Sink> {
    const known = this.#sinks.get(sinkUid);
    if (known !== undefined) return known;
    const node = this.#job.dataflow.sinks.find((s) => s.uid === sinkUid);
    if (node === undefined) throw new SluiceError('INVARIANT', { message: `the plan has no sink ${sinkUid}` });
    const sink = await this.#ports.sinks.open(this.#job.id, node);
    this.#sinks.set(sinkUid, sink);
    return sink;
  }
}

/** Emission: a repeatable copy of what FIRE f has committed (F4, X1-X5). Any firer may do it, any number of times. */
import type { SluiceError } from '../../core/errors.ts';
import type { Generation, JobId } from '../../core/numbers.ts';
import type { JsonValue, SinkNode } from '../../core/plan.ts';
import { decodeValue } from '../../core/value-codec.ts';
import type { Ports } from '../../ports/ports.ts';
import type { EmitResult, Sink, SinkPosition } from '../../ports/sink.ts';
import { forPeople } from '../for-people.ts';
import type { Job } from '../job.ts';
import { resultKey } from '../keys.ts';
import type { FireResult } from '../log/entries.ts';
import { loadPayload, storePayload } from '../log/payload.ts';
import { canBeMended, forgetSinkError, recordSinkError } from '../sink-errors.ts';
import type { FireEntry } from './replica.ts';
import { SinkAttempts } from './sink-attempts.ts';

export type EmitOutcome =
  | { readonly kind: 'durable' }
  | { readonly kind: 'fenced'; readonly by: Generation }
  | { readonly kind: 'unavailable'; readonly sinks: readonly string[]; readonly cause: SluiceError };

type EmitPorts = Pick<Ports, 'sinks' | 'blob' | 'codec' | 'control' | 'runtime'>;

/** Whether a sink that has failed is given its pause, or is asked at once, since it is the last time. */
export type Pace = 'paused' | 'at-once';

export type ResultRows = Readonly<Record<string, readonly JsonValue[][]>>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The rows that a FIRE has committed. */
export const readResult = async (ports: Pick<Ports, 'blob' | 'codec'>, { result }: FireEntry): Promise<ResultRows> =>
  result.payload === null ? {} : decodeResult(await loadPayload(ports, result.payload));

/** Stores the rows of the FIRE that is to be appended at `at`; large ones as an object. */
export async function storeResult(ports: Pick<Ports, 'blob' | 'codec'>, job: Job, at: number, rows: ResultRows): Promise<Pick<FireResult, 'sha' | 'rows' | 'payload'>> {
  const bytes = encodeResult(rows);
  const sha = ports.codec.sha256(bytes);
  const counts = Object.fromEntries(Object.entries(rows).map(([sink, list]) => [sink, list.length]));
  const isEmpty = Object.keys(counts).length === 0;
  const payload = isEmpty ? null : await storePayload(ports, bytes, job.settings.resultInlineMax, () => resultKey(job.id, job.g, at, sha));
  return { sha, rows: counts, payload };
}

export const encodeResult = (rows: ResultRows): Uint8Array => encoder.encode(JSON.stringify(rows));
const decodeResult = (bytes: Uint8Array): ResultRows => JSON.parse(decoder.decode(bytes));

/**
 * Emits for one process. A sink that does not take the rows is asked again with growing pauses, those that have them are not asked again, and
 * what is wrong is kept where `describe` finds it.
 */
export class Emitter {
  readonly #ports: EmitPorts;
  readonly #job: Job;
  readonly #sinks = new Map<string, Sink>();
  readonly #attempts = new SinkAttempts();

  constructor(ports: EmitPorts, job: Job) {
    this.#ports = ports;
    this.#job = job;
  }

  /**
   * Emits FIRE f to every sink that has rows in it; only when all say durable may ACK f follow (F10). `known`: the rows that the caller
   * itself has just committed in that entry.
   */
  async emit(fire: FireEntry, pace: Pace, known: ResultRows | null = null): Promise<EmitOutcome> {
    if (fire.result.payload === null) return { kind: 'durable' };
    const rows = known ?? (await readResult(this.#ports, fire));
    const unavailable: string[] = [];
    let cause: SluiceError | null = null;
    for (const node of this.#job.dataflow.sinks) {
      const encoded = rows[node.uid];
      if (encoded === undefined || this.#attempts.hasConfirmed(fire.id, node.uid)) continue;
      const result = await this.#attempt(node, fire, encoded, pace);
      if (result.kind === 'fenced') return result;
      if (result.kind === 'durable') continue;
      unavailable.push(node.uid);
      ({ cause } = result);
    }
    return cause === null ? { kind: 'durable' } : { kind: 'unavailable', sinks: unavailable, cause };
  }

  /** Positions that their place forgets with time are written again. Nothing is lost by one that cannot be now: the next tick asks again. */
  async keep(): Promise<void> {
    for (const node of this.#job.dataflow.sinks) {
      if (node.records === undefined) continue; // only topics forget
      try {
        await (await this.#open(this.#job.id, node)).keep?.(this.#job.g);
      } catch (error) {
        if (!canBeMended(error)) throw error;
      }
    }
  }

  /**
   * Where rows go. F14: a sink without a fence may have the repeated ones already, and gets them under their old name. One that upserts gets them under their
   * new name: under the old one, a repetition would meet what this job has written since.
   */
  async #place(node: SinkNode, { position, result }: FireEntry): Promise<SinkPosition & { sink: Sink }> {
    const sink = await this.#open(this.#job.id, node);
    const { repeats } = result;
    if (repeats === null || sink.fences || sink.upserts === true) return { sink, g: this.#job.g, f: position.f };
    return { sink: await this.#open(repeats.job, node), g: repeats.g, f: repeats.f };
  }

  async #open(job: JobId, node: SinkNode): Promise<Sink> {
    const identity = `${job}.${node.uid}`;
    const sink = this.#sinks.get(identity) ?? (await this.#ports.sinks.open(job, node, this.#job.lineage));
    this.#sinks.set(identity, sink);
    return sink;
  }

  async #attempt(node: SinkNode, fire: FireEntry, encoded: readonly JsonValue[][], pace: Pace): Promise<EmitResult | { readonly kind: 'unavailable'; readonly cause: SluiceError }> {
    const { runtime } = this.#ports;
    const waiting = pace === 'at-once' ? null : this.#attempts.waiting(fire.id, node.uid, runtime.elapsed());
    if (waiting !== null) return { kind: 'unavailable', cause: waiting.cause };
    try {
      const { sink, g, f } = await this.#place(node, fire);
      const values = encoded.map((row) => node.columns.map((c, i) => decodeValue(c.type, row[i] ?? null)));
      const result = await sink.emit({ g, f, pf: fire.result.previous[node.uid] ?? null, rows: values });
      if (result.kind === 'durable' && this.#attempts.confirm(fire.id, node.uid)) await forPeople(() => forgetSinkError(this.#ports, this.#job, node.uid));
      return result;
    } catch (error) {
      if (!canBeMended(error)) throw error;
      if (this.#attempts.fail(fire.id, node.uid, error, runtime.elapsed())) await forPeople(() => recordSinkError(this.#ports, this.#job, node, { f: fire.position.f, since: fire.at }, error));
      return { kind: 'unavailable', cause: error };
    }
  }
}

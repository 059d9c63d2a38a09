/**
 * The `kafka` and `upsert-kafka` sinks without transactions: `sink.delivery-guarantee` = `at-least-once` or `none`. A FIRE that is emitted again,
 * by a helper or behind an answer that was lost, is there again, with the same headers; there is no fence. `none` gets no less than `at-least-once`.
 */
import type { JobId } from '../../core/numbers.ts';
import type { RecordLayout, SinkNode } from '../../core/plan.ts';
import type { Emission, EmitResult, Sink, SinkPosition } from '../../ports/sink.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Cluster } from './cluster.ts';
import { reading } from './failures.ts';
import { produceRecords } from './produce-request.ts';
import { UNNUMBERED } from './record-batch.ts';
import { unavailable } from './sink-failures.ts';
import { PIECE_BYTES, RecordEncoder } from './sink-records.ts';
import { metadataOf } from './topics.ts';
import { RecordsTooLarge, RecordTooLarge, tellingSize } from './transactions.ts';

export interface PlainParts {
  readonly job: JobId;
  readonly node: SinkNode;
  readonly layout: RecordLayout;
  readonly cluster: Cluster;
  readonly runtime: Pick<Runtime, 'now'>;
}

interface Progress {
  readonly g: number;
  readonly f: number;
  records: number;
}

const noProgress = (): Progress => ({ g: -1, f: -1, records: 0 });

export class PlainKafkaSink implements Sink {
  readonly fences = false;
  readonly #parts: PlainParts;
  readonly #encoder: RecordEncoder;
  /** Records of a FIRE that brokers have confirmed to this process: a repetition after a failure goes on behind them, so that a row that never passes does not fill the topic with those before it. */
  #progress = noProgress();

  constructor(parts: PlainParts) {
    this.#parts = parts;
    this.#encoder = new RecordEncoder(parts.job, parts.node, parts.layout);
  }

  async emit(emission: Emission): Promise<EmitResult> {
    try {
      if (emission.rows.length > 0) await this.#emit(emission);
      return { kind: 'durable' };
    } catch (error) {
      throw unavailable(error, this.#parts);
    }
  }

  async fence(): Promise<SinkPosition | null> {
    return null;
  }

  async #emit(emission: Emission): Promise<void> {
    const { g, f } = emission;
    if (this.#progress.g !== g || this.#progress.f !== f) this.#progress = { g, f, records: 0 };
    for (const bytes of PIECE_BYTES) {
      try {
        await this.#write(emission, bytes);
        this.#progress = noProgress();
        return;
      } catch (error) {
        if (!(error instanceof RecordsTooLarge) || error instanceof RecordTooLarge || bytes === PIECE_BYTES.at(-1)) throw error;
      }
    }
  }

  async #write(emission: Emission, pieceBytes: number): Promise<void> {
    const { cluster, runtime, layout: { topic } } = this.#parts;
    const call = reading(`append to topic '${topic}'`); // a repetition is allowed
    const { partitionsCount } = await cluster.call(call, (clients) => metadataOf(clients, topic, false));
    const { records: confirmed } = this.#progress;
    let from = 0;
    for (const piece of this.#encoder.pieces(emission, partitionsCount, runtime.now(), pieceBytes)) {
      const rest = piece.slice(Math.max(0, confirmed - from));
      from += piece.length;
      if (rest.length === 0) continue;
      await tellingSize(rest.length, () => cluster.call(call, (clients) => produceRecords(clients, { topic, transactionalId: null, numberOf: () => UNNUMBERED }, rest)));
      this.#progress.records = from;
    }
  }
}

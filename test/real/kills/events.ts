/** Records like the lab's, some out of order: the same in the topic and, line by line, in a file. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Kafka } from '../../../lib/adapters/kafka/index.ts';
import { Prng } from '../../simulation/prng.ts';

export const PARTITIONS = 4;
/** Below the watermark's delay: nothing is late. */
const DISORDER_MS = 5000;
const START_MS = Date.UTC(2025, 11, 30, 10, 0, 0);
const TYPES = ['click', 'view', 'buy', 'scroll', 'search', 'share', 'like', 'cart', 'login', 'logout'];
const PER_CALL = 2500;

export interface EventsParts {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly file: string;
  readonly seed: number;
  readonly records: number;
  /** The records come in so many pieces, of the same event time each. */
  readonly pieces: number;
  readonly pieceMs: number;
}

export class Events {
  readonly #parts: EventsParts;
  readonly #prng: Prng;
  readonly #file: number;
  /** Confirmed by the broker. */
  produced = 0;

  constructor(parts: EventsParts) {
    this.#parts = parts;
    this.#prng = new Prng(parts.seed);
    this.#file = openSync(parts.file, 'a');
  }

  async produce(piece: number): Promise<void> {
    const count = Math.floor(this.#parts.records / this.#parts.pieces / PARTITIONS);
    for (let partition = 0; partition < PARTITIONS; partition++) {
      for (let i = 0; i < count; i += PER_CALL) await this.#append(partition, Array.from({ length: Math.min(PER_CALL, count - i) }, (_, n) => this.#event(piece, (i + n) / count)));
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  async #append(partition: number, lines: readonly string[]): Promise<void> {
    writeSync(this.#file, `${lines.join('\n')}\n`);
    await this.#parts.kafka.produce(this.#parts.topic, lines.map((value) => ({ value })), { partition });
    this.produced += lines.length;
  }

  /** `share`: of the piece's time that has gone by. */
  #event(piece: number, share: number): string {
    const prng = this.#prng;
    const { pieceMs } = this.#parts;
    const clock = START_MS + Math.floor((piece + share) * pieceMs);
    const at = new Date(Math.max(START_MS, clock - prng.below(DISORDER_MS))).toISOString().slice(0, 23);
    return `{"event_id":"e${this.#draw()}","user_id":"u${this.#draw()}","event_type":"${prng.pick(TYPES)}","amount":${prng.below(1000)},"event_time":"${at}"}`;
  }

  #draw(): number {
    return this.#prng.between(1_000_000, 10_000_000);
  }
}

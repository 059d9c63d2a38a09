/** Records: what is produced, when, with which event times; and the quiet days between two bursts. */
import type { Config } from './configs.ts';
import { FILTERED_KEY, isWithin } from './shape.ts';
import type { Topics } from './topics.ts';
import type { World } from './world.ts';

/** Records in a row for one partition. */
const BURST = 15;
/** Event time of second 0, a year before the time of the world: as in a backfill. */
const LONG_AGO_MS = Date.UTC(2025, 11, 30, 10, 0, 0);
/** Event time of the records that end every partition, behind all windows of the others. */
const END_S = 4 * 3600;
const END_KEY = 'end';
export const isEndKey = (key: string): boolean => key.startsWith(END_KEY);

export class Traffic {
  readonly #world: World;
  readonly #config: Config;
  readonly #topics: Topics;
  readonly #startMs: number;
  #clockS = 0;
  #produced = 0;

  constructor(world: World, config: Config, topics: Topics) {
    this.#world = world;
    this.#config = config;
    this.#topics = topics;
    this.#startMs = world.prng.chance(0.5) ? LONG_AGO_MS : Math.floor(world.now / 1000) * 1000;
  }

  get isDone(): boolean {
    return this.#produced >= this.#config.records;
  }

  /** Creates the topics of the job. */
  begin(): void {
    for (const topic of new Set(this.#config.shape.sources.flatMap((s) => s.topics))) this.#topics.create(topic, this.#config.partitions);
  }

  /** Produces all records; `onRecord` is told the number of each. */
  async run(onRecord: (produced: number) => Promise<void>): Promise<void> {
    while (!this.isDone) {
      await this.#world.pause(this.#world.prng.below(2 * this.#config.everyMs));
      this.#produce();
      await onRecord(this.#produced);
    }
  }

  /** One last record per partition, so that the windows of all others fire; where functions fail on some, one of two in a row is taken. */
  end(): void {
    const isBound = isWithin(this.#config.shape);
    for (const topic of this.#topics.names()) {
      for (let p = 0; p < this.#busy(topic); p++) for (let n = 0; n < (isBound ? 2 : 1); n++) this.#topics.produce(topic, p, { key: this.#keyIn(p, END_KEY), time: this.#startMs + END_S * 1000 });
    }
  }

  #keyIn(partition: number, key: string): string {
    return isWithin(this.#config.shape) && key !== FILTERED_KEY ? `${key}${partition}` : key;
  }

  #produce(): void {
    const { prng } = this.#world;
    const topic = this.#topic();
    this.#clockS += prng.below(20);
    const time = this.#startMs + Math.max(0, this.#clockS - prng.below(this.#config.disorderS)) * 1000;
    const partition = this.#partition(topic);
    if (prng.chance(this.#config.markers)) this.#topics.skip(topic, partition, 1 + prng.below(2));
    const key = this.#keyIn(partition, prng.pick(['click', 'view', 'buy', FILTERED_KEY]));
    const isBad = this.#config.poison > 0 && prng.chance(this.#config.poison);
    this.#topics.produce(topic, partition, isBad ? { key, time, bad: prng.pick(['torn', 'timeless']) } : { key, time });
    this.#produced++;
  }

  /** Bursts come to one topic after the other. */
  #topic(): string {
    const { prng } = this.#world;
    const names = this.#topics.names();
    const turn = names[Math.floor(this.#produced / BURST) % names.length];
    return this.#config.bursts && turn !== undefined && prng.chance(0.95) ? turn : prng.pick(names);
  }

  /** With bursts the last partition gets no record at all. */
  #busy(topic: string): number {
    const width = this.#topics.width(topic);
    return this.#config.bursts ? width - 1 : width;
  }

  #partition(topic: string): number {
    const { prng } = this.#world;
    const busy = this.#busy(topic);
    return this.#config.bursts && prng.chance(0.95) ? Math.floor(this.#produced / BURST) % busy : prng.below(busy);
  }
}

/**
 * What brings the records of a generation to its writers: on AWS an alias and event source mappings (protocol I1, 11.1 steps 5 and 6). A runner
 * that follows the store needs none of it.
 *
 * Laws: every member can be repeated by anyone at any time, and has then no further effect; a generation that was detached is not attached again,
 * but by an effect that lands late, which `attached` shows. Nothing depends on `pause` and `detach` but cost: a writer of a generation that is frozen
 * or closed commits nothing (W9, W11).
 */
import type { Generation, JobId } from '../core/numbers.ts';

export interface GenerationName {
  readonly job: JobId;
  readonly g: Generation;
}

export interface Consumption extends GenerationName {
  readonly topics: readonly ConsumedTopic[];
  /** Records of one delivery at most; null: as the place has it. */
  readonly batchSize: number | null;
  /** Seconds for which a delivery is waited for; null: as the place has it. */
  readonly batchWindowSeconds: number | null;
}

/** Tables over the same topic share one. */
export interface ConsumedTopic {
  readonly topic: string;
  /** Consumer group with the offsets to begin at. */
  readonly group: string;
  /** `properties.*` of the first table that reads the topic, without the prefix. */
  readonly properties: Readonly<Record<string, string>>;
}

export interface Consumers {
  /** Deliveries begin, to the newest code; those of other generations stay. Throws what has to be corrected, or a StoreError that passes. */
  attach(consumption: Consumption): Promise<void>;
  /** Soon no delivery begins any more; those under way are not waited for. What was never attached is passed over. */
  pause(job: JobId, g: Generation): Promise<void>;
  /** Nothing is left of what `attach` made. What is in the middle of a change is a StoreError: repeat. */
  detach(job: JobId, g: Generation): Promise<void>;
  /** All generations of which anything is there, also what an `attach` that was killed has made. */
  attached(): Promise<readonly GenerationName[]>;
}

/** Where a runner follows the store by itself. */
export const NO_CONSUMERS: Consumers = { attach: async () => {}, pause: async () => {}, detach: async () => {}, attached: async () => [] };

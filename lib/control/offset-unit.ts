/** What offsets count, and so what lag is told in. */
import type { SourceNode } from '../core/plan.ts';

export type OffsetUnit = 'records' | 'bytes';

/** Offsets of generated rows count rows, those of files bytes; `ofTopics`: those of topics. */
export function offsetUnit({ connector }: Pick<SourceNode, 'connector'>, ofTopics: OffsetUnit): OffsetUnit {
  switch (connector) {
    case 'kafka':
      return ofTopics;
    case 'filesystem':
      return 'bytes';
    case 'datagen':
      return 'records';
  }
}

/** Of their sum: with bytes in it that is no number of records. */
export const unitOfSum = (sources: readonly Pick<SourceNode, 'connector'>[], ofTopics: OffsetUnit): OffsetUnit =>
  sources.some((source) => offsetUnit(source, ofTopics) === 'bytes') ? 'bytes' : 'records';

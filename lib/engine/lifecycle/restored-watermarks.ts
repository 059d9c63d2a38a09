/**
 * What a new generation takes over of the base's event time (protocol E7). By default all of it: rows that were late stay late, and the
 * result is that of a job that was never stopped. Flink keeps none of it, which `sluice.restore.partition-watermarks` = `reset` does.
 */
import type { Plan } from '../../core/plan.ts';
import { MIN_WATERMARK } from '../../core/watermark.ts';
import type { SavepointContent } from '../../savepoint/model.ts';

const OPTION = 'sluice.restore.partition-watermarks';

/** The base as the plan wants it. */
export function restoredBase(plan: Plan, base: SavepointContent): SavepointContent {
  return plan.options[OPTION]?.toLowerCase() === 'reset' ? withoutWatermarks(base) : base;
}

function withoutWatermarks(base: SavepointContent): SavepointContent {
  const { position, sources } = base;
  return {
    ...base,
    position: { ...position, watermarks: position.watermarks.map(() => MIN_WATERMARK), operatorWatermarks: {} },
    sources: sources.map((source) => ({
      ...source,
      partitions: source.partitions.map((partition) => ({ ...partition, watermark: MIN_WATERMARK, idle: false })),
    })),
  };
}

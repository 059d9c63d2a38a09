/** A job's description as plain data, for programs. */
import { encodeWatermark } from '../core/watermark.ts';
import type { JobControl } from '../engine/lifecycle/job-control.ts';
import type { JobDescription, PartitionDescription, SourceDescription, StateDescription } from './describe.ts';

type Encoded<T> = Omit<T, 'watermark'> & { readonly watermark: number | null };

export type PartitionJson = Encoded<PartitionDescription>;
export type SourceJson = Encoded<Omit<SourceDescription, 'partitions'>> & { readonly partitions: readonly PartitionJson[] };
export type StateJson = Omit<StateDescription, 'sources'> & { readonly sources: readonly SourceJson[] };

export type DescriptionJson = Omit<JobDescription, 'control' | 'state'> &
  Pick<JobControl, 'operation' | 'lineage' | 'restored' | 'savepoints'> & { readonly generation: number; readonly state: StateJson | null };

/** A watermark that does not exist yet is null. */
export function descriptionJson({ control, state, ...job }: JobDescription): DescriptionJson {
  const { gen, operation, lineage, savepoints, restored } = control;
  return { ...job, generation: gen, operation, lineage, restored, savepoints, state: state === null ? null : stateJson(state) };
}

const stateJson = (state: StateDescription): StateJson => ({ ...state, sources: state.sources.map(sourceJson) });

const sourceJson = (source: SourceDescription): SourceJson => ({
  ...source,
  watermark: encodeWatermark(source.watermark),
  partitions: source.partitions.map((partition) => ({ ...partition, watermark: encodeWatermark(partition.watermark) })),
});

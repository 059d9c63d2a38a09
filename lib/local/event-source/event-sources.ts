/**
 * The event source mappings of this process: Lambda's API without HTTP. What is asked for is accepted at once and happens a little later, as
 * on AWS: the answer of `create` says `Creating`; `get` tells when it is `Enabled`.
 */
import type { CreateMapping, Mapping, UpdateMapping } from './mapping.ts';

/** Every operation throws a `MappingError` with Lambda's name of the exception. */
export interface EventSources {
  /** ResourceConflictException where a mapping with this function, source and topic, or with this consumer group, exists. */
  create(request: CreateMapping): Promise<Mapping>;
  /** ResourceNotFoundException. */
  get(uuid: string): Promise<Mapping>;
  /** ResourceNotFoundException; ResourceInUseException while another change is under way: repeat it. `Disabled` does not wait for an invocation in flight. */
  update(uuid: string, change: UpdateMapping): Promise<Mapping>;
  /** In the order of creation. */
  list(filter?: MappingFilter): Promise<readonly Mapping[]>;
  /** As `update`; the mapping is gone a little later, its consumer group and offsets stay. */
  delete(uuid: string): Promise<Mapping>;
  /** Ends all polling; invocations in flight end, and what they have done is committed. The mappings' states stay as they are. */
  close(): Promise<void>;
}

export interface MappingFilter {
  readonly EventSourceArn?: string;
  /** As in `CreateMapping`; without an alias it means the function itself. */
  readonly FunctionName?: string;
}

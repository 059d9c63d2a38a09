/** What a savepoint holds, as the engine hands it over and gets it back (protocol §14). */
import type { EventTime, FireNumber, Generation, JobId, Offset, Uid, WallTime } from '../core/numbers.ts';
import type { PaneColumns } from '../core/window/pane.ts';
import type { JsonValue, Plan, ProcessNode, WindowAggregateNode } from '../core/plan.ts';
import type { FireIdentity, SinkPosition } from '../ports/sink.ts';

export interface SavepointContent {
  readonly job: JobId;
  /** Name of the job, for people. */
  readonly name: string;
  /** Jobs that this one was forked from, newest last. */
  readonly lineage: readonly JobId[];
  readonly generation: Generation;
  readonly triggerId: string;
  readonly createdAt: WallTime;
  /** Taken with `--drain`: its windows were emitted before their end. */
  readonly drained: boolean;
  readonly position: {
    readonly f: FireNumber;
    /** `G`, one per source index. */
    readonly watermarks: readonly EventTime[];
    readonly operatorWatermarks: Readonly<Record<string, EventTime>>;
    readonly procTime: WallTime;
    /** See `Position`. */
    readonly ttlPausedTo?: WallTime;
    readonly late: Readonly<Record<string, number>>;
    readonly lastEmitted: Readonly<Record<string, FireNumber>>;
  };
  /** Read from a savepoint, its secrets are hidden. */
  readonly plan: Plan;
  /** `sha256:<hex>` of the plan. */
  readonly planHash: string;
  /** One per (source, topic). */
  readonly sources: readonly SourcePosition[];
  readonly sinks: readonly SinkState[];
  readonly operators: readonly WindowOperatorState[];
  readonly functions: readonly FunctionState[];
  readonly keyGroups: number;
}

export interface SourcePosition {
  readonly uid: Uid;
  /** Index of the source in the plan; the place of its watermark in `position.watermarks`. */
  readonly index: number;
  readonly topic: string;
  readonly topicId: string | null;
  readonly partitions: readonly {
    readonly partition: number;
    readonly next: Offset;
    readonly watermark: EventTime;
    readonly idle: boolean;
    readonly dataAt: WallTime;
  }[];
}

export interface SinkState {
  readonly uid: Uid;
  readonly type: string;
  /** The newest that the sink is known to have. */
  readonly position: SinkPosition | null;
  /** The rows of FIRE f are not confirmed by this sink (F14). */
  readonly pending: boolean;
  /** The FIRE under whose name a sink without a fence may have them; there if `pending`. */
  readonly pendingOf?: FireIdentity;
  readonly pendingRows?: readonly JsonValue[][];
}

export interface WindowOperatorState {
  readonly uid: Uid;
  readonly node: WindowAggregateNode;
  /** All panes; several columns may belong to one slice. */
  readonly panes: readonly PaneColumns[];
}

/** State and timers of a process function. */
export interface FunctionState {
  readonly uid: Uid;
  readonly node: ProcessNode;
  /** All keys, under `GROUPS`: a column of cells per state of the node, as `encodeCell` gives them, then one of `[event, processing]` timers. */
  readonly panes: readonly PaneColumns[];
}

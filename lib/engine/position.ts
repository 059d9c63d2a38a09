/**
 * A position of the coordinator: everything about the state besides the panes. FIRE, CHECKPOINT and savepoints hold one; a state is
 * a function of exactly the entries up to `cut`.
 */
import { fireNumber, type EventTime, type FireNumber, type Offset, type PartitionId, type Seq, type Uid, type WallTime } from '../core/numbers.ts';
import type { JsonValue } from '../core/plan.ts';
import type { FunctionTime } from '../core/process/partitioned-state.ts';
import { decodeWatermark, encodeWatermark } from '../core/watermark.ts';

/** Where one partition log was cut, and what its last entry inside said. */
export interface PartitionCut {
  readonly seq: Seq;
  /** Id of that entry: the next one names it as `prev`. */
  readonly id: string;
  readonly next: Offset;
  readonly watermark: EventTime;
  /** `procTime` of the last FIRE that covered a DATA entry; `at` of INIT before (F6). */
  readonly dataAt: WallTime;
  /** Where functions run in the writer (13.3): the time that they had come to. Absent where none has run since the generation began. */
  readonly functionTime?: FunctionTime;
}

export interface Position {
  readonly f: FireNumber;
  /** `G`: watermark per source (F5). */
  readonly watermarks: readonly EventTime[];
  /** Watermark of each operator with several sources above it (F5). */
  readonly operatorWatermarks: Readonly<Record<string, EventTime>>;
  /** Processing time; never runs back (K3). It begins with the job, whose start is the time of rows that stand in a statement. */
  readonly procTime: WallTime;
  /** Up to when a resume with `--pause-ttl` has moved the times of state, epoch ms (V7); absent without one. */
  readonly ttlPausedTo?: WallTime;
  /** Rows dropped as late, per operator (E5). */
  readonly late: Readonly<Record<string, number>>;
  /** Rows that functions of the program failed on and that were left out since the generation began, per uid (W10). */
  readonly failed: Readonly<Record<string, number>>;
  /** Idle partitions at this position (F6). */
  readonly idle: readonly PartitionId[];
  /** A drain has moved the watermark beyond what the input says, if only in part: there is no way back to a running job (11.3, F13). */
  readonly drained: boolean;
  /** The last FIRE that had rows for a sink, by uid (`pf`). */
  readonly lastEmitted: Readonly<Record<string, FireNumber>>;
  readonly cut: Readonly<Record<PartitionId, PartitionCut>>;
}

export const partitionsOf = (position: Position): PartitionId[] => Object.keys(position.cut).sort() as PartitionId[];

export const lateOf = (position: Position, operator: Uid): number => position.late[operator] ?? 0;

export function encodePosition(p: Position): JsonValue {
  return {
    f: p.f,
    G: p.watermarks.map(encodeWatermark),
    operatorG: mapValues(p.operatorWatermarks, encodeWatermark),
    procTime: p.procTime,
    ...(p.ttlPausedTo === undefined ? {} : { ttlPausedTo: p.ttlPausedTo }),
    late: p.late,
    ...(Object.keys(p.failed).length > 0 ? { failed: p.failed } : {}),
    idle: p.idle,
    pf: p.lastEmitted,
    ...(p.drained ? { drained: true } : {}),
    cut: mapValues(p.cut, encodeCut),
  };
}

/** The JSON that `encodePosition` writes; trusted, since every stored item carries a checksum. */
export interface PositionJson {
  readonly f: number;
  readonly G: readonly (number | null)[];
  readonly operatorG: Readonly<Record<string, number | null>>;
  readonly procTime: WallTime;
  readonly ttlPausedTo?: WallTime;
  readonly late: Readonly<Record<string, number>>;
  /** Absent where none was left out, and in entries of older versions. */
  readonly failed?: Readonly<Record<string, number>>;
  readonly idle: readonly PartitionId[];
  readonly pf: Readonly<Record<string, FireNumber>>;
  readonly drained?: true;
  readonly cut: Readonly<Record<string, CutJson>>;
}

interface CutJson {
  readonly seq: Seq;
  readonly id: string;
  readonly next: Offset;
  readonly wm: number | null;
  readonly at: WallTime;
  /** Watermark and processing time of functions. */
  readonly ft?: readonly [watermark: number | null, procTime: WallTime];
}

const encodeCut = ({ seq, id, next, watermark, dataAt: at, functionTime: time }: PartitionCut) => ({
  seq,
  id,
  next,
  wm: encodeWatermark(watermark),
  at,
  ...(time && { ft: [encodeWatermark(time.watermark), time.procTime] as const }),
});

const decodeCut = ({ seq, id, next, wm, at: dataAt, ft }: CutJson): PartitionCut => ({
  seq,
  id,
  next,
  watermark: decodeWatermark(wm),
  dataAt,
  ...(ft && { functionTime: { watermark: decodeWatermark(ft[0]), procTime: ft[1] } }),
});

export function decodePosition(json: PositionJson): Position {
  return {
    f: fireNumber(json.f),
    watermarks: json.G.map(decodeWatermark),
    operatorWatermarks: mapValues(json.operatorG, decodeWatermark),
    procTime: json.procTime,
    ...(json.ttlPausedTo === undefined ? {} : { ttlPausedTo: json.ttlPausedTo }),
    late: json.late,
    failed: json.failed ?? {},
    idle: json.idle,
    lastEmitted: json.pf,
    drained: json.drained ?? false,
    cut: mapValues(json.cut, decodeCut),
  };
}

export function mapValues<A, B>(record: Readonly<Record<string, A>>, to: (value: A, key: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value, key)]));
}

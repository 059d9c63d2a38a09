/** `_metadata` (protocol 14.3): the manifest, written last; without it a directory is not a savepoint. */
import { generation, wallTime, type FireNumber, type JobId, type Offset, type Uid, type WallTime } from '../core/numbers.ts';
import { processesOf, statefulOf, type Plan, type ProcessNode, type WindowAggregateNode } from '../core/plan.ts';
import { withoutSecrets } from '../core/secrets.ts';
import { decodeWatermark, encodeWatermark } from '../core/watermark.ts';
import type { Codec } from '../ports/runtime.ts';
import { canonicalJson, readableJson } from './canonical-json.ts';
import { instantText, parseInstant } from './field.ts';
import { stateFields, type FunctionSchema } from './function-state.ts';
import type { SavepointContent, SinkState, SourcePosition } from './model.ts';
import type { GroupRange } from './order.ts';
import { isOfProgram, PANES, schemaId, schemaOf, type StateSchema } from './schema.ts';

export const FORMAT = 'sluice-savepoint';
/** The newest that this reader knows. 2: a job whose plan calls a program, with its state, values of which are JSON. */
export const FORMAT_VERSION = 2;

/** What a reader must know at least: a savepoint of SQL is what it always was. */
const versionOf = ({ plan, functions }: SavepointContent): number =>
  plan.program !== undefined || functions.length > 0 || statefulOf(plan).some(isOfProgram) ? 2 : 1;

/** A file beside `_metadata`. */
export interface SavepointFile {
  readonly file: string;
  /** uid of the operator or sink. */
  readonly operator: string;
  readonly state: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly lines: number;
  /** null where a state is not keyed. */
  readonly keyGroups: GroupRange | null;
}

export interface Metadata {
  readonly format: typeof FORMAT;
  readonly formatVersion: number;
  readonly minReader: number;
  readonly layout: 'canonical';
  readonly job: JobId;
  readonly name: string;
  readonly lineage: readonly JobId[];
  readonly generation: number;
  readonly triggerId: string;
  readonly parent: null;
  readonly created: string;
  readonly drained: boolean;
  readonly edited: boolean;
  readonly position: PositionJson;
  /** The plan, but for its secrets; its hash, secrets included; and the schemas of its states. */
  readonly plan: Plan & { readonly hash: string; readonly operators: readonly OperatorJson[] };
  readonly sources: readonly SourceJson[];
  readonly sinks: readonly SinkJson[];
  readonly keyGroups: number;
  readonly chunks: readonly SavepointFile[];
  /** SHA-256 of this object in canonical JSON with `selfHash` empty. */
  readonly selfHash: string;
}

/** MIN is written as null. */
type WatermarkJson = number | null;

interface PositionJson {
  readonly f: FireNumber;
  readonly G: readonly WatermarkJson[];
  readonly procTime: WallTime;
  readonly ttlPausedTo?: WallTime;
  readonly operatorG: Readonly<Record<string, WatermarkJson>>;
  readonly late: Readonly<Record<string, number>>;
  readonly pf: Readonly<Record<string, FireNumber>>;
}

interface OperatorJson {
  readonly uid: Uid;
  readonly type: string;
  readonly states: readonly (WindowStateJson | FunctionStateJson)[];
}

type WindowStateJson = StateSchema & { readonly name: string; readonly kind: 'window'; readonly schemaId: string; readonly ttlMs: null };

type FunctionStateJson = FunctionSchema & { readonly name: string; readonly schemaId: string };

interface SourceJson {
  readonly uid: Uid;
  readonly index: number;
  readonly topic: string;
  readonly topicId: string | null;
  readonly partitions: readonly {
    readonly p: number;
    readonly next: Offset;
    readonly watermark: WatermarkJson;
    readonly idle: boolean;
    readonly dataAt: WallTime;
  }[];
}

interface SinkJson {
  readonly uid: Uid;
  readonly type: string;
  readonly position: readonly [g: number, f: FireNumber] | null;
  readonly pending: boolean;
  readonly pendingOf?: readonly [job: JobId, g: number, f: FireNumber];
}

/** The content besides panes, cells and pending rows, which lie in files of their own. */
export type SavepointHead = Omit<SavepointContent, 'operators' | 'functions' | 'sinks'> & { readonly sinks: readonly Omit<SinkState, 'pendingRows'>[] };

/** The text of `_metadata`. */
export function metadataText(codec: Codec, content: SavepointContent, chunks: readonly SavepointFile[]): string {
  return readableJson(sealed(codec, metadataOf(codec, content, chunks)));
}

export const sealed = (codec: Codec, metadata: Metadata): Metadata => ({
  ...metadata,
  selfHash: codec.sha256(canonicalJson({ ...metadata, selfHash: '' })),
});

function metadataOf(codec: Codec, content: SavepointContent, chunks: readonly SavepointFile[]): Metadata {
  const { job, name, lineage, triggerId, drained, keyGroups } = content;
  const version = versionOf(content);
  return {
    format: FORMAT,
    formatVersion: version,
    minReader: version,
    layout: 'canonical',
    job,
    name,
    lineage,
    generation: content.generation,
    triggerId,
    parent: null,
    created: instantText(content.createdAt),
    drained,
    edited: false,
    position: positionJson(content.position),
    plan: { ...withoutSecrets(content.plan), hash: content.planHash, operators: operatorsJson(content.plan, codec) },
    sources: content.sources.map(sourceJson),
    sinks: content.sinks.map(sinkJson),
    keyGroups,
    chunks,
    selfHash: '',
  };
}

function positionJson(position: SavepointContent['position']): PositionJson {
  const { f, watermarks, operatorWatermarks, procTime, ttlPausedTo, late, lastEmitted } = position;
  const operatorG = Object.fromEntries(Object.entries(operatorWatermarks).map(([uid, wm]) => [uid, encodeWatermark(wm)]));
  return { f, G: watermarks.map(encodeWatermark), procTime, ...(ttlPausedTo === undefined ? {} : { ttlPausedTo }), operatorG, late, pf: lastEmitted };
}

const operatorsJson = (plan: Plan, codec: Codec): OperatorJson[] => [
  ...statefulOf(plan).map((node) => operatorJson(node, codec)),
  ...processesOf(plan).map((node) => functionJson(node, codec)),
];

function operatorJson(node: WindowAggregateNode, codec: Codec): OperatorJson {
  const schema = schemaOf(node);
  const state = { name: PANES, kind: 'window', schemaId: schemaId(schema, codec), ...schema, ttlMs: null } as const;
  return { uid: node.uid, type: `${node.window.kind}-agg`, states: [state] };
}

function functionJson(node: ProcessNode, codec: Codec): OperatorJson {
  const states = stateFields(node).map(({ name, schema }) => ({ name, schemaId: schemaId(schema, codec), ...schema }));
  return { uid: node.uid, type: node.kind, states };
}

function sourceJson({ uid, index, topic, topicId, partitions }: SourcePosition): SourceJson {
  const json = partitions.map(({ partition, next, watermark, idle, dataAt }) => ({
    p: partition,
    next,
    watermark: encodeWatermark(watermark),
    idle,
    dataAt,
  }));
  return { uid, index, topic, topicId, partitions: json };
}

const sinkJson = ({ uid, type, position, pending, pendingOf }: SinkState): SinkJson => ({
  uid,
  type,
  position: position === null ? null : [position.g, position.f],
  pending,
  ...(pendingOf === undefined ? {} : { pendingOf: [pendingOf.job, pendingOf.g, pendingOf.f] }),
});

/** The inverse of `metadataText`, besides the list of files. */
export function headOf(metadata: Metadata): SavepointHead {
  const { job, name, lineage, triggerId, drained, keyGroups } = metadata;
  const { hash, operators: _schemas, ...plan } = metadata.plan;
  return {
    job,
    name,
    lineage,
    generation: generation(metadata.generation),
    triggerId,
    createdAt: wallTime(parseInstant(metadata.created) ?? 0),
    drained,
    position: positionOf(metadata.position),
    plan,
    planHash: hash,
    sources: metadata.sources.map(sourceOf),
    sinks: metadata.sinks.map(sinkOf),
    keyGroups,
  };
}

function positionOf({ f, G, procTime, ttlPausedTo, operatorG, late, pf }: PositionJson): SavepointContent['position'] {
  const operatorWatermarks = Object.fromEntries(Object.entries(operatorG).map(([uid, wm]) => [uid, decodeWatermark(wm)]));
  return { f, watermarks: G.map(decodeWatermark), operatorWatermarks, procTime, ...(ttlPausedTo === undefined ? {} : { ttlPausedTo }), late, lastEmitted: pf };
}

function sourceOf(json: SourceJson): SourcePosition {
  const partitions = json.partitions.map(({ p, next, watermark, idle, dataAt }) => ({
    partition: p,
    next,
    watermark: decodeWatermark(watermark),
    idle,
    dataAt,
  }));
  return { ...json, partitions };
}

const sinkOf = ({ uid, type, position, pending, pendingOf }: SinkJson): Omit<SinkState, 'pendingRows'> => ({
  uid,
  type,
  position: position === null ? null : { g: generation(position[0]), f: position[1] },
  pending,
  ...(pendingOf === undefined ? {} : { pendingOf: { job: pendingOf[0], g: generation(pendingOf[1]), f: pendingOf[2] } }),
});

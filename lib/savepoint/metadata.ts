/** `_metadata` (protocol 14.3): the manifest, written last; without it a directory is not a savepoint. */
import { SluiceError } from '../core/errors.ts';
import { generation, type FireNumber, type JobId, type Offset, type Uid, type WallTime } from '../core/numbers.ts';
import type { Plan, WindowAggregateNode } from '../core/plan.ts';
import { statefulOf } from '../core/plan.ts';
import { decodeWatermark, encodeWatermark } from '../core/watermark.ts';
import { isoText } from '../core/value-codec.ts';
import type { Codec } from '../ports/runtime.ts';
import type { SavepointContent } from './model.ts';
import { canonicalJson, PANES, schemaOf } from './schema.ts';

export const FORMAT = 'sluice-savepoint';
const FORMAT_VERSION = 1;

export interface SavepointFile {
  readonly file: string;
  readonly operator: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly lines: number;
  readonly keyGroups: readonly [number, number];
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
  readonly createdAt: WallTime;
  readonly drained: boolean;
  readonly edited: boolean;
  readonly position: {
    readonly f: FireNumber;
    readonly G: readonly (number | null)[];
    readonly procTime: WallTime;
    readonly operatorG: Readonly<Record<string, number | null>>;
    readonly late: Readonly<Record<string, number>>;
    readonly pf: Readonly<Record<string, FireNumber>>;
  };
  readonly plan: { readonly hash: string; readonly sql: string; readonly operators: readonly unknown[]; readonly definition: Plan };
  readonly sources: readonly {
    readonly uid: Uid;
    readonly index: number;
    readonly topic: string;
    readonly topicId: string | null;
    readonly partitions: readonly { p: number; next: Offset; watermark: number | null; idle: boolean; dataAt: WallTime }[];
  }[];
  readonly sinks: readonly { uid: Uid; type: string; position: readonly [number, FireNumber] | null; pending: boolean }[];
  readonly keyGroups: number;
  readonly chunks: readonly SavepointFile[];
  /** SHA-256 of this object in canonical JSON with `selfHash` empty. */
  readonly selfHash: string;
}

export function makeMetadata(codec: Codec, content: SavepointContent, chunks: readonly SavepointFile[]): string {
  const { position: at } = content;
  const body: Metadata = {
    format: FORMAT,
    formatVersion: FORMAT_VERSION,
    minReader: FORMAT_VERSION,
    layout: 'canonical',
    job: content.job,
    name: content.name,
    lineage: content.lineage,
    generation: content.generation,
    triggerId: content.triggerId,
    parent: null,
    created: isoText({ kind: 'TIMESTAMP_LTZ', precision: 3 }, content.createdAt),
    createdAt: content.createdAt,
    drained: content.drained,
    edited: false,
    position: {
      f: at.f,
      G: at.watermarks.map(encodeWatermark),
      procTime: at.procTime,
      operatorG: Object.fromEntries(Object.entries(at.operatorWatermarks).map(([uid, wm]) => [uid, encodeWatermark(wm)])),
      late: at.late,
      pf: at.lastEmitted,
    },
    plan: { hash: content.planHash, sql: content.plan.sql, operators: statefulOf(content.plan).map((n) => operatorOf(n, codec)), definition: content.plan },
    sources: content.sources.map((s) => ({
      ...s,
      partitions: s.partitions.map((p) => ({ p: p.partition, next: p.next, watermark: encodeWatermark(p.watermark), idle: p.idle, dataAt: p.dataAt })),
    })),
    sinks: content.sinks.map((s) => ({ uid: s.uid, type: s.type, position: s.position === null ? null : [s.position.g, s.position.f], pending: s.pending })),
    keyGroups: content.keyGroups,
    chunks,
    selfHash: '',
  };
  return canonicalJson({ ...body, selfHash: codec.sha256(canonicalJson(body)) });
}

function operatorOf(node: WindowAggregateNode, codec: Codec): unknown {
  const state = { name: PANES, kind: 'window', ...schemaOf(node, codec), ttlMs: null };
  return { uid: node.uid, type: `${node.window.kind}-agg`, states: [state] };
}

/** Parses and verifies the manifest; SAVEPOINT_VERSION if a newer Sluice wrote it, SAVEPOINT_CORRUPT if it is damaged or was edited. */
export function parseMetadata(codec: Codec, directory: string, text: string): Metadata {
  const metadata = parse(directory, text);
  if (metadata.minReader > FORMAT_VERSION) {
    throw new SluiceError('SAVEPOINT_VERSION', {
      message: `savepoint ${directory} needs a reader of version ${metadata.minReader}, this is ${FORMAT_VERSION}`,
      hint: 'upgrade this Sluice',
    });
  }
  if (codec.sha256(canonicalJson({ ...metadata, selfHash: '' })) !== metadata.selfHash) {
    throw corrupt(directory, '_metadata was changed after it was written: its selfHash does not match');
  }
  return metadata;
}

function parse(directory: string, text: string): Metadata {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw corrupt(directory, '_metadata is not JSON: it is truncated or was edited');
  }
  if (typeof json !== 'object' || json === null || !('format' in json) || json.format !== FORMAT) {
    throw corrupt(directory, `_metadata is not the manifest of a savepoint of Sluice ('format' is not '${FORMAT}')`);
  }
  return json as Metadata;
}

/** The content without its panes. */
export function contentOf(metadata: Metadata): Omit<SavepointContent, 'operators'> {
  const { position: at } = metadata;
  return {
    job: metadata.job,
    name: metadata.name,
    lineage: metadata.lineage,
    generation: generation(metadata.generation),
    triggerId: metadata.triggerId,
    createdAt: metadata.createdAt,
    drained: metadata.drained,
    position: {
      f: at.f,
      watermarks: at.G.map(decodeWatermark),
      operatorWatermarks: Object.fromEntries(Object.entries(at.operatorG).map(([uid, wm]) => [uid, decodeWatermark(wm)])),
      procTime: at.procTime,
      late: at.late,
      lastEmitted: at.pf,
    },
    plan: metadata.plan.definition,
    planHash: metadata.plan.hash,
    sources: metadata.sources.map((s) => ({
      ...s,
      partitions: s.partitions.map((p) => ({ partition: p.p, next: p.next, watermark: decodeWatermark(p.watermark), idle: p.idle, dataAt: p.dataAt })),
    })),
    sinks: metadata.sinks.map((s) => ({ ...s, position: s.position === null ? null : { g: generation(s.position[0]), f: s.position[1] } })),
    keyGroups: metadata.keyGroups,
  };
}

export function corrupt(directory: string, what: string): SluiceError {
  return new SluiceError('SAVEPOINT_CORRUPT', {
    message: `savepoint ${directory}: ${what}`,
    hint: 'put the original file back, or use another savepoint',
    details: { directory },
  });
}

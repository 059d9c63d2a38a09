/**
 * Entries as log items. The body is JSON with a CRC over body and payload, so that one flipped byte in the store is an error with a
 * key, never a guess.
 */
import { SluiceError } from '../../core/errors.ts';
import type { FireNumber, Offset, PartitionId, WallTime } from '../../core/numbers.ts';
import { decodeWatermark, encodeWatermark } from '../../core/watermark.ts';
import type { LogItem, LogKey } from '../../ports/log.ts';
import type { Codec } from '../../ports/runtime.ts';
import type { FireIdentity } from '../../ports/sink.ts';
import { decodePosition, encodePosition, type PositionJson } from '../position.ts';
import { hasPayload, NOTHING_PASSED_OVER, type CheckpointPointer, type ChunkRef, type CoordinatorEntry, type EntryBase, type OffsetRange, type PartitionEntry, type PassedOver, type Payload } from './entries.ts';

/** Version of the entry format; readers accept it and everything older (V5). */
const FORMAT = 1;

interface BlobRef {
  readonly key: string;
  readonly sha: string;
  readonly bytes: number;
}

interface BodyBase {
  readonly fmt: number;
  readonly prev: string | null;
  readonly at: WallTime;
}

export function encodePartitionEntry(codec: Codec, entry: PartitionEntry): LogItem {
  const payload = hasPayload(entry) ? entry.payload : null;
  const data = entry.kind === 'DATA' ? { first: entry.first, n: entry.records, ...(entry.gap === null ? {} : { gap: entry.gap }) } : {};
  const { skipped, deadLetters, lost, ahead } = entry.passedOver;
  const over = skipped + deadLetters + lost + ahead === 0 ? {} : { over: { skipped, lost, ahead, ...(deadLetters > 0 && { deadLetters }) } };
  const body = { ...base(entry), kind: entry.kind, next: entry.next, wm: encodeWatermark(entry.watermark), ...over, ...data, ...refOf(payload) };
  return seal(codec, entry, body, inlineOf(payload));
}

interface PartitionBody extends BodyBase {
  readonly kind: PartitionEntry['kind'];
  readonly next: Offset;
  readonly wm: number | null;
  readonly first?: Offset;
  readonly n?: number;
  readonly gap?: OffsetRange;
  readonly over?: Partial<PassedOver>;
  readonly ref?: BlobRef;
}

export function decodePartitionEntry(codec: Codec, log: LogKey, item: LogItem): PartitionEntry {
  const body: PartitionBody = open(codec, log, item);
  const common = { ...place(item, body), next: body.next, watermark: decodeWatermark(body.wm), passedOver: { ...NOTHING_PASSED_OVER, ...body.over } };
  if (body.kind !== 'DATA' && body.kind !== 'TIME') return { ...common, kind: body.kind };
  const payload = payloadOf(item, body.ref) ?? { kind: 'inline', bytes: new Uint8Array() };
  if (body.kind === 'TIME') return { ...common, kind: 'TIME', payload };
  return { ...common, kind: 'DATA', first: body.first ?? body.next, records: body.n ?? 0, gap: body.gap ?? null, payload };
}

export function encodeCoordinatorEntry(codec: Codec, entry: CoordinatorEntry): LogItem {
  const body = { ...base(entry), kind: entry.kind, ck: entry.checkpoints, ...fieldsOf(entry) };
  return seal(codec, entry, body, entry.kind === 'FIRE' ? inlineOf(entry.result.payload) : null);
}

function fieldsOf(entry: CoordinatorEntry): object {
  switch (entry.kind) {
    case 'INIT':
      return { position: encodePosition(entry.position), restores: entry.restores };
    case 'REG':
      return { p: entry.partition, cut: { ...entry.cut, watermark: encodeWatermark(entry.cut.watermark) } };
    case 'FIRE':
      return {
        position: encodePosition(entry.position),
        sha: entry.result.sha,
        rows: entry.result.rows,
        pf: entry.result.previous,
        barrier: entry.barrier,
        ...(entry.result.repeats === null ? {} : { repeats: entry.result.repeats }),
        ...refOf(entry.result.payload),
      };
    case 'ACK':
      return { f: entry.f };
    case 'CHECKPOINT':
      return { position: encodePosition(entry.position), chunks: entry.chunks, pending: entry.pending, barrier: entry.barrier };
    case 'RENEW':
    case 'CLOSE':
      return {};
  }
}

type CoordinatorBody = BodyBase & { readonly ck: readonly CheckpointPointer[] } & (
    | { readonly kind: 'INIT'; readonly position: PositionJson; readonly restores: boolean }
    | { readonly kind: 'REG'; readonly p: PartitionId; readonly cut: RegCut }
    | {
        readonly kind: 'FIRE';
        readonly position: PositionJson;
        readonly sha: string;
        readonly rows: Readonly<Record<string, number>>;
        readonly pf: Readonly<Record<string, FireNumber>>;
        readonly barrier: string | null;
        readonly repeats?: FireIdentity;
        readonly ref?: BlobRef;
      }
    | { readonly kind: 'ACK'; readonly f: number }
    | {
        readonly kind: 'CHECKPOINT';
        readonly position: PositionJson;
        readonly chunks: readonly ChunkRef[];
        readonly pending: readonly string[];
        readonly barrier: string | null;
      }
    | { readonly kind: 'RENEW' | 'CLOSE' }
  );

type RegCut = Extract<CoordinatorEntry, { kind: 'REG' }>['cut'];

export function decodeCoordinatorEntry(codec: Codec, log: LogKey, item: LogItem): CoordinatorEntry {
  const body: CoordinatorBody = open(codec, log, item);
  const common = { ...place(item, body), checkpoints: body.ck };
  switch (body.kind) {
    case 'INIT':
      return { ...common, kind: 'INIT', position: decodePosition(body.position), restores: body.restores };
    case 'REG':
      return { ...common, kind: 'REG', partition: body.p, cut: { ...body.cut, watermark: decodeWatermark(body.cut.watermark ?? null) } };
    case 'FIRE': {
      const result = { sha: body.sha, rows: body.rows, previous: body.pf, payload: payloadOf(item, body.ref), repeats: body.repeats ?? null };
      return { ...common, kind: 'FIRE', position: decodePosition(body.position), result, barrier: body.barrier };
    }
    case 'ACK':
      return { ...common, kind: 'ACK', f: body.f };
    case 'CHECKPOINT':
      return { ...common, ...body, ...common, kind: 'CHECKPOINT', position: decodePosition(body.position) };
    default:
      return { ...common, kind: body.kind };
  }
}

const base = (entry: EntryBase): BodyBase => ({ fmt: FORMAT, prev: entry.prev, at: entry.at });

function place(item: LogItem, body: BodyBase): EntryBase {
  return { seq: item.seq, id: item.id, prev: body.prev, at: body.at, ttl: item.ttl };
}

const inlineOf = (payload: Payload | null): Uint8Array | null => (payload?.kind === 'inline' ? payload.bytes : null);

function refOf(payload: Payload | null): { ref?: BlobRef } {
  return payload?.kind === 'blob' ? { ref: { key: payload.key, sha: payload.sha, bytes: payload.bytes } } : {};
}

function payloadOf(item: LogItem, ref: BlobRef | undefined): Payload | null {
  if (ref) return { kind: 'blob', ...ref };
  return item.data === null ? null : { kind: 'inline', bytes: item.data };
}

function seal(codec: Codec, entry: EntryBase, body: object, data: Uint8Array | null): LogItem {
  const text = JSON.stringify(body);
  const sum = checksum(codec, entry, text, data);
  return { seq: entry.seq, id: entry.id, ttl: entry.ttl, body: `${sum}${text}`, data };
}

const SUM_DIGITS = 16;

function checksum(codec: Codec, { seq, id, ttl }: Pick<LogItem, 'seq' | 'id' | 'ttl'>, text: string, data: Uint8Array | null): string {
  const sums = [codec.crc32(`${seq}#${id}#${ttl}#${text}`), data === null ? 0 : codec.crc32(data)];
  return sums.map((n) => n.toString(16).padStart(SUM_DIGITS / 2, '0')).join('');
}

function open<Body extends BodyBase>(codec: Codec, log: LogKey, item: LogItem): Body {
  const text = item.body.slice(SUM_DIGITS);
  if (item.body.slice(0, SUM_DIGITS) !== checksum(codec, item, text, item.data)) {
    throw new SluiceError('STORE_CORRUPT', {
      message: `entry ${item.seq} of ${log} does not match its checksum`,
      hint: 'restore the store from a copy, or resume the job from a savepoint',
      details: { log, seq: item.seq },
    });
  }
  const body: Body = JSON.parse(text);
  if (body.fmt > FORMAT) {
    throw new SluiceError('FORMAT_VERSION', {
      message: `entry ${item.seq} of ${log} has format ${body.fmt}, this Sluice reads up to ${FORMAT}`,
      hint: 'upgrade this Sluice: readers are deployed before writers',
    });
  }
  return body;
}


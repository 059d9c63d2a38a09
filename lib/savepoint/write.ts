/** Writing a savepoint (protocol 14.1): data files first, `_metadata` last; until then the directory is garbage. */
import { assert, isError } from '../core/errors.ts';
import { KEY_GROUPS } from '../core/key.ts';
import { sinksOf } from '../core/plan.ts';
import type { Blob } from '../ports/blob.ts';
import type { Compression } from '../ports/runtime.ts';
import { blobBelow } from './below.ts';
import { readableJson } from './canonical-json.ts';
import { metadataText, type Metadata, type SavepointFile } from './metadata.ts';
import type { FunctionState, SavepointContent, SinkState, WindowOperatorState } from './model.ts';
import { dataFileName, isDataFile, METADATA, stateInName } from './name.ts';
import { keyOrderOf, splitPanes, type GroupRange, type SortedPanes } from './order.ts';
import { encodedPieces } from './pieces.ts';
import { PANES, PENDING } from './schema.ts';
import { describeSavepoint, listAll, requireComplete, type SavepointPorts } from './verify.ts';
import { functionFiles } from './write-function.ts';
import { paneWriter, rowLines } from './write-lines.ts';

export interface WriteOptions {
  readonly compression: Compression;
  /** Told of every file of data that is there, with its size. */
  readonly onFile?: (bytes: number) => void;
}

export interface Written {
  /** Of all files, `_metadata` included. */
  readonly bytes: number;
  readonly files: number;
}

const encoder = new TextEncoder();

/**
 * Writes `content` under `directory` of the blob root. Repeatable: file names follow from their content, and a directory that has its
 * `_metadata` is finished, whatever `content` says. Throws what the blob throws; nothing that is there is overwritten.
 */
export async function writeSavepoint(ports: SavepointPorts, directory: string, content: SavepointContent, options: WriteOptions): Promise<Written> {
  assert(content.keyGroups === KEY_GROUPS, `${content.keyGroups} key groups`);
  const root = { blob: blobBelow(ports.blob, directory), codec: ports.codec };
  if ((await root.blob.get(METADATA)) === null) await writeAll(root, content, options);
  // Whoever wrote `_metadata` first, this call or another executor of the same export, is right.
  const metadata = await describeSavepoint(root, directory);
  await requireComplete(root.blob, directory, metadata);
  await removeUnlisted(root.blob, metadata);
  return sizeOf(metadata);
}

async function writeAll(root: SavepointPorts, content: SavepointContent, options: WriteOptions): Promise<void> {
  const files: SavepointFile[] = [];
  for (const operator of content.operators) files.push(...(await writePanes(root, operator, options)));
  for (const state of content.functions) files.push(...(await writeFunction(root, state, options)));
  for (const sink of content.sinks) files.push(...(await writePending(root, content, sink, options)));
  // The commit point: with `_metadata` the directory becomes a savepoint.
  await root.blob.put(METADATA, encoder.encode(metadataText(root.codec, content, files)));
}

async function writePanes(root: SavepointPorts, { node, uid, panes }: WindowOperatorState, options: WriteOptions): Promise<SavepointFile[]> {
  const textsOf = paneWriter(node);
  const files: SavepointFile[] = [];
  for (const { keyGroups, slices, count } of splitPanes(keyOrderOf(node), panes)) {
    const frame = { operator: uid, state: PANES, keyGroups, lines: count };
    files.push(await writeFile(root, frame, inARow(slices, textsOf), options));
  }
  return files;
}

function* inARow(slices: readonly SortedPanes[], textsOf: (slice: SortedPanes) => Iterable<string>): Generator<string> {
  for (const slice of slices) yield* textsOf(slice);
}

async function writeFunction(root: SavepointPorts, state: FunctionState, options: WriteOptions): Promise<SavepointFile[]> {
  const files: SavepointFile[] = [];
  for (const { texts, ...frame } of functionFiles(state)) files.push(await writeFile(root, { operator: state.uid, ...frame }, texts, options));
  return files;
}

/** F14: rows of FIRE f that the sink has not confirmed. */
async function writePending(root: SavepointPorts, { plan }: SavepointContent, sink: SinkState, options: WriteOptions): Promise<SavepointFile[]> {
  const node = sinksOf(plan).find((n) => n.uid === sink.uid);
  if (sink.pendingRows === undefined || node === undefined) return [];
  const frame = { operator: sink.uid, state: PENDING, keyGroups: null, lines: sink.pendingRows.length };
  return [await writeFile(root, frame, rowLines(node, sink.pendingRows), options)];
}

type FileFrame = Pick<SavepointFile, 'operator' | 'state' | 'keyGroups' | 'lines'>;

async function writeFile({ blob, codec }: SavepointPorts, frame: FileFrame, texts: Iterable<string>, { compression, onFile }: WriteOptions): Promise<SavepointFile> {
  const bytes = await codec.compressPieces(compression, encodedPieces(texts));
  const sha256 = codec.sha256(bytes);
  const file = dataFileName(`${frame.operator}.${stateInName(frame.state)}${rangeText(frame.keyGroups)}`, sha256, compression);
  await blob.put(file, bytes);
  onFile?.(bytes.length);
  return { file, ...frame, sha256, bytes: bytes.length };
}

const rangeText = (range: GroupRange | null): string => (range === null ? '' : `.${range[0]}-${range[1]}`);

/** Leftovers of an export that ended early, for example with another compression; they may stay. */
async function removeUnlisted(blob: Blob, metadata: Metadata): Promise<void> {
  const listed = new Set(metadata.chunks.map((c) => c.file));
  try {
    for (const { key } of await listAll(blob)) if (isDataFile(key) && !listed.has(key)) await blob.remove(key);
  } catch (error) {
    if (!isError(error, 'STORE_FAILED')) throw error;
  }
}

function sizeOf(metadata: Metadata): Written {
  const bytes = metadata.chunks.reduce((n, file) => n + file.bytes, 0);
  return { bytes: bytes + encoder.encode(readableJson(metadata)).length, files: metadata.chunks.length + 1 };
}

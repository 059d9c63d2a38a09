/** Writing a savepoint (protocol 14.1): state files first, `_metadata` last; until then the directory is garbage. */
import { KEY_GROUPS, keyGroupOf, type Key } from '../core/key.ts';
import type { PaneColumns } from '../core/pane.ts';
import type { Blob } from '../ports/blob.ts';
import type { Codec, Compression } from '../ports/runtime.ts';
import { makeMetadata, type SavepointFile } from './metadata.ts';
import type { SavepointContent, WindowOperatorState } from './model.ts';
import { dealLines } from './lines.ts';
import { chunkFileName, METADATA } from './name.ts';
import { PANES } from './schema.ts';

/** Lines of one file, about. */
const FILE_LINES = 100_000;
const RANGES_MAX = 40;

export interface SavepointPorts {
  readonly blob: Blob;
  readonly codec: Codec;
}

export interface Written {
  readonly bytes: number;
  readonly files: number;
}

/**
 * Writes `content` under `directory` of the blob root. Repeatable: file names follow from their content, and a directory that has its
 * `_metadata` is finished. Throws what the blob throws; nothing that is there is overwritten.
 */
export async function writeSavepoint(ports: SavepointPorts, directory: string, content: SavepointContent, options: { compression: Compression }): Promise<Written> {
  const files: SavepointFile[] = [];
  for (const operator of content.operators) files.push(...(await writeOperator(ports, directory, operator, options.compression)));
  const metadata = new TextEncoder().encode(makeMetadata(ports.codec, content, files));
  // The commit point: with `_metadata` the directory becomes a savepoint.
  await ports.blob.put(`${directory}/${METADATA}`, metadata);
  return { bytes: files.reduce((n, f) => n + f.bytes, metadata.length), files: files.length + 1 };
}

async function writeOperator({ blob, codec }: SavepointPorts, directory: string, operator: WindowOperatorState, compression: Compression): Promise<SavepointFile[]> {
  const slices = joinSlices(operator.panes);
  const ranges = rangesFor(slices.reduce((n, s) => n + s.keys.length, 0));
  const fileOfGroup = Array.from({ length: KEY_GROUPS }, (_, group) => ranges.findIndex(([lo, hi]) => group >= lo && group <= hi));
  const lines: string[][] = ranges.map(() => []);
  const fileOf = ranges.length === 1 ? () => 0 : (key: Key) => fileOfGroup[keyGroupOf(key)] ?? 0;
  for (const slice of slices) dealLines(operator.node, slice, fileOf, lines);

  const files: SavepointFile[] = [];
  for (const [i, keyGroups] of ranges.entries()) {
    const own = lines[i] ?? [];
    if (own.length === 0) continue;
    const bytes = codec.compress(compression, new TextEncoder().encode(`${own.join('\n')}\n`));
    const sha256 = codec.sha256(bytes);
    const file = chunkFileName(operator.uid, PANES, keyGroups, sha256, compression);
    await blob.put(`${directory}/${file}`, bytes);
    files.push({ file, operator: operator.uid, sha256, bytes: bytes.length, lines: own.length, keyGroups });
  }
  return files;
}

/** Columns of one slice in one piece, slices in time order. */
function joinSlices(panes: readonly PaneColumns[]): PaneColumns[] {
  const ends = [...new Set(panes.map((c) => c.end))].sort((a, b) => a - b);
  return ends.map((end) => {
    const parts = panes.filter((c) => c.end === end);
    const width = parts[0]?.accumulators.length ?? 0;
    return {
      end,
      keys: parts.flatMap((c) => c.keys),
      rows: parts.flatMap((c) => c.rows),
      accumulators: Array.from({ length: width }, (_, a) => parts.flatMap((c) => c.accumulators[a] ?? [])),
    };
  });
}

/** Key-group ranges, about `FILE_LINES` panes each. */
function rangesFor(panes: number): (readonly [number, number])[] {
  const n = Math.min(RANGES_MAX, Math.max(1, Math.ceil(panes / FILE_LINES)));
  const bound = (i: number): number => Math.floor((i * KEY_GROUPS) / n);
  return Array.from({ length: n }, (_, i) => [bound(i), bound(i + 1) - 1] as const);
}

/** Opening a savepoint: every listed file is there, has its length and its hash, or nothing is restored (protocol 14.3). */
import { SluiceError } from '../core/errors.ts';
import { isKind } from '../core/plan.ts';
import type { PaneColumns } from '../core/pane.ts';
import type { SavepointContent } from './model.ts';
import { contentOf, corrupt, parseMetadata, type Metadata, type SavepointFile } from './metadata.ts';
import { panesOfLines } from './lines.ts';
import { compressionOf, METADATA } from './name.ts';
import type { SavepointPorts } from './write.ts';

export interface OpenedSavepoint {
  readonly content: SavepointContent;
  readonly metadata: Metadata;
}

/** `blob` is rooted at the savepoint's directory; `directory` is its name in messages. */
export async function openSavepoint(ports: SavepointPorts, directory: string): Promise<OpenedSavepoint> {
  const metadata = await readMetadata(ports, directory);
  const nodes = metadata.plan.definition.nodes.filter(isKind('window-aggregate'));
  const panes = new Map<string, PaneColumns[]>();
  for (const file of metadata.chunks) {
    const node = nodes.find((n) => n.uid === file.operator);
    if (node === undefined) throw corrupt(directory, `${file.file} belongs to no operator of the plan`);
    const text = await readFile(ports, directory, file);
    panes.set(node.uid, [...(panes.get(node.uid) ?? []), ...parsePanes(directory, file, () => panesOfLines(node, text))]);
  }
  const operators = nodes.map((node) => ({ uid: node.uid, node, panes: panes.get(node.uid) ?? [] }));
  return { content: { ...contentOf(metadata), operators }, metadata };
}

/** The manifest alone, verified in itself. */
export async function readMetadata({ blob, codec }: SavepointPorts, directory: string): Promise<Metadata> {
  const bytes = await blob.get(METADATA);
  if (bytes === null) {
    throw new SluiceError('SAVEPOINT_NOT_FOUND', {
      message: `there is no savepoint at ${directory}: it has no _metadata`,
      hint: 'name the directory savepoint-<6 hex>-<12 hex> itself, or its _metadata',
      details: { directory },
    });
  }
  return parseMetadata(codec, directory, new TextDecoder().decode(bytes));
}

async function readFile({ blob, codec }: SavepointPorts, directory: string, file: SavepointFile): Promise<string> {
  const bytes = await blob.get(file.file);
  if (bytes === null) throw corrupt(directory, `${file.file} is missing`);
  if (bytes.length !== file.bytes) throw corrupt(directory, `${file.file} has ${bytes.length} bytes, _metadata lists ${file.bytes}`);
  if (codec.sha256(bytes) !== file.sha256) throw corrupt(directory, `${file.file} was changed after it was written: its SHA-256 does not match`);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(codec.decompress(compressionOf(file.file), bytes));
}

function parsePanes(directory: string, file: SavepointFile, parse: () => PaneColumns[]): PaneColumns[] {
  const panes = parse();
  const lines = panes.reduce((n, c) => n + c.keys.length, 0);
  if (lines !== file.lines) throw corrupt(directory, `${file.file} has ${lines} lines, _metadata lists ${file.lines}`);
  return panes;
}

/** Opening a savepoint: every listed file is there, has its length and its hash, or nothing is restored (protocol 14.3). */
import type { PaneColumns } from '../core/window/pane.ts';
import { processesOf, sinksOf, statefulOf, type JsonValue, type Plan } from '../core/plan.ts';
import { headOf, type Metadata, type SavepointFile } from './metadata.ts';
import type { SavepointContent } from './model.ts';
import { METADATA } from './name.ts';
import { LineError } from './lines.ts';
import { joinCells, readStateFile, type StateCells } from './read-function.ts';
import { readPanes, readRows } from './read-lines.ts';
import { PANES, PENDING } from './schema.ts';
import { corrupt, describeSavepoint, readDataFile, type SavepointPorts } from './verify.ts';

export interface OpenedSavepoint {
  readonly content: SavepointContent;
  readonly metadata: Metadata;
}

/**
 * `blob` is rooted at the savepoint's directory; `directory` is its name in messages. Throws SAVEPOINT_NOT_FOUND, SAVEPOINT_VERSION, or
 * SAVEPOINT_CORRUPT with the name of the file and what differs.
 */
export async function openSavepoint(ports: SavepointPorts, directory: string): Promise<OpenedSavepoint> {
  const metadata = await describeSavepoint(ports, directory);
  const head = headOf(metadata);
  const files: FileContent[] = [];
  for (const file of metadata.chunks) files.push(await parseFile(ports, directory, head.plan, file));
  const operators = statefulOf(head.plan).map((node) => ({ uid: node.uid, node, panes: filesOf(files, node.uid, PANES).flatMap((f) => f.panes) }));
  const functions = processesOf(head.plan).map((node) => ({ uid: node.uid, node, panes: joinCells(node, files.flatMap(({ file, cells }) => (file.operator === node.uid && cells !== null ? [cells] : []))) }));
  const sinks = head.sinks.map((sink) => {
    const [pending] = filesOf(files, sink.uid, PENDING);
    if (sink.pending && pending === undefined) throw corrupt(directory, METADATA, `lists no file with the rows that sink ${sink.uid} lacks`);
    return pending === undefined ? sink : { ...sink, pendingRows: pending.rows };
  });
  return { content: { ...head, operators, functions, sinks }, metadata };
}

/** What one file holds: panes of an operator, a state of a function, or rows for a sink. */
interface FileContent {
  readonly file: SavepointFile;
  readonly panes: readonly PaneColumns[];
  readonly cells: StateCells | null;
  readonly rows: readonly JsonValue[][];
}

const filesOf = (files: readonly FileContent[], uid: string, state: string): FileContent[] =>
  files.filter(({ file }) => file.operator === uid && file.state === state);

async function parseFile(ports: SavepointPorts, directory: string, plan: Plan, file: SavepointFile): Promise<FileContent> {
  try {
    const content = await contentOf(plan, file, readDataFile(ports, directory, file));
    const lines = content.panes.reduce((n, columns) => n + columns.keys.length, content.rows.length + (content.cells?.lines ?? 0));
    if (lines === file.lines) return content;
    throw corrupt(directory, file.file, `has ${lines} lines where _metadata lists ${file.lines}`);
  } catch (error) {
    if (error instanceof LineError) throw corrupt(directory, `${file.file} line ${error.line}`, error.message);
    throw error;
  }
}

async function contentOf(plan: Plan, file: SavepointFile, texts: AsyncIterable<string>): Promise<FileContent> {
  const nothing = { file, panes: [], cells: null, rows: [] };
  const operator = file.state === PANES ? statefulOf(plan).find((node) => node.uid === file.operator) : undefined;
  if (operator !== undefined) return { ...nothing, panes: await readPanes(operator, texts) };
  const process = processesOf(plan).find((node) => node.uid === file.operator);
  const cells = process === undefined ? null : await readStateFile(process, file.state, texts);
  if (cells !== null) return { ...nothing, cells };
  const sink = file.state === PENDING ? sinksOf(plan).find((node) => node.uid === file.operator) : undefined;
  if (sink !== undefined) return { ...nothing, rows: await readRows(sink, texts) };
  throw new LineError(1, `belongs to ${file.operator}.${file.state}, which the plan does not have`);
}

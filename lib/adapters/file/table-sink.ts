/** The `filesystem` connector: a table as NDJSON files, one per FIRE that has rows (protocol section 7, "Files"). */
import { isError, SluiceError } from '../../core/errors.ts';
import { compileJsonEncoder } from '../../core/format/json-encode.ts';
import type { JobId } from '../../core/numbers.ts';
import type { SinkNode } from '../../core/plan.ts';
import type { Row } from '../../core/types.ts';
import type { Emission, EmitResult, Sink, SinkPosition } from '../../ports/sink.ts';
import type { Runtime } from '../../ports/runtime.ts';
import { FileBlob } from './blob.ts';
import { directoryPath } from './directory.ts';
import { nodeFileCalls, type FileCalls } from './durable.ts';

/** Rows that are joined at once: a string cannot grow beyond 512 MB, and a FIRE may have a million rows. */
const ROWS_PER_PIECE = 10_000;

/**
 * A position is one file, `<path>/<job>-<uid>-g<g>-f<f>-0.ndjson`, so it takes effect once (X1), whole and durable (X5). There is
 * no fence: after a restore from an older base the files of both generations remain, as in Flink. A directory that cannot be
 * written is SINK_UNAVAILABLE; a file of that name with other rows is REPLAY_DIFFERS (X4).
 */
export class FileTableSink implements Sink {
  readonly fences = false;
  readonly #directory: FileBlob;
  readonly #prefix: string;
  readonly #encode: (row: Row) => string;

  constructor(directory: FileBlob, job: JobId, node: SinkNode) {
    this.#directory = directory;
    this.#prefix = `${job}-${node.uid}`;
    this.#encode = compileJsonEncoder(node.columns);
  }

  async emit({ g, f, rows }: Emission): Promise<EmitResult> {
    if (rows.length > 0) await this.#write(`${this.#prefix}-g${g}-f${f}-0.ndjson`, this.#ndjson(rows));
    return { kind: 'durable' };
  }

  async fence(): Promise<SinkPosition | null> {
    return null;
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    try {
      const { kind } = await this.#directory.put(name, bytes);
      if (kind === 'exists') await this.#checkSame(name, bytes);
    } catch (cause) {
      if (!isError(cause, 'STORE_FAILED')) throw cause;
      const message = `cannot write the table: ${cause.message}`;
      throw new SluiceError('SINK_UNAVAILABLE', { message, cause, details: cause.details });
    }
  }

  async #checkSame(name: string, bytes: Uint8Array): Promise<void> {
    const stored = await this.#directory.get(name);
    if (stored !== null && Buffer.compare(stored, bytes) === 0) return;
    throw new SluiceError('REPLAY_DIFFERS', {
      message: `${this.#directory.root}/${name} exists with other rows (X4)`,
      details: { path: this.#directory.root, file: name },
    });
  }

  #ndjson(rows: readonly Row[]): Uint8Array {
    const pieces: Buffer[] = [];
    for (let i = 0; i < rows.length; i += ROWS_PER_PIECE) {
      const lines = rows.slice(i, i + ROWS_PER_PIECE).map(this.#encode);
      pieces.push(Buffer.from(`${lines.join('\n')}\n`));
    }
    return Buffer.concat(pieces);
  }
}

export interface FileSinkParts {
  readonly job: JobId;
  readonly node: SinkNode;
  readonly runtime: Pick<Runtime, 'now' | 'randomHex'>;
  readonly calls?: FileCalls;
}

/** Opens the sink of a `filesystem` table at its option `path`; OPTION_INVALID without one, or with another scheme than `file:`. */
export function openFileSink({ job, node, runtime, calls = nodeFileCalls }: FileSinkParts): FileTableSink {
  const path = node.options['path'];
  if (path === undefined) throw new SluiceError('OPTION_INVALID', { message: `table ${node.table} has no 'path'` });
  return new FileTableSink(new FileBlob(directoryPath(path), runtime, calls), job, node);
}

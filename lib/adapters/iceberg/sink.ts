/**
 * The `iceberg` connector: rows of a FIRE become one append to a table of format version 2, exactly once (protocol section 7).
 *
 * 1. Load the table and decide by its property `sluice.<job>.<uid>.committed` = `<g>:<f>`.
 * 2. Write data files and a manifest under unique names.
 * 3. One commit adds the snapshot, moves the branch and sets the property; it requires that the branch still points at the loaded snapshot.
 * 4. After a conflict, or if nobody knows what became of the commit, begin at 1; the files are kept.
 *
 * An emission that fails is repeated by the engine, and the files that it has written serve again. Rows are never applied to a table that was not
 * decided upon. Files that no snapshot lists remain after conflicts and crashes, and every append adds one manifest: table maintenance removes the
 * former (remove_orphan_files, older than 3 days) and merges the latter (rewrite_manifests).
 */
import { isError, SluiceError } from '../../core/errors.ts';
import type { Generation, JobId } from '../../core/numbers.ts';
import type { SinkNode } from '../../core/plan.ts';
import type { Emission, EmitResult, Sink, SinkPosition } from '../../ports/sink.ts';
import type { Runtime } from '../../ports/runtime.ts';
import { Append, type Attempt, type Remainder } from './append.ts';
import type { IcebergCatalog, LoadedTable, TableIdentifier } from './catalog.ts';
import { cursorOf, type SinkIdentity } from './commit.ts';
import { fenceChange } from './fence.ts';
import type { FileIO } from './file-io.ts';
import { commitChange } from './table-commit.ts';

export interface IcebergSinkParts {
  readonly job: JobId;
  readonly node: SinkNode;
  readonly id: TableIdentifier;
  readonly catalog: IcebergCatalog;
  readonly io: FileIO;
  readonly runtime: Pick<Runtime, 'now' | 'randomHex' | 'sleep'>;
}

/** Commits to one table at most, with pauses that double from the first to the longest; drawn at random, so that writers do not meet again. */
const ATTEMPTS = 12;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

export class IcebergSink implements Sink {
  readonly fences = true;
  readonly #parts: IcebergSinkParts;
  readonly #identity: SinkIdentity;
  /** Of the emission that failed last. */
  #remainder: Remainder | null = null;

  constructor(parts: IcebergSinkParts) {
    this.#parts = parts;
    this.#identity = { job: parts.job, uid: parts.node.uid };
  }

  async emit(emission: Emission): Promise<EmitResult> {
    if (emission.rows.length === 0) return { kind: 'durable' };
    const append = new Append(this.#parts, this.#identity, emission, this.#remainder);
    try {
      const result = await this.#untilDecided((table) => append.attempt(table));
      this.#remainder = null;
      return result;
    } catch (error) {
      this.#remainder = append.remainder;
      throw error;
    }
  }

  async fence(g: Generation): Promise<SinkPosition | null> {
    return this.#untilDecided(async (table) => {
      const { committed, owner } = cursorOf(table.metadata.properties, this.#identity);
      if (owner >= g) return { kind: 'decided', result: committed };
      const outcome = await commitChange(this.#parts, table, fenceChange(this.#parts.runtime, this.#identity, g));
      return outcome.kind === 'committed' ? { kind: 'decided', result: committed } : outcome;
    });
  }

  async #untilDecided<T>(attempt: (table: LoadedTable) => Promise<Attempt<T>>): Promise<T> {
    let why = '';
    for (let n = 0; n < ATTEMPTS; n++) {
      if (n > 0) await this.#pause(n);
      const outcome = await this.#orUnavailable(async () => attempt(await this.#load()));
      if (outcome.kind === 'decided') return outcome.result;
      why = outcome.why;
    }
    throw unavailable(this.#parts.node.table, `no commit in ${ATTEMPTS} attempts: ${why}`, 'It is tried again; rows are kept until then.');
  }

  async #load(): Promise<LoadedTable> {
    const { catalog, id, node } = this.#parts;
    const table = await catalog.load(id);
    if (table === null) throw unavailable(node.table, `the catalog has no table '${id.namespace}.${id.name}'`, 'It may have been dropped or renamed: create it again with the columns that the job writes.');
    return table;
  }

  async #pause(attempt: number): Promise<void> {
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
    const share = Number.parseInt(this.#parts.runtime.randomHex(2), 16) / 0xffff;
    await this.#parts.runtime.sleep(Math.ceil(longest * share));
  }

  /** A catalog that is down, a permission that is lost, metadata that is damaged: all of it may be mended while the rows wait. */
  async #orUnavailable<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      if (!isError(cause, 'STORE_FAILED', 'STORE_CORRUPT', 'OPTION_INVALID')) throw cause;
      throw unavailable(this.#parts.node.table, cause.message, cause.hint, cause);
    }
  }
}

const unavailable = (table: string, what: string, hint: string | undefined, cause?: SluiceError): SluiceError =>
  new SluiceError('SINK_UNAVAILABLE', {
    message: `cannot write the Iceberg table '${table}': ${what}`,
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause, details: cause.details }),
  });

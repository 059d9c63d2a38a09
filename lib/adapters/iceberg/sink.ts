/**
 * The `iceberg` connector: rows of a FIRE become one append to a table of format version 2, exactly once (protocol section 7).
 *
 * 1. Load the table and decide by its property `sluice.<job>.<uid>.committed` = `<g>:<f>`.
 * 2. Write data files and a manifest under unique names.
 * 3. One commit adds the snapshot, moves the branch and sets the property; it requires that the branch still points at the loaded snapshot.
 * 4. After a conflict, or if nobody knows what became of the commit, begin at 1; the files are kept.
 *
 * Rows are never applied to a table that was not decided upon. Files that no snapshot lists remain after conflicts and crashes; table maintenance
 * (remove_orphan_files, older than 3 days) removes them.
 */
import { isError, SluiceError } from '../../core/errors.ts';
import type { Generation, JobId } from '../../core/numbers.ts';
import type { SinkNode } from '../../core/plan.ts';
import type { Emission, EmitResult, Sink, SinkPosition } from '../../ports/sink.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { IcebergCatalog, LoadedTable, TableIdentifier } from './catalog.ts';
import { committedKey, cursorOf, decideCommit, fenceKey, positionText, type SinkIdentity } from './commit.ts';
import type { FileIO } from './file-io.ts';
import type { TableMetadata } from './metadata.ts';
import { rowsDigest } from './rows-digest.ts';
import { fits, newSnapshotId, stageAppend, type StagedAppend } from './staging.ts';
import { type Change, commitChange, type Outcome } from './table-commit.ts';
import { writtenTable } from './table-schema.ts';

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

/**
 * A fence is a snapshot without files, so that an older emission that has loaded the table already finds the branch moved: catalogs compare
 * the branch, not the properties.
 */
export class IcebergSink implements Sink {
  readonly fences = true;
  readonly #parts: IcebergSinkParts;
  readonly #identity: SinkIdentity;

  constructor(parts: IcebergSinkParts) {
    this.#parts = parts;
    this.#identity = { job: parts.job, uid: parts.node.uid };
  }

  async emit(emission: Emission): Promise<EmitResult> {
    if (emission.rows.length === 0) return { kind: 'durable' };
    const append = new Append(this.#parts, this.#identity, emission);
    return this.#untilDecided((table) => append.attempt(table));
  }

  async fence(g: Generation): Promise<SinkPosition | null> {
    return this.#untilDecided(async (table) => {
      const { committed, owner } = cursorOf(table.metadata.properties, this.#identity);
      if (owner >= g) return { kind: 'decided', result: committed };
      const outcome = await commitChange(this.#parts, table, this.#fenceChange(g));
      return outcome.kind === 'committed' ? { kind: 'decided', result: committed } : outcome;
    });
  }

  #fenceChange(g: Generation): Change {
    const { job, uid } = this.#identity;
    const summary = { 'sluice.job': job, 'sluice.sink': uid, 'sluice.fence': String(g) };
    return { snapshotId: newSnapshotId(this.#parts.runtime), manifest: null, summary, properties: { [fenceKey(this.#identity)]: String(g) } };
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

type Attempt<T> = { readonly kind: 'decided'; readonly result: T } | Extract<Outcome, { kind: 'again' }>;

const unavailable = (table: string, what: string, hint: string | undefined, cause?: SluiceError): SluiceError =>
  new SluiceError('SINK_UNAVAILABLE', {
    message: `cannot write the Iceberg table '${table}': ${what}`,
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause, details: cause.details }),
  });

/** Flink's write options of a table that is not the catalog's own, and the properties that they stand before. */
const WRITE_OPTIONS = {
  'write-format': 'write.format.default',
  'target-file-size-bytes': 'write.target-file-size-bytes',
  'compression-codec': 'write.parquet.compression-codec',
  'compression-level': 'write.parquet.compression-level',
} as const;

function writeOptions(options: SinkNode['options']): Record<string, string> {
  const given = Object.entries(WRITE_OPTIONS).flatMap(([option, property]): [string, string][] => {
    const value = options[option];
    return value === undefined ? [] : [[property, value]];
  });
  return Object.fromEntries(given);
}

/** One emission: what was staged and computed for it serves all attempts. */
class Append {
  readonly #parts: IcebergSinkParts;
  readonly #identity: SinkIdentity;
  readonly #emission: Emission;
  #staged: StagedAppend | null = null;
  #digest: string | null = null;

  constructor(parts: IcebergSinkParts, identity: SinkIdentity, emission: Emission) {
    this.#parts = parts;
    this.#identity = identity;
    this.#emission = emission;
  }

  async attempt(table: LoadedTable): Promise<Attempt<EmitResult>> {
    const decision = decideCommit(cursorOf(table.metadata.properties, this.#identity), this.#emission);
    switch (decision.kind) {
      case 'fenced':
        return { kind: 'decided', result: decision };
      case 'out-of-order':
        throw this.#outOfOrder(decision.at);
      case 'done':
        if (decision.isNewest) this.#checkSame(table.metadata);
        return { kind: 'decided', result: { kind: 'durable' } };
      case 'append': {
        const outcome = await commitChange(this.#parts, table, await this.#change(table.metadata));
        return outcome.kind === 'committed' ? { kind: 'decided', result: { kind: 'durable' } } : outcome;
      }
    }
  }

  async #change(metadata: TableMetadata): Promise<Change> {
    const { snapshotId, manifest } = await this.#stage(metadata);
    const position = positionText(this.#emission);
    return { snapshotId, manifest, summary: { ...this.#summary, 'sluice.rows-sha256': this.#rowsDigest }, properties: { [committedKey(this.#identity)]: position } };
  }

  async #stage(metadata: TableMetadata): Promise<StagedAppend> {
    if (this.#staged !== null && fits(this.#staged, metadata)) return this.#staged;
    const { node } = this.#parts;
    const { g, f, rows } = this.#emission;
    const { job, uid } = this.#identity;
    const properties = { ...metadata.properties, ...writeOptions(node.options) };
    const table = writtenTable(node.table, metadata, node.columns);
    this.#staged = await stageAppend(this.#parts, { ...metadata, properties }, table, rows, `${job}-${uid}-g${g}-f${f}`);
    return this.#staged;
  }

  get #summary(): Readonly<Record<string, string>> {
    const { job, uid } = this.#identity;
    return { 'sluice.job': job, 'sluice.sink': uid, 'sluice.fire': positionText(this.#emission) };
  }

  get #rowsDigest(): string {
    return (this.#digest ??= rowsDigest(this.#emission.rows));
  }

  /** X4, as long as the snapshot of the position has not expired. */
  #checkSame({ snapshots }: TableMetadata): void {
    const own = Object.entries(this.#summary);
    const snapshot = snapshots.findLast(({ summary }) => own.every(([key, value]) => summary[key] === value));
    const digest = snapshot?.summary['sluice.rows-sha256'];
    if (digest === undefined || digest === this.#rowsDigest) return;
    throw new SluiceError('REPLAY_DIFFERS', { message: `emission ${positionText(this.#emission)} is in '${this.#parts.node.table}' with other rows (X4)` });
  }

  #outOfOrder(at: SinkPosition): SluiceError {
    const { pf } = this.#emission;
    const message = `emission ${positionText(this.#emission)} follows ${pf}, but '${this.#parts.node.table}' is at ${positionText(at)} (X2)`;
    return new SluiceError('INVARIANT', { message });
  }
}


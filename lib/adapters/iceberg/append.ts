/** One emission as an append to a table, attempted until it is decided. */
import { SluiceError } from '../../core/errors.ts';
import type { SinkNode } from '../../core/plan.ts';
import type { Emission, EmitResult, SinkPosition } from '../../ports/sink.ts';
import type { LoadedTable } from './catalog.ts';
import { committedKey, cursorOf, decideCommit, positionText, type SinkIdentity } from './commit.ts';
import { fenceChange } from './fence.ts';
import type { TableMetadata } from './metadata.ts';
import { rowsDigest } from '../rows-digest.ts';
import { fits, stageAppend, type StagedAppend } from './staging.ts';
import { type Change, commitChange, type CommitParts, type Outcome } from './table-commit.ts';
import { writtenTable } from './table-schema.ts';

/** `again`: with the table as it is by then. */
export type Attempt<T> = { readonly kind: 'decided'; readonly result: T } | Extract<Outcome, { kind: 'again' }>;

export interface AppendParts extends CommitParts {
  readonly node: SinkNode;
}

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

/** What an emission that came to no end has written: repeated with the same rows, it is written no second time. */
export interface Remainder {
  readonly position: string;
  readonly digest: string;
  readonly staged: StagedAppend;
  /** Epoch ms. */
  readonly stagedAt: number;
}

/** Table maintenance removes files that no snapshot lists when they are 3 days old; until then a commit may list them. */
const REMAINDER_MS = 24 * 3_600_000;

/** What was staged and computed for an emission serves all its attempts. */
export class Append {
  readonly #parts: AppendParts;
  readonly #identity: SinkIdentity;
  readonly #emission: Emission;
  #staged: Pick<Remainder, 'staged' | 'stagedAt'> | null = null;
  #digest: string | null = null;

  /** `earlier`: of any emission. */
  constructor(parts: AppendParts, identity: SinkIdentity, emission: Emission, earlier: Remainder | null) {
    this.#parts = parts;
    this.#identity = identity;
    this.#emission = emission;
    if (earlier !== null && this.#isOwn(earlier)) this.#staged = earlier;
  }

  #isOwn({ position, digest }: Remainder): boolean {
    return position === positionText(this.#emission) && digest === this.#rowsDigest;
  }

  get remainder(): Remainder | null {
    return this.#staged && { ...this.#staged, position: positionText(this.#emission), digest: this.#rowsDigest };
  }

  async attempt(table: LoadedTable): Promise<Attempt<EmitResult>> {
    const decision = decideCommit(cursorOf(table.metadata.properties, this.#identity), this.#emission);
    switch (decision.kind) {
      case 'fenced':
        return { kind: 'decided', result: decision };
      case 'out-of-order':
        throw this.#outOfOrder(decision.at);
      case 'unfenced':
        return this.#fence(table);
      case 'done':
        if (decision.isNewest) this.#checkSame(table.metadata);
        return { kind: 'decided', result: { kind: 'durable' } };
      case 'append': {
        const outcome = await commitChange(this.#parts, table, await this.#change(table.metadata));
        return outcome.kind === 'committed' ? { kind: 'decided', result: { kind: 'durable' } } : outcome;
      }
    }
  }

  /** `again` where it is fenced, too: the rows are decided upon with the table as it is then. */
  async #fence(table: LoadedTable): Promise<Attempt<EmitResult>> {
    const outcome = await commitChange(this.#parts, table, fenceChange(this.#parts.runtime, this.#identity, this.#emission.g));
    return outcome.kind === 'committed' ? { kind: 'again', why: 'the generation was fenced just now' } : outcome;
  }

  async #change(metadata: TableMetadata): Promise<Change> {
    const { snapshotId, manifest } = await this.#stage(metadata);
    const position = positionText(this.#emission);
    return { snapshotId, manifest, summary: { ...this.#summary, 'sluice.rows-sha256': this.#rowsDigest }, properties: { [committedKey(this.#identity)]: position } };
  }

  async #stage(metadata: TableMetadata): Promise<StagedAppend> {
    const now = this.#parts.runtime.now();
    if (this.#staged !== null && now - this.#staged.stagedAt < REMAINDER_MS && fits(this.#staged.staged, metadata)) return this.#staged.staged;
    const { node } = this.#parts;
    const { g, f, rows } = this.#emission;
    const { job, uid } = this.#identity;
    const properties = { ...metadata.properties, ...writeOptions(node.options) };
    const table = writtenTable(node.table, metadata, node.columns);
    const staged = await stageAppend(this.#parts, { ...metadata, properties }, table, rows, `${job}-${uid}-g${g}-f${f}`);
    this.#staged = { staged, stagedAt: now };
    return staged;
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
    const { g, pf } = this.#emission;
    const { table } = this.#parts.node;
    const before = pf === null ? 'nothing' : `${g}:${pf}`;
    return new SluiceError('SINK_UNAVAILABLE', {
      message: `cannot write the Iceberg table '${table}': emission ${positionText(this.#emission)} follows ${before}, but the table is at ${positionText(at)} (X2)`,
      hint: `Its property '${committedKey(this.#identity)}' was changed by somebody else, as by registering the table again from older metadata: register the newest metadata file, or stop the job and resume it from a savepoint.`,
      details: { table },
    });
  }
}

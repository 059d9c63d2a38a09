/** The `dynamodb` connector: a table that is upserted by its PRIMARY KEY (protocol section 7, "DynamoDB upsert"). */
import { isError, SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import type { SinkNode } from '../../core/plan.ts';
import type { Row } from '../../core/types.ts';
import type { Emission, EmitResult, Sink, SinkPosition } from '../../ports/sink.ts';
import type { Attributes } from './attributes.ts';
import { BATCH_MAX, inFlightOf, isOwn, itemOf, JOB, keyId, type RowLayout, type Stamp, type VersionedItems } from './sink-item.ts';

/** Lookups under way at once; each is of `BATCH_MAX` items. */
const LOOKUPS = 8;

/** Of a key, in messages. */
const KEY_TEXT = 200;

/** (g, f) as one number: 2^40 FIREs in a generation, 8192 generations. */
const versionOf = ({ g, f }: SinkPosition): number => g * 2 ** 40 + f;

/**
 * One conditional put per row, many at a time. An item says which job wrote it, and in which FIRE: an older FIRE never replaces a newer one,
 * whenever it lands, and repeating a FIRE changes nothing. There is no fence: what an older generation still writes is replaced by what the
 * new one writes under the same key. Batch writes have no conditions, so there are none.
 *
 * Two running jobs must not share rows: an item of another job is left alone, and SINK_UNAVAILABLE says so, unless this job was forked from
 * that one, or `sluice.take-over-from` names it.
 */
export class DynamoSink implements Sink {
  readonly fences = false;
  readonly upserts = true;
  readonly #table: VersionedItems;
  readonly #job: JobId;
  readonly #layout: RowLayout;
  readonly #inFlight: number;
  #checked: Promise<void> | null = null;

  constructor(table: VersionedItems, job: JobId, { columns, options, primaryKey = [] }: SinkNode) {
    this.#table = table;
    this.#job = job;
    this.#layout = { columns, key: primaryKey, ignoresNulls: options['sink.ignore-nulls']?.toLowerCase() === 'true' };
    this.#inFlight = inFlightOf(options);
  }

  async emit(emission: Emission): Promise<EmitResult> {
    try {
      if (emission.rows.length > 0) await this.#write(emission);
    } catch (error) {
      this.#checked = null; // somebody may have changed the table
      throw isError(error, 'STORE_FAILED') ? unavailable(error) : error;
    }
    return { kind: 'durable' };
  }

  async fence(): Promise<SinkPosition | null> {
    return null;
  }

  /** The table is looked at once, so that the first row finds one that fits; and every row, so that none is paid for where another cannot be stored. */
  async #write(emission: Emission): Promise<void> {
    this.#checked ??= this.#table.check();
    await this.#checked;
    const stamp = { job: this.#job, version: versionOf(emission) };
    const rows = lastPerKey(this.#layout, emission.rows);
    for (const row of rows) this.#itemOf(row);
    await inParallel(await this.#missing(rows, stamp), this.#inFlight, (row) => this.#put(row, stamp));
  }

  /**
   * Rows without those that an earlier attempt has written: a FIRE may have more than fit into the time of one. They are written in order, so that the first
   * ones tell whether there was one.
   */
  async #missing(rows: readonly KeyedRow[], stamp: Stamp): Promise<readonly KeyedRow[]> {
    if (rows.length <= BATCH_MAX) return rows;
    const missing: KeyedRow[] = [];
    for (let start = 0, wave = BATCH_MAX; start < rows.length; start += wave, wave = LOOKUPS * BATCH_MAX) {
      const asked = rows.slice(start, start + wave);
      const left = await this.#unknown(asked, stamp);
      missing.push(...left);
      if (left.length === asked.length) return missing.concat(rows.slice(start + wave));
    }
    return missing;
  }

  async #unknown(rows: readonly KeyedRow[], stamp: Stamp): Promise<readonly KeyedRow[]> {
    const batches = Array.from({ length: Math.ceil(rows.length / BATCH_MAX) }, (_, i) => rows.slice(i * BATCH_MAX, (i + 1) * BATCH_MAX));
    const known = await Promise.all(batches.map((batch) => this.#table.known(batch.map((row) => this.#itemOf(row)), stamp)));
    return batches.flatMap((batch, b) => batch.filter((_, i) => known[b]?.[i] !== true));
  }

  #itemOf({ row, id }: KeyedRow): Attributes {
    return itemOf(this.#layout, row, id);
  }

  async #put(keyed: KeyedRow, stamp: Stamp): Promise<void> {
    const id = keyed.id.slice(0, KEY_TEXT);
    const met = await this.#table.put(`put item ${id}`, this.#itemOf(keyed), stamp);
    if (met !== 'written') checkSuperseded(met, stamp, `item ${id} of DynamoDB table '${this.#table.name}'`);
  }
}

interface KeyedRow {
  readonly id: string;
  readonly row: Row;
}

/** A newer version of our own is what a late repetition meets; anything else must not be lost in silence. */
function checkSuperseded(met: Attributes | null, stamp: Stamp, place: string): void {
  if (isOwn(met, stamp)) return;
  const owner = met?.[JOB]?.S;
  if (met === null) throw new SluiceError('SINK_UNAVAILABLE', { message: `the ${place} vanished during the put`, hint: 'look for who removes it' });
  throw new SluiceError('SINK_UNAVAILABLE', {
    message: owner === undefined ? `the ${place} was written by somebody else` : `the ${place} belongs to job ${owner}`,
    hint:
      owner === undefined
        ? 'remove the items that Sluice has not written, or write into a table of its own'
        : `write into a table of its own, remove the items of that job or, if it has ended for good, set 'sluice.take-over-from' = '${owner}'`,
    details: { owner: owner ?? null },
  });
}

/** Rows of one FIRE under the same key: the last one counts, as in any upsert. */
function lastPerKey(layout: RowLayout, rows: readonly Row[]): readonly KeyedRow[] {
  const last = new Map<string, KeyedRow>();
  for (const row of rows) {
    const id = keyId(layout, row);
    last.set(id, { id, row });
  }
  return [...last.values()];
}

/** Runs `action` on every item, `parallel` at a time. After a failure none is begun any more, and all that were are awaited. */
async function inParallel<T>(items: readonly T[], parallel: number, action: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) {
      try {
        await action(item);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(parallel, items.length) }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

const unavailable = (cause: SluiceError): SluiceError =>
  new SluiceError('SINK_UNAVAILABLE', { message: `cannot write the table: ${cause.message}`, cause, ...(cause.hint === undefined ? {} : { hint: cause.hint }) });

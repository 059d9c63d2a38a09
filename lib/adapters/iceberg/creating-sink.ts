/** A sink that makes its table, where the SQL of a job is all that anybody has said about it. */
import { SluiceError, StoreError } from '../../core/errors.ts';
import type { Generation } from '../../core/numbers.ts';
import type { SinkNode } from '../../core/plan.ts';
import type { Emission, EmitResult, Sink, SinkPosition } from '../../ports/sink.ts';
import type { IcebergCatalog, NewTable, TableIdentifier } from './catalog.ts';
import { newTable } from './sql-schema.ts';

export interface CreatingParts {
  readonly catalog: IcebergCatalog;
  readonly id: TableIdentifier;
  readonly node: SinkNode;
}

/**
 * Creates a missing table as long as the state of the job knows of no rows in it: when a generation begins, and with the first rows of its lineage.
 * Later a table that is missing has been dropped, with rows in it, and is not made anew behind anybody's back.
 */
export class CreatingSink implements Sink {
  readonly #sink: Sink;
  readonly #parts: CreatingParts;

  constructor(sink: Sink, parts: CreatingParts) {
    this.#sink = sink;
    this.#parts = parts;
  }

  get fences(): boolean {
    return this.#sink.fences;
  }

  async emit(emission: Emission): Promise<EmitResult> {
    if (emission.pf === null && emission.rows.length > 0) await this.#create();
    return this.#sink.emit(emission);
  }

  async fence(g: Generation, begun?: SinkPosition | null): Promise<SinkPosition | null> {
    if (begun === null) await this.#create();
    return this.#sink.fence(g, begun);
  }

  /** Of several that create it, one does. */
  async #create(): Promise<void> {
    const { catalog, id, node } = this.#parts;
    try {
      if ((await catalog.load(id)) !== null) return;
      await createWithNamespace(catalog, id, tableOf(node));
    } catch (cause) {
      if (!(cause instanceof SluiceError) || cause.kind === 'bug') throw cause;
      const { hint } = cause;
      throw new SluiceError('SINK_UNAVAILABLE', { message: `cannot create the Iceberg table '${node.table}': ${cause.message}`, cause, details: cause.details, ...(hint === undefined ? {} : { hint }) });
    }
  }
}

/** Who may create tables need not be one who may create namespaces: that is only tried where there is none. */
async function createWithNamespace(catalog: IcebergCatalog, id: TableIdentifier, table: NewTable): Promise<void> {
  try {
    await catalog.create(id, table);
  } catch (error) {
    if (!(error instanceof StoreError) || error.details['status'] !== 404) throw error;
    await catalog.createNamespace(id.namespace, {});
    await catalog.create(id, table);
  }
}

const tableOf = ({ columns, primaryKey = [], partitionedBy = [], options }: SinkNode) =>
  newTable({
    columns: columns.map((column) => ({ ...column, comment: null })),
    primaryKey,
    partitionedBy,
    options: Object.fromEntries(Object.entries(options).filter(([key]) => key.startsWith('write.'))),
    comment: null,
  });

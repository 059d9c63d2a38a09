/** Iceberg catalogs and the files of their tables, by the options that tables are planned with. */
import type { IcebergCatalog } from '../adapters/iceberg/catalog.ts';
import type { WarehouseIO } from '../adapters/iceberg/file-io.ts';
import { CreatingSink } from '../adapters/iceberg/creating-sink.ts';
import { openCatalog } from '../adapters/iceberg/open.ts';
import { IcebergSink } from '../adapters/iceberg/sink.ts';
import { IcebergTables } from '../adapters/iceberg/table-catalog.ts';
import type { JobId } from '../core/numbers.ts';
import type { SinkNode } from '../core/plan.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { Sink } from '../ports/sink.ts';
import type { TableCatalog } from '../ports/table-catalog.ts';
import { openWarehouse, warehouseOf } from './warehouse.ts';

type Options = Readonly<Record<string, string>>;

/** Asks nobody yet. Throws OPTION_INVALID. */
export function openIceberg(options: Options, runtime: Runtime): { readonly catalog: IcebergCatalog; readonly io: WarehouseIO } {
  const isRest = options['catalog-type'] === 'rest';
  const warehouse = isRest ? { location: '', options: {} } : warehouseOf(options['warehouse'] ?? '');
  const io = openWarehouse({ ...warehouse.options, ...options }, runtime);
  const credentials = async () => (await import('../adapters/s3/credentials.ts')).awsCredentials();
  return { catalog: openCatalog({ options, warehouse: warehouse.location, io, runtime, fetch, credentials, configure: io.configure }), io };
}

export function openTables(options: Options, runtime: Runtime): TableCatalog {
  const { catalog, io } = openIceberg(options, runtime);
  return new IcebergTables(catalog, io);
}

export function openIcebergSink(job: JobId, node: SinkNode, runtime: Runtime): Sink {
  const { options } = node;
  const id = { namespace: options['catalog-database'] ?? '', name: options['catalog-table'] ?? '' };
  const { catalog, io } = openIceberg(options, runtime);
  const sink = new IcebergSink({ job, node, id, catalog, io, runtime });
  return options['sluice.create-table'] === 'false' ? sink : new CreatingSink(sink, { catalog, id, node });
}

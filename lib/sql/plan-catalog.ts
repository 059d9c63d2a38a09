/** Tables of the catalogs as the planner needs them. */
import type { QualifiedName } from './ast.ts';
import { tableDefinition } from './catalog-table.ts';
import { named, pathText, resolveTable, type Catalogs, type TablePath } from './catalog.ts';
import type { PlanContext, Table } from './plan-context.ts';

export interface Session {
  readonly catalogs: Catalogs;
  /** Options that SET has put in force. */
  readonly options: Readonly<Record<string, string>>;
  /** The directory of filesystem catalogs that name no `warehouse`, without a slash at the end; a directory per catalog. */
  readonly warehouses: string;
}

/** What a statement of this source is planned in. */
export function planContext(session: Session, source: string): PlanContext {
  return { options: session.options, table: (name) => findTable(session, name, source) };
}

function findTable(session: Session, name: QualifiedName, source: string): Table {
  const { path, table } = resolveTable(session.catalogs, name, source);
  const definition = tableDefinition([path.catalog, path.database, path.table], table);
  const options = table.options['connector'] === undefined ? managedOptions(session, path, table.options) : table.options;
  const { columns, watermark } = definition;
  const connector = options['connector'] ?? '';
  return { path: pathText(path), name: path.table, connector, columns, watermark, options, source: definition.source };
}

type Options = Readonly<Record<string, string>>;

/** A table without a connector is kept as files by its filesystem catalog; elsewhere it has none. */
function managedOptions({ catalogs, warehouses }: Session, { catalog, database, table }: TablePath, options: Options): Options {
  const owner = named(catalogs.catalogs, catalog);
  if (owner?.type !== 'filesystem') return options;
  const warehouse = owner.options['warehouse'] ?? `${warehouses}/${encodeURIComponent(catalog)}`;
  const directory = [database, table].map(encodeURIComponent).join('/');
  return { connector: 'filesystem', path: `${warehouse}/${directory}`, format: 'json', ...options };
}

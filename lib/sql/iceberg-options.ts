/** Options of Iceberg catalogs, with the names of Iceberg and of its Flink connector, and what tables of such a catalog are planned with. */
import { OptionReader } from './option-reader.ts';

type Options = Readonly<Record<string, string>>;

/** `false`: the table was there when the job was planned. Otherwise the first FIRE creates a table that is missing, as Flink does for tables of this connector. */
export const CREATE_TABLE = 'sluice.create-table';

/** What a catalog is reached with; stands in the plan of every job that writes to it. */
const REACHED_WITH = ['catalog-type', 'warehouse', 'uri', 'prefix', 'token', 'credential', 'scope', 'oauth2-server-uri', 'audience', 'resource', 'rest.auth.type', 'rest.sigv4-enabled', 'rest.signing-name', 'rest.signing-region', 's3.endpoint', 's3.region', 'client.region', 's3.path-style-access'] as const;

/** They change nothing here: there is one file I/O, and nothing is cached between statements. */
const WITHOUT_MEANING = ['property-version', 'io-impl', 'cache-enabled', 'cache.expiration-interval-ms', 'clients', 'default-database'];

const CREDENTIALS = ['s3.access-key-id', 's3.secret-access-key', 's3.session-token', 'rest.access-key-id', 'rest.secret-access-key', 'rest.session-token'];

const CATALOG_TYPES = ['hadoop', 'rest'] as const;
export type IcebergCatalogType = (typeof CATALOG_TYPES)[number];

/** Checks the WITH clause of `CREATE CATALOG … ('type' = 'iceberg')`. Throws OPTION_INVALID. */
export function checkIcebergCatalog(options: Options, name: string): void {
  const reader = new OptionReader(options, `catalog '${name}'`);
  reader.text('type');
  readCatalog(reader);
  reader.finish();
}

/** Options of a table with `'connector' = 'iceberg'`, whoever made them. Throws OPTION_INVALID. */
export function readIcebergTable(reader: OptionReader): void {
  reader.required('catalog-name');
  if (readCatalog(reader) === 'hadoop') reader.required('warehouse');
  reader.required('catalog-database');
  reader.required('catalog-table');
  for (const key of ['upsert-enabled', 'write.upsert.enabled']) {
    if (reader.boolean(key, false)) reader.fail(`is an upsert table ('${key}' is true), which Sluice cannot write yet`, "Rows are only appended; leave the option out, or SET it to 'false' by ALTER TABLE.");
  }
  if (reader.boolean('overwrite-enabled', false)) reader.fail('is to be overwritten, which a stream cannot do', "Leave 'overwrite-enabled' out.");
  reader.prefixed('write.');
  reader.boolean(CREATE_TABLE, true);
  reader.oneOf('write-format', ['parquet'], 'parquet');
  reader.integer('target-file-size-bytes');
  for (const key of ['compression-codec', 'compression-level', 'compression-strategy', 'distribution-mode', 'write-parallelism', 'uid-suffix']) reader.text(key);
  reader.oneOf('branch', ['main'], 'main');
}

function readCatalog(reader: OptionReader): IcebergCatalogType {
  const type = reader.required('catalog-type');
  const known = CATALOG_TYPES.find((each) => each === type) ?? refuseType(reader, type);
  for (const key of [...REACHED_WITH, ...WITHOUT_MEANING]) reader.text(key);
  const secret = CREDENTIALS.find((key) => reader.text(key) !== undefined);
  if (secret !== undefined) reader.fail(`holds the secret '${secret}'`, 'Leave it out: credentials of AWS come from the environment, or from the role of the functions.');
  reader.prefixed('header.');
  if (known === 'rest') readRest(reader);
  else if (reader.text('uri') !== undefined) reader.fail("has a 'uri', which a hadoop catalog does not use", "Name its directory with 'warehouse', or write 'catalog-type' = 'rest'.");
  for (const key of ['s3.path-style-access', 'rest.sigv4-enabled']) reader.boolean(key, false);
  return known;
}

function readRest(reader: OptionReader): void {
  const uri = reader.required('uri');
  if (!/^https?:\/\/./.test(uri) || !URL.canParse(uri)) reader.wrong('uri', 'an http(s) URL', uri);
  const auth = reader.oneOf('rest.auth.type', ['none', 'oauth2', 'sigv4'], 'none');
  const has = (key: string): boolean => reader.text(key) !== undefined;
  if (auth === 'oauth2' && !has('token') && !has('credential')) reader.fail("has 'rest.auth.type' = 'oauth2' and neither 'token' nor 'credential'");
}

function refuseType(reader: OptionReader, type: string): never {
  const glue = "AWS Glue speaks Iceberg REST: 'catalog-type' = 'rest', 'uri' = 'https://glue.REGION.amazonaws.com/iceberg', 'rest.auth.type' = 'sigv4'.";
  return reader.fail(`needs one of ${CATALOG_TYPES.map((each) => `'${each}'`).join(', ')} for 'catalog-type', not '${type}'`, type === 'glue' ? glue : undefined);
}

/** The options of a table of an Iceberg catalog, as one with `'connector' = 'iceberg'` in a catalog of another type has them. */
export function icebergTableOptions(catalog: { readonly name: string; readonly options: Options }, place: { readonly database: string; readonly table: string; readonly warehouse: string }, table: Options): Options {
  return {
    connector: 'iceberg',
    'catalog-name': catalog.name,
    ...icebergCatalogOptions(catalog, place.warehouse),
    'catalog-database': place.database,
    'catalog-table': place.table,
    ...Object.fromEntries(Object.entries(table).filter(([key]) => key.startsWith('write.'))),
  };
}

/** What the catalog is reached with; a hadoop catalog that names no warehouse has one in that of the place. */
export function icebergCatalogOptions({ name, options }: { readonly name: string; readonly options: Options }, warehouse: string): Options {
  const own = Object.entries(options).filter(([key]) => REACHED_WITH.some((known) => known === key) || key.startsWith('header.'));
  const isHadoop = options['catalog-type'] === 'hadoop';
  return { ...(isHadoop ? { warehouse: `${warehouse}/${encodeURIComponent(name)}` } : {}), ...Object.fromEntries(own) };
}

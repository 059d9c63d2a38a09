/** Catalogs by the options of tables that are planned in them. */
import { SluiceError } from '../../core/errors.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { IcebergCatalog } from './catalog.ts';
import type { WarehouseIO } from './file-io.ts';
import { HadoopCatalog } from './hadoop-catalog.ts';
import type { Fetch } from './rest-client.ts';
import { openRestCatalog } from './rest-open.ts';
import type { CredentialProvider } from './sigv4.ts';

export interface CatalogParts {
  readonly options: Readonly<Record<string, string>>;
  /** Where a hadoop catalog lies; without a slash at the end. */
  readonly warehouse: string;
  readonly io: WarehouseIO;
  readonly runtime: Runtime;
  readonly fetch: Fetch;
  /** Of AWS; asked only where requests are signed. */
  readonly credentials: CredentialProvider;
  /** Is told what a REST catalog says of access to files, before anybody opens one; absent: nobody wants to know. */
  readonly configure?: Configure;
}

/** Options by Iceberg's names: of all files, or of those of the table at `location`, which count more there. */
export type Configure = (options: Readonly<Record<string, string>>, location?: string) => void;

/** Asks nobody yet. Throws OPTION_INVALID. */
export function openCatalog(parts: CatalogParts): IcebergCatalog {
  const type = parts.options['catalog-type'];
  if (type === 'hadoop') return new HadoopCatalog(parts);
  if (type === 'rest') return openRestCatalog(parts);
  throw new SluiceError('OPTION_INVALID', { message: `no Iceberg catalog of the type '${type}'`, hint: "The types are 'hadoop' and 'rest'." });
}

/** Where catalogs live: `filesystem` ones in the store, one item each, changed by condition, as are the definitions of external ones; the others in the session, as in Flink. */
import { SluiceError } from '../core/errors.ts';
import type { ControlItem } from '../ports/control.ts';
import type { Ports } from '../ports/ports.ts';
import { isExternal } from './external-catalogs.ts';
import { newCatalogs, type Catalog, type Catalogs } from '../sql/catalog.ts';

const PK = 'CATALOGS';
const FORMAT = 1;
const CATALOGS_MAX = 1000;
const ATTEMPTS_MAX = 32;

/** What a stored item says; `version` is that of the item when it was read. */
interface Kept {
  readonly catalog: Catalog;
  readonly version: number;
}

export class CatalogStore {
  readonly #ports: Pick<Ports, 'control'>;
  #session: Catalogs = newCatalogs();

  constructor(ports: Pick<Ports, 'control'>) {
    this.#ports = ports;
  }

  /** All catalogs as they are now, and the names that are current in this session. */
  async read(): Promise<Catalogs> {
    return this.#with(await this.#kept());
  }

  /** Applies a change to what is there at that moment; it is called again if another process was faster. */
  async change(change: (catalogs: Catalogs) => Catalogs): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const kept = await this.#kept();
      const next = withKeptDefinitions(change(this.#with(kept)), kept);
      if (!(await this.#keep(kept, next.catalogs.filter(isKept)))) continue;
      this.#session = next;
      return;
    }
    throw new SluiceError('CONTENTION', { message: 'other processes keep changing the catalogs' });
  }

  async #kept(): Promise<Kept[]> {
    const items = await this.#ports.control.list(PK, '', { after: '', limit: CATALOGS_MAX });
    return items.map((item) => ({ catalog: catalogOf(item), version: item.version }));
  }

  #with(kept: readonly Kept[]): Catalogs {
    const own = this.#session.catalogs.filter((catalog) => !isKept(catalog));
    return { ...this.#session, catalogs: [...own, ...kept.map((k) => k.catalog)] };
  }

  /** A statement changes one catalog at most, so that there is nothing to undo; false if another process has changed it. */
  async #keep(before: readonly Kept[], after: readonly Catalog[]): Promise<boolean> {
    for (const catalog of after) {
      const old = before.find((kept) => kept.catalog.name === catalog.name);
      if (old?.catalog !== catalog && !(await this.#put(catalog, old?.version ?? 'absent'))) return false;
    }
    const dropped = before.filter(({ catalog }) => !after.some(({ name }) => name === catalog.name));
    for (const { catalog } of dropped) await this.#ports.control.remove({ pk: PK, sk: catalog.name });
    return true;
  }

  async #put(catalog: Catalog, expected: number | 'absent'): Promise<boolean> {
    const body = JSON.stringify({ formatVersion: FORMAT, ...catalog });
    return (await this.#ports.control.put({ pk: PK, sk: catalog.name }, body, expected)).kind === 'stored';
  }
}

const isKept = ({ type }: Catalog): boolean => type === 'filesystem' || isExternal({ type });

/** What is in an external catalog is not kept here. */
function withKeptDefinitions(catalogs: Catalogs, kept: readonly Kept[]): Catalogs {
  const definition = (catalog: Catalog): Catalog => {
    if (!isExternal(catalog)) return catalog;
    return kept.find((each) => each.catalog.name === catalog.name)?.catalog ?? { ...catalog, databases: [] };
  };
  return { ...catalogs, catalogs: catalogs.catalogs.map(definition) };
}

function catalogOf({ sk, body }: ControlItem): Catalog {
  const { formatVersion, ...catalog }: Catalog & { formatVersion: number } = JSON.parse(body);
  if (formatVersion === FORMAT) return catalog;
  throw new SluiceError('FORMAT_VERSION', { message: `catalog '${sk}' was written by a newer Sluice`, hint: 'use the newer Sluice that wrote it' });
}

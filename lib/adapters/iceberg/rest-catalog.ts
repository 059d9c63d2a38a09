/** A catalog behind Iceberg's REST API. The commit point is the server's: one request, on the condition of its requirements. */
import type { CommitResult, IcebergCatalog, LoadedTable, NewTable, TableIdentifier } from './catalog.ts';
import { tableText } from './catalog.ts';
import { parseJson } from './json.ts';
import type { Configure } from './open.ts';
import { tableMetadata, type TableRequirement, type TableUpdate } from './metadata.ts';
import { errorOf, type Answer, type RestClient } from './rest-client.ts';
import { SluiceError, StoreError } from '../../core/errors.ts';

export interface RestCatalogParts {
  readonly client: RestClient;
  /** `URI/v1/PREFIX`, without a slash at the end; asked for with the first request. */
  readonly base: () => Promise<string>;
  readonly configure: Configure;
}

const PAGE = '1000';
const PAGES_MAX = 1000;
const NOT_EMPTY = 'NamespaceNotEmptyException';

export class RestCatalog implements IcebergCatalog {
  readonly #client: RestClient;
  readonly #base: () => Promise<string>;
  readonly #configure: Configure;

  constructor({ client, base, configure }: RestCatalogParts) {
    this.#client = client;
    this.#base = base;
    this.#configure = configure;
  }

  async namespaces(): Promise<readonly string[]> {
    const pages = await this.#pages<{ namespaces?: string[][] }>(`${await this.#base()}/namespaces`);
    return pages.flatMap(({ namespaces = [] }) => namespaces.flatMap((levels) => (levels.length === 1 ? levels : []))).toSorted();
  }

  async createNamespace(namespace: string, properties: Readonly<Record<string, string>>): Promise<'created' | 'exists'> {
    const url = `${await this.#base()}/namespaces`;
    const { status } = await this.#client.write('POST', url, { namespace: [namespace], properties }, [200, 409]);
    return status === 409 ? 'exists' : 'created';
  }

  /** Servers before 1.8 answer 400 where a namespace is not empty. */
  async dropNamespace(namespace: string): Promise<'dropped' | 'absent' | 'not-empty'> {
    const answer = await this.#client.write('DELETE', await this.#namespaceAt(namespace), null, [200, 204, 400, 404, 409]);
    if (answer.status === 404) return 'absent';
    if (answer.status === 409 || errorOf(answer).type === NOT_EMPTY) return 'not-empty';
    if (answer.status < 300) return 'dropped';
    throw new SluiceError('OPTION_INVALID', { message: `the Iceberg catalog does not drop '${namespace}': ${errorOf(answer).message}` });
  }

  async tables(namespace: string): Promise<readonly string[]> {
    const pages = await this.#pages<{ identifiers?: { name: string }[] }>(`${await this.#namespaceAt(namespace)}/tables`);
    return pages.flatMap(({ identifiers = [] }) => identifiers.map(({ name }) => name)).toSorted();
  }

  async load(id: TableIdentifier): Promise<LoadedTable | null> {
    const answer = await this.#client.read(await this.#tableAt(id), [200, 404]);
    return answer.status === 404 ? null : loadedTable(answer, id, this.#configure);
  }

  async create(id: TableIdentifier, { schema, spec, properties }: NewTable): Promise<{ readonly kind: 'created'; readonly table: LoadedTable } | { readonly kind: 'exists' }> {
    const url = `${await this.#namespaceAt(id.namespace)}/tables`;
    const body = { name: id.name, schema, 'partition-spec': spec, properties: { ...properties, 'format-version': '2' }, 'stage-create': false };
    const answer = await this.#client.write('POST', url, body, [200, 409]);
    return answer.status === 409 ? { kind: 'exists' } : { kind: 'created', table: loadedTable(answer, id, this.#configure) };
  }

  /**
   * The requirements are what the server compares; `base` stands in them. A table that is gone is a conflict: loading it again shows it. So is a
   * sequence number that another branch has taken meanwhile, which no requirement asks about.
   */
  async commit(id: TableIdentifier, _base: LoadedTable, requirements: readonly TableRequirement[], updates: readonly TableUpdate[]): Promise<CommitResult> {
    const body = { identifier: { namespace: [id.namespace], name: id.name }, requirements, updates };
    try {
      const answer = await this.#client.write('POST', await this.#tableAt(id), body, [200, 404, 409]);
      return answer.status === 200 ? { kind: 'committed', table: loadedTable(answer, id) } : { kind: 'conflict' };
    } catch (error) {
      if (isSequenceTaken(error)) return { kind: 'conflict' };
      throw error;
    }
  }

  /** With its files, as Flink drops tables. */
  async drop(id: TableIdentifier): Promise<void> {
    await this.#client.write('DELETE', `${await this.#tableAt(id)}?purgeRequested=true`, null, [200, 202, 204, 404]);
  }

  /** All pages of a listing; none where what is listed does not exist. */
  async #pages<Page extends object>(url: string): Promise<Page[]> {
    const pages: Page[] = [];
    let token = '';
    for (let count = 0; count < PAGES_MAX; count++) {
      const answer = await this.#client.read(`${url}?${new URLSearchParams({ pageSize: PAGE, pageToken: token })}`, [200, 404]);
      if (answer.status === 404) return pages;
      const page = parseJson<Page & { 'next-page-token'?: string | null }>(answer.text, `the answer of ${url}`);
      pages.push(page);
      token = page['next-page-token'] ?? '';
      if (token === '') return pages;
    }
    throw new SluiceError('STORE_FAILED', { message: `${url} lists more than ${PAGES_MAX} pages` });
  }

  async #namespaceAt(namespace: string): Promise<string> {
    return `${await this.#base()}/namespaces/${encodeURIComponent(namespace)}`;
  }

  async #tableAt({ namespace, name }: TableIdentifier): Promise<string> {
    return `${await this.#namespaceAt(namespace)}/tables/${encodeURIComponent(name)}`;
  }
}

/** How Iceberg's own servers say it: 400 ValidationException 'Cannot add snapshot with sequence number 2 older than last sequence number 2'. */
const isSequenceTaken = (error: unknown): boolean =>
  error instanceof StoreError && error.details['status'] === 400 && error.message.includes('older than last sequence number');

interface TableAnswer {
  readonly metadata?: Parameters<typeof tableMetadata>[0];
  readonly 'metadata-location'?: string | null;
  /** Both are about access to the files of the table. */
  readonly config?: Readonly<Record<string, string>> | null;
  readonly 'storage-credentials'?: readonly { readonly config: Readonly<Record<string, string>> }[] | null;
}

function loadedTable({ text }: Answer, id: TableIdentifier, configure: Configure = () => {}): LoadedTable {
  const where = `the table '${tableText(id)}' of the catalog`;
  const { metadata: written, 'metadata-location': location, config, 'storage-credentials': vended } = parseJson<TableAnswer>(text, where);
  const metadata = tableMetadata(written ?? {}, where);
  const access = [config ?? {}, ...(vended ?? []).map((each) => each.config)];
  configure(Object.fromEntries(access.flatMap((options) => Object.entries(options))), metadata.location);
  return { location: location ?? '', metadata };
}

/** An Iceberg REST catalog in this process, over memory; it keeps what it was asked, and answers otherwise where a test says so. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { applyUpdates, meets } from '../../lib/adapters/iceberg/apply-updates.ts';
import type { LoadedTable, NewTable } from '../../lib/adapters/iceberg/catalog.ts';
import { jsonText, parseJson } from '../../lib/adapters/iceberg/json.ts';
import type { TableRequirement, TableUpdate } from '../../lib/adapters/iceberg/metadata.ts';
import { newMetadata, uuidOf } from '../../lib/adapters/iceberg/new-metadata.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Said {
  readonly status: number;
  readonly body?: unknown;
}

/** Instead of what the catalog would answer: before it does anything, or after it has done everything. */
export interface Interference {
  readonly when: 'before' | 'after';
  /** null: the connection is cut. */
  readonly say: (asked: Asked) => Said | null | undefined;
}

const error = (code: number, type: string, message = type): Said => ({ status: code, body: { error: { message, type, code } } });

export class RestServer {
  readonly asked: Asked[] = [];
  readonly namespaces = new Map<string, Map<string, LoadedTable>>();
  config: unknown = { defaults: {}, overrides: { prefix: 'main' } };
  /** What the answers say of access to the files of a table. */
  tableAccess: Readonly<Record<string, unknown>> = { config: {} };
  /** Where tables are made. */
  warehouse = 'file:///w';
  pageSize = 1000;
  interference: Interference | null = null;
  uri = '';
  #versions = 0;

  answer(asked: Asked): Said {
    const [, , ...path] = asked.path.split('/');
    if (path[0] === 'config') return { status: 200, body: this.config };
    if (path[0] === 'oauth') return { status: 200, body: { access_token: `token-${this.#versions++}`, token_type: 'bearer', expires_in: 3600 } };
    if (path[0] !== 'main' || path[1] !== 'namespaces') return error(404, 'NoSuchEndpointException');
    const [namespace, kind, table] = path.slice(2).map(decodeURIComponent);
    if (namespace === undefined) return asked.method === 'POST' ? this.#createNamespace(asked) : this.#listed(asked, 'namespaces', [...this.namespaces.keys()].map((name) => [name]));
    const tables = this.namespaces.get(namespace);
    if (tables === undefined) return error(404, kind === undefined ? 'NoSuchNamespaceException' : 'NoSuchTableException');
    if (kind === undefined) return this.#dropNamespace(namespace, tables);
    if (table === undefined) return asked.method === 'POST' ? this.#create(asked, namespace, tables) : this.#listed(asked, 'identifiers', [...tables.keys()].map((name) => ({ namespace: [namespace], name })));
    return this.#table(asked, tables, table);
  }

  #listed(asked: Asked, key: string, items: readonly unknown[]): Said {
    const from = Number(asked.query.get('pageToken') ?? '0');
    const to = from + this.pageSize;
    return { status: 200, body: { [key]: items.slice(from, to), 'next-page-token': to < items.length ? String(to) : null } };
  }

  #createNamespace({ body }: Asked): Said {
    const { namespace } = parseJson<{ namespace: string[] }>(body, 'body');
    const name = namespace[0] ?? '';
    if (this.namespaces.has(name)) return error(409, 'AlreadyExistsException');
    this.namespaces.set(name, new Map());
    return { status: 200, body: { namespace, properties: {} } };
  }

  #dropNamespace(namespace: string, tables: ReadonlyMap<string, unknown>): Said {
    if (tables.size > 0) return error(409, 'NamespaceNotEmptyException');
    this.namespaces.delete(namespace);
    return { status: 204 };
  }

  #create({ body }: Asked, namespace: string, tables: Map<string, LoadedTable>): Said {
    const { name, schema, 'partition-spec': spec, properties } = parseJson<NewTable & { name: string; 'partition-spec': NewTable['spec'] }>(body, 'body');
    if (tables.has(name)) return error(409, 'AlreadyExistsException');
    const { 'format-version': _, ...kept } = properties;
    const metadata = newMetadata({ schema, spec, properties: kept, uuid: uuidOf(nodeRuntime.randomHex(16)), location: `${this.warehouse}/${namespace}/${name}`, now: nodeRuntime.now() });
    return this.#stored(tables, name, metadata);
  }

  #table({ method, body }: Asked, tables: Map<string, LoadedTable>, name: string): Said {
    const table = tables.get(name);
    if (table === undefined) return error(404, 'NoSuchTableException');
    if (method === 'DELETE') {
      tables.delete(name);
      return { status: 204 };
    }
    if (method === 'GET') return { status: 200, body: this.#wire(table) };
    const { requirements, updates } = parseJson<{ requirements: TableRequirement[]; updates: TableUpdate[] }>(body, 'body');
    if (!meets(table.metadata, requirements)) return error(409, 'CommitFailedException');
    const last = table.metadata['last-sequence-number'];
    for (const update of updates) {
      if (update.action !== 'add-snapshot' || update.snapshot['sequence-number'] > last) continue;
      return error(400, 'ValidationException', `Cannot add snapshot with sequence number ${update.snapshot['sequence-number']} older than last sequence number ${last}`);
    }
    return this.#stored(tables, name, applyUpdates(table, updates, nodeRuntime.now()));
  }

  #stored(tables: Map<string, LoadedTable>, name: string, metadata: LoadedTable['metadata']): Said {
    const table = { location: `${metadata.location}/metadata/${this.#versions++}.metadata.json`, metadata };
    tables.set(name, table);
    return { status: 200, body: this.#wire(table) };
  }

  #wire({ location, metadata }: LoadedTable): object {
    return { 'metadata-location': location, metadata, ...this.tableAccess };
  }
}

/** Serves on a free port of 127.0.0.1 until the test has finished. */
export async function startRestServer(): Promise<RestServer> {
  const catalog = new RestServer();
  const server = createServer((request, response) => void serve(catalog, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  catalog.uri = `http://127.0.0.1:${address.port}`;
  return catalog;
}

async function serve(catalog: RestServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const url = new URL(request.url ?? '/', 'http://h');
  const asked = { method: request.method ?? '', path: url.pathname, query: url.searchParams, headers: request.headers, body: Buffer.concat(chunks).toString() };
  catalog.asked.push(asked);
  const said = decided(catalog, asked);
  if (said === null) return void response.destroy();
  response.writeHead(said.status, { 'content-type': 'application/json' }).end(said.body === undefined ? '' : typeof said.body === 'string' ? said.body : jsonText(said.body));
}

function decided(catalog: RestServer, asked: Asked): Said | null {
  const { interference } = catalog;
  const before = interference?.when === 'before' ? interference.say(asked) : undefined;
  if (before !== undefined) return before;
  const answer = catalog.answer(asked);
  const after = interference?.when === 'after' ? interference.say(asked) : undefined;
  return after === undefined ? answer : after;
}

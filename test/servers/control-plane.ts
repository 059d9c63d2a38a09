/**
 * Lambda's API for versions, aliases and their configuration, and EventBridge's for rules, in memory and over HTTP; calls about event source mappings go
 * to another endpoint, on their way through here. What is asked for is counted, and any call can be answered as a test says.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { listen, type RunningServer } from './listening.ts';

/** `hasEffect`: it is executed all the same. `cut`: the connection ends instead of an answer. */
export type PlaneFault = { readonly status: number; readonly name: string; readonly message?: string; readonly hasEffect?: boolean } | { readonly cut: 'before' | 'after' };

export interface Call {
  /** As IAM names it, without the service. */
  readonly action: string;
  /** `function[:qualifier]`, a UUID or a rule. */
  readonly resource: string;
  readonly body: unknown;
}

export interface FakeFunction {
  readonly versions: Set<number>;
  /** Version by name. */
  readonly aliases: Map<string, string>;
  /** Configuration of asynchronous invocations by alias. */
  readonly invocations: Map<string, unknown>;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

const READ = /^(Get|List|Describe)/;

/** Small, so that listings have several pages. */
const PAGE = 2;

export class ControlPlaneServer {
  readonly functions = new Map<string, FakeFunction>();
  readonly rules = new Map<string, string>();
  readonly calls: Call[] = [];
  readonly #faults = new Map<string, PlaneFault[]>();
  readonly #mappings: string;

  /** `mappings`: the endpoint that has the event source mappings. */
  constructor(mappings: string) {
    this.#mappings = mappings;
  }

  addFunction(name: string, ...versions: readonly number[]): FakeFunction {
    const made = { versions: new Set(versions), aliases: new Map<string, string>(), invocations: new Map<string, unknown>() };
    this.functions.set(name, made);
    return made;
  }

  /** What happens to the next calls of this action, one each. */
  next(action: string, ...faults: readonly PlaneFault[]): void {
    this.#faults.set(action, [...(this.#faults.get(action) ?? []), ...faults]);
  }

  get writes(): string[] {
    return this.calls.filter(({ action }) => !READ.test(action)).map(({ action }) => action);
  }

  start(): Promise<RunningServer> {
    return listen(
      createServer((request, response) => {
        void this.#answer(request).then((reply) => {
          if (reply === null) return request.socket.destroy();
          response.writeHead(reply.status, { 'content-type': 'application/json' });
          return response.end(reply.body === null ? undefined : JSON.stringify(reply.body));
        });
      }),
    );
  }

  async #answer(request: IncomingMessage): Promise<Reply | null> {
    const text = await textOf(request);
    const url = new URL(request.url ?? '/', 'http://plane');
    const call = callOf(request, url, text);
    this.calls.push(call);
    const fault = this.#faults.get(call.action)?.shift();
    const isExecuted = fault === undefined || ('cut' in fault ? fault.cut === 'after' : fault.hasEffect === true);
    const reply = isExecuted ? await this.#execute(call, request, url, text) : refusal(500, 'never', 'sent');
    if (fault === undefined) return reply;
    return 'cut' in fault ? null : refusal(fault.status, fault.name, fault.message ?? 'told by the test');
  }

  async #execute(call: Call, request: IncomingMessage, url: URL, text: string): Promise<Reply> {
    if (call.action.includes('EventSourceMapping')) {
      const method = request.method ?? 'GET';
      const answer = await fetch(new URL(`${url.pathname}${url.search}`, this.#mappings), { method, ...(text === '' ? {} : { body: text }) });
      const body: unknown = await answer.json();
      return answer.ok ? { status: answer.status, body } : refusal(answer.status, answer.headers.get('x-amzn-errortype') ?? '', JSON.stringify(body));
    }
    if (call.action.endsWith('Rule')) return this.#rule(call);
    const [name = '', qualifier = ''] = call.resource.split(':');
    const found = this.functions.get(name);
    return found === undefined ? refusal(404, 'ResourceNotFoundException', `no function ${name}`) : ofFunction(found, name, qualifier, call, url);
  }

  #rule({ action, resource }: Call): Reply {
    const state = this.rules.get(resource);
    if (state === undefined) return refusal(400, 'ResourceNotFoundException', `no rule ${resource}`);
    if (action === 'DescribeRule') return { status: 200, body: { Name: resource, State: state } };
    this.rules.set(resource, action === 'EnableRule' ? 'ENABLED' : 'DISABLED');
    return { status: 200, body: {} };
  }
}

function ofFunction({ versions, aliases, invocations }: FakeFunction, name: string, qualifier: string, { action, body }: Call, url: URL): Reply {
  const arn = `arn:aws:lambda:us-east-1:111122223333:function:${name}`;
  const aliasJson = (alias: string): object => ({ AliasArn: `${arn}:${alias}`, Name: alias, FunctionVersion: aliases.get(alias) });
  const missing = refusal(404, 'ResourceNotFoundException', `no ${qualifier} of ${name}`);
  const wanted = fieldOf(body, 'FunctionVersion');
  switch (action) {
    case 'ListVersionsByFunction':
      return page(url, 'Versions', ['$LATEST', ...[...versions].map(String)].map((Version) => ({ Version })));
    case 'ListAliases':
      return page(url, 'Aliases', [...aliases.keys()].map(aliasJson));
    case 'GetAlias':
      return aliases.has(qualifier) ? { status: 200, body: aliasJson(qualifier) } : missing;
    case 'CreateAlias': {
      const alias = fieldOf(body, 'Name');
      if (aliases.has(alias)) return refusal(409, 'ResourceConflictException', `Alias already exists: ${alias}`);
      if (!versions.has(Number(wanted))) return refusal(404, 'ResourceNotFoundException', `no version ${wanted} of ${name}`);
      aliases.set(alias, wanted);
      return { status: 201, body: aliasJson(alias) };
    }
    case 'UpdateAlias':
      if (!aliases.has(qualifier)) return missing;
      aliases.set(qualifier, wanted);
      return { status: 200, body: aliasJson(qualifier) };
    case 'DeleteAlias':
      aliases.delete(qualifier);
      return { status: 204, body: null };
    case 'DeleteFunction':
      if ([...aliases.values()].includes(qualifier)) return refusal(409, 'ResourceConflictException', `an alias holds version ${qualifier}`);
      return versions.delete(Number(qualifier)) ? { status: 204, body: null } : missing;
    case 'GetFunctionEventInvokeConfig':
      return invocations.has(qualifier) ? { status: 200, body: invocations.get(qualifier) } : missing;
    case 'PutFunctionEventInvokeConfig':
      invocations.set(qualifier, body);
      return { status: 200, body };
    case 'DeleteFunctionEventInvokeConfig':
      return invocations.delete(qualifier) ? { status: 204, body: null } : missing;
    default:
      throw new Error(`the fake has no ${action}`);
  }
}

/** Method, path, action; groups are function and qualifier, or a UUID. */
const ROUTES: readonly [method: string, path: RegExp, action: string][] = [
  ['GET', /^\/2015-03-31\/functions\/([^/]+)\/aliases\/?$/, 'ListAliases'],
  ['POST', /^\/2015-03-31\/functions\/([^/]+)\/aliases\/?$/, 'CreateAlias'],
  ['GET', /^\/2015-03-31\/functions\/([^/]+)\/aliases\/([^/]+)$/, 'GetAlias'],
  ['PUT', /^\/2015-03-31\/functions\/([^/]+)\/aliases\/([^/]+)$/, 'UpdateAlias'],
  ['DELETE', /^\/2015-03-31\/functions\/([^/]+)\/aliases\/([^/]+)$/, 'DeleteAlias'],
  ['GET', /^\/2015-03-31\/functions\/([^/]+)\/versions\/?$/, 'ListVersionsByFunction'],
  ['DELETE', /^\/2015-03-31\/functions\/([^/]+)\/?$/, 'DeleteFunction'],
  ['GET', /^\/2019-09-25\/functions\/([^/]+)\/event-invoke-config\/?$/, 'GetFunctionEventInvokeConfig'],
  ['PUT', /^\/2019-09-25\/functions\/([^/]+)\/event-invoke-config\/?$/, 'PutFunctionEventInvokeConfig'],
  ['DELETE', /^\/2019-09-25\/functions\/([^/]+)\/event-invoke-config\/?$/, 'DeleteFunctionEventInvokeConfig'],
  ['GET', /^\/2015-03-31\/event-source-mappings\/?$/, 'ListEventSourceMappings'],
  ['POST', /^\/2015-03-31\/event-source-mappings\/?$/, 'CreateEventSourceMapping'],
  ['PUT', /^\/2015-03-31\/event-source-mappings\/([^/]+)$/, 'UpdateEventSourceMapping'],
  ['DELETE', /^\/2015-03-31\/event-source-mappings\/([^/]+)$/, 'DeleteEventSourceMapping'],
];

function callOf({ method, headers }: IncomingMessage, url: URL, text: string): Call {
  const body: unknown = text === '' ? null : JSON.parse(text);
  const target = String(headers['x-amz-target'] ?? '').replace('AWSEvents.', '');
  if (target !== '') return { action: target, resource: fieldOf(body, 'Name'), body };
  for (const [verb, path, action] of ROUTES) {
    const found = path.exec(url.pathname);
    if (verb !== method || found === null) continue;
    const qualifier = url.searchParams.get('Qualifier') ?? found[2];
    return { action, resource: [found[1] ?? '', ...(qualifier === undefined ? [] : [qualifier])].map(decodeURIComponent).join(':'), body };
  }
  throw new Error(`the fake does not know ${method} ${url.pathname}`);
}

function page(url: URL, name: string, all: readonly object[]): Reply {
  const from = Number(url.searchParams.get('Marker') ?? 0);
  const next = from + PAGE < all.length ? { NextMarker: String(from + PAGE) } : {};
  return { status: 200, body: { [name]: all.slice(from, from + PAGE), ...next } };
}

const refusal = (status: number, name: string, message: string): Reply => ({ status, body: { __type: name, message } });

function fieldOf(body: unknown, name: string): string {
  return typeof body === 'object' && body !== null ? String(Reflect.get(body, name)) : '';
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** One endpoint: how it is addressed, what it takes and gives, and what it does. */
import { jobId, type JobId } from '../../core/numbers.ts';
import type { MetricsReader } from '../metrics/reader.ts';
import type { WantedResume } from '../plan-diff.ts';
import type { Content } from './content.ts';
import type { ControlPlane } from './control-plane.ts';
import type { SqlGateway } from './gateway/gateway.ts';
import type { TaskCounts } from './jobmanager/task-counts.ts';
import { Refusal, refused, unreadable } from './refusal.ts';
import { fits, object, type Shape } from './shape.ts';
import type { Events } from './sluice/events.ts';
import type { History } from './sluice/history.ts';
import type { Token } from './token.ts';
import type { Triggered } from './triggered.ts';

/** What endpoints work on. */
export interface Rest {
  readonly plane: ControlPlane;
  /** Null: whoever can open a connection may do everything. */
  readonly token: Token | null;
  /** Sessions of SQL. */
  readonly gateway: SqlGateway;
  /** Savepoints and stops have one space of trigger ids; they give the location. */
  readonly savepoints: Triggered<SavepointOperation, string>;
  /** They give the checkpoint's number. */
  readonly checkpoints: Triggered<{ readonly job: JobId }, number>;
  /** They give the state that was dropped. */
  readonly resumes: Triggered<{ readonly job: JobId } & WantedResume, readonly string[]>;
  /** By trigger id alone. */
  readonly disposals: Triggered<{ readonly job: null; readonly location: string }, void>;
  readonly tasks: TaskCounts;
  readonly metrics: MetricsReader;
  readonly history: History;
  readonly events: Events;
}

/** What leaves a savepoint below a directory: a stop ends the job behind it, with `drain` when all windows have fired. */
export type SavepointOperation =
  | { readonly kind: 'savepoint'; readonly job: JobId; readonly directory: string }
  | { readonly kind: 'stop'; readonly job: JobId; readonly directory: string; readonly drain: boolean };

/** Those that the path does not name are empty, or 0. */
export interface Params {
  readonly jobid: JobId;
  readonly triggerid: string;
  readonly vertexid: string;
  readonly checkpointid: number;
  readonly subtaskindex: number;
  readonly sessionHandle: string;
  readonly operationHandle: string;
  readonly token: number;
  /** A folder's name. */
  readonly folder: string;
  /** A file's name. */
  readonly file: string;
}

export interface Call<B> {
  readonly params: Params;
  /** Of the API, as the path names it; 1 where it names none. */
  readonly version: number;
  readonly query: URLSearchParams;
  readonly body: B;
  /** `https://HOST` of the page that asks; undefined for who is no page, and says none. */
  readonly origin: string | undefined;
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

interface Endpoint {
  readonly method: Method;
  /** Without a version: `/jobs/:jobid/status`. */
  readonly path: string;
  /** One sentence, for the OpenAPI document. */
  readonly summary: string;
  readonly query?: readonly string[];
  /** Of success; default: 200. */
  readonly status?: 200 | 202;
  /** How Flink calls the request; default: `EmptyRequestBody`. */
  readonly requestName?: string;
  /** A body may be anything, of any size: nobody looks at it. */
  readonly takesNoJson?: true;
  /** The newest version of the API that has it; default: 1. */
  readonly upToVersion?: number;
  /** Also for those who have not shown the token: it says nothing of jobs. */
  readonly isOpen?: true;
  /** Media type of an answer that is not JSON, but a `Content`. */
  readonly produces?: string;
}

export interface Route extends Endpoint {
  readonly request: Shape<unknown>;
  readonly response: Shape<unknown>;
  answer(rest: Rest, call: Call<unknown>): Promise<unknown>;
}

/** Flink's clients send `{}` with everything. */
const EMPTY: Shape<unknown> = object({});

/** An endpoint that takes no body. */
export const get = <R>(endpoint: Omit<Endpoint, 'method'>, response: Shape<R>, handle: (rest: Rest, call: Call<unknown>) => Promise<R | Refusal>): Route => ({
  ...endpoint,
  method: 'GET',
  request: EMPTY,
  response,
  answer: handle,
});

/** An endpoint whose body has been checked when `handle` is called. */
export function route<B, R>(endpoint: Endpoint, request: Shape<B>, response: Shape<R>, handle: (rest: Rest, call: Call<B>) => Promise<R | Content | Refusal>): Route {
  return {
    ...endpoint,
    request,
    response,
    answer: async (rest, { body, ...call }) => {
      if (fits(request, body)) return handle(rest, { ...call, body });
      return refused(400, `Request did not match expected format ${endpoint.requestName ?? 'EmptyRequestBody'}: ${request.problemWith(body, 'the body')}.`);
    },
  };
}

export interface Match {
  readonly route: Route;
  readonly params: Params | Refusal;
}

/** What a request names. */
export interface Target {
  readonly method: string;
  /** Without the version. */
  readonly path: string;
  readonly version: number;
}

/** The endpoint that a request names; literal segments win over parameters. Null for none. */
export function matchIn(routes: readonly Route[], { method, path, version }: Target): Match | null {
  const segments = path.split('/');
  const found = routes.filter((one) => one.method === method && version <= (one.upToVersion ?? 1) && isAt(one.path.split('/'), segments));
  const [first] = found.toSorted((a, b) => parametersIn(a) - parametersIn(b));
  return first === undefined ? null : { route: first, params: paramsOf(first.path.split('/'), segments) };
}

const isAt = (pattern: readonly string[], segments: readonly string[]): boolean =>
  pattern.length === segments.length && pattern.every((part, i) => part === segments[i] || (part.startsWith(':') && segments[i] !== ''));

const parametersIn = ({ path }: Route): number => path.split(':').length;

function paramsOf(pattern: readonly string[], segments: readonly string[]): Params | Refusal {
  const given = new Map(pattern.flatMap((part, i) => (part.startsWith(':') ? [[part.slice(1), segments[i] ?? '']] : [])));
  for (const [name, value] of given) {
    if (!patternOf(name).test(value)) return unreadable(`Cannot resolve path parameter (${name}) from value "${value.slice(0, 64)}".`);
  }
  const of = (name: keyof Params): string => given.get(name) ?? '';
  return {
    jobid: jobId(of('jobid')),
    triggerid: of('triggerid'),
    vertexid: of('vertexid'),
    checkpointid: Number(of('checkpointid')),
    subtaskindex: Number(of('subtaskindex')),
    sessionHandle: of('sessionHandle'),
    operationHandle: of('operationHandle'),
    token: Number(of('token')),
    folder: of('folder'),
    file: of('file'),
  };
}

const ID = /^[0-9a-f]{32}$/;
const HANDLE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NAME = /^[\w-][\w.-]{0,127}$/;
const PATTERNS: Readonly<Record<string, RegExp>> = { checkpointid: /^\d{1,15}$/, subtaskindex: /^\d{1,15}$/, token: /^\d{1,15}$/, sessionHandle: HANDLE, operationHandle: HANDLE, folder: NAME, file: NAME };

/** What a parameter of a path looks like. */
export const patternOf = (name: string): RegExp => PATTERNS[name] ?? ID;

/** The REST API behind a function URL: from Lambda's events to answers, and back. A function keeps nothing between two requests. */
import { answer, refusalAnswer, type Api, type RestAnswer } from '../control/rest/answer.ts';
import { BODY_MAX } from '../control/rest/body.ts';
import type { Gate, Who } from '../control/rest/gate.ts';
import { headersOf } from '../control/rest/headers.ts';
import { Refusal, refused } from '../control/rest/refusal.ts';

/** Version 2 of the payload; the members that are used. Names of headers are lower case. */
export interface UrlEvent {
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded: boolean;
  readonly requestContext: {
    readonly domainName: string;
    readonly http: { readonly method: string; readonly sourceIp: string };
    /** Where IAM has checked who calls. */
    readonly authorizer?: { readonly iam?: { readonly userArn: string } };
  };
}

export interface UrlResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

export interface RestParts {
  readonly api: Api;
  /** Made for the name by which the function is called. */
  readonly gate: (name: string) => Gate;
  /** Name of the stack, for hints. */
  readonly stack: string;
}

export function restHandler(parts: RestParts): (event: UrlEvent) => Promise<UrlResult> {
  const gates = new Map<string, Gate>();
  return async (event) => {
    const { domainName } = event.requestContext;
    const gate = gates.get(domainName) ?? parts.gate(domainName);
    gates.set(domainName, gate);
    return resultOf(await answerTo(parts, gate, event), parts.stack);
  };
}

async function answerTo({ api, stack }: RestParts, gate: Gate, event: UrlEvent): Promise<RestAnswer> {
  const { rawPath, rawQueryString, requestContext } = event;
  const { method, sourceIp: address } = requestContext.http;
  const who = whoIs(gate.admit(visitorOf(event)), event);
  if ((who === 'iam' || who === 'token') && SESSIONS.test(rawPath)) return refusalAnswer(needsProcess('sessions of the SQL gateway', stack));
  const target = rawQueryString === '' ? rawPath : `${rawPath}?${rawQueryString}`;
  const principal = requestContext.authorizer?.iam?.userArn;
  const { origin, 'if-none-match': ifNoneMatch } = event.headers;
  const answered = await answer(api, { method, target, body: bodyOf(event), ifNoneMatch, origin, who, address, principal });
  if (answered.isWrongToken) gate.failed(address);
  return answered;
}

/** Without a token there is IAM, or the URL has been opened behind the back of its deployment. */
const whoIs = (admitted: Who | Refusal, { requestContext: { authorizer } }: UrlEvent): Who | Refusal =>
  admitted !== 'loopback' ? admitted : authorizer?.iam === undefined ? NOT_SIGNED : 'iam';

const NOT_SIGNED = new Refusal(403, 'Nobody has checked who calls: the URL of this function is meant for requests that IAM allows.');

const SESSIONS = /^(\/v\d)?\/sessions(\/|$)/;

/** What lives longer than an answer needs a process that does. */
const needsProcess = (what: string, stack: string): Refusal => refused(501, `${what} need a process that keeps them. Let one serve them: sluice serve --stack ${stack}`);

function visitorOf({ headers, cookies = [], requestContext: { http } }: UrlEvent): Parameters<Gate['admit']>[0] {
  return {
    method: http.method,
    address: http.sourceIp,
    host: headers['host'],
    origin: headers['origin'],
    site: headers['sec-fetch-site'],
    mode: headers['sec-fetch-mode'],
    authorization: headers['authorization'],
    cookie: cookies.join('; '),
  };
}

/** Null for one that is too large: Lambda takes six megabytes. */
function bodyOf({ body = '', isBase64Encoded }: UrlEvent): Uint8Array | null {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return bytes.length > BODY_MAX ? null : bytes;
}

/** Lambda wants cookies beside the other headers. */
function resultOf({ status, content }: RestAnswer, stack: string): UrlResult {
  const { body } = content;
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return resultOf(refusalAnswer(needsProcess('streams of events', stack)), stack);
  const { 'set-cookie': cookie, ...headers } = headersOf(content);
  const isText = typeof body === 'string';
  return { statusCode: status, headers, ...(cookie === undefined ? {} : { cookies: [cookie] }), body: isText ? body : Buffer.from(body).toString('base64'), isBase64Encoded: !isText };
}

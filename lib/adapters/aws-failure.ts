/** What a failed request to AWS says about itself: whether it may have happened, and whether asking again can help. */

export interface Failure {
  readonly happened: 'no' | 'maybe';
  /** The next attempt may be answered. */
  readonly isPassing: boolean;
  /** Asked too much: the next attempt needs more time. */
  readonly isThrottled: boolean;
  /** The service's own words: name of the error and its message. */
  readonly reason: string;
  readonly hint: string;
}

/** Name of an error, or system error code, → what to do about it. */
export type Hints = Readonly<Record<string, string>>;

/** Refused before it was executed, for its rate. */
const THROTTLED: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'Throttling',
  'RequestLimitExceeded',
  'LimitExceededException',
  'SlowDown',
]);

/** Refused before it was executed, for the moment. */
const NOT_NOW: ReadonlySet<string> = new Set([
  'TransactionConflictException',
  'ReplicatedWriteConflictException',
  'RequestTimeout',
  'ConditionalRequestConflict',
  'OperationAborted',
  'ConcurrentModificationException',
  'ResourceConflictException',
]);

/** System calls of making a connection: where one of them fails, nothing was sent. The codes alone do not tell, an open connection has them too. */
const CONNECTING: readonly unknown[] = ['connect', 'getaddrinfo'];

/** The SDK gave up before it sent anything. */
const NOT_SENT: ReadonlySet<string> = new Set(['CredentialsProviderError', 'Region is missing']);

const WRONG_HOST = 'check the endpoint and the region of the address, and that the service runs';
const WRONG_KEYS = 'check the credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or the role';
const NO_PERMISSION = 'allow the role or user what the message names';
const ASK_AGAIN = 'check that the service answers, then repeat the command';

const SET_CLOCK = 'set the clock of this machine';
/** What AWS answers where the time of a signature is minutes off. */
const CLOCK = /^Signature (?:expired|not yet current)/;

/** A HEAD is answered without words. */
const BY_STATUS: Readonly<Record<number, string>> = { 301: WRONG_HOST, 403: NO_PERMISSION };

const HINTS: Hints = {
  ECONNREFUSED: WRONG_HOST,
  ENOTFOUND: WRONG_HOST,
  EAI_AGAIN: WRONG_HOST,
  EPROTO: WRONG_HOST,
  PermanentRedirect: WRONG_HOST,
  AuthorizationHeaderMalformed: WRONG_HOST,
  'Region is missing': 'set AWS_REGION, or add region=… to the address',
  CredentialsProviderError: WRONG_KEYS,
  UnrecognizedClientException: WRONG_KEYS,
  InvalidSignatureException: WRONG_KEYS,
  InvalidAccessKeyId: WRONG_KEYS,
  SignatureDoesNotMatch: WRONG_KEYS,
  ExpiredToken: WRONG_KEYS,
  ExpiredTokenException: WRONG_KEYS,
  AccessDenied: NO_PERMISSION,
  AccessDeniedException: NO_PERMISSION,
  RequestTimeTooSkewed: SET_CLOCK,
};

/** Sorts whatever the SDK threw. What is not known to have been refused may have happened. */
export function failureOf(error: unknown, hints: Hints): Failure {
  const facts = factsOf(error);
  const { name, message, code, status } = facts;
  // DynamoDB calls a wrong clock an invalid signature (K1).
  const hint = CLOCK.test(message) ? SET_CLOCK : [code, name, message].map((word) => hints[word] ?? HINTS[word]).find((found) => found !== undefined);
  return { ...verdictOn(facts), reason: reasonOf(facts), hint: hint ?? BY_STATUS[status] ?? ASK_AGAIN };
}

/** The name says nothing where it is that of any error. */
function reasonOf({ name, message, status }: Facts): string {
  const named = name === 'Error' || name === 'SyntaxError' ? message : `${name}: ${message}`;
  return status === 0 ? named : `${named} (HTTP ${status})`;
}

type Verdict = Pick<Failure, 'happened' | 'isPassing' | 'isThrottled'>;
const LATER: Verdict = { happened: 'no', isPassing: true, isThrottled: true };
const AGAIN: Verdict = { happened: 'no', isPassing: true, isThrottled: false };
const NEVER: Verdict = { happened: 'no', isPassing: false, isThrottled: false };
const UNKNOWN: Verdict = { happened: 'maybe', isPassing: true, isThrottled: false };

function verdictOn({ name, isUnreached, status, message }: Facts): Verdict {
  if (THROTTLED.has(name) || status === 429) return LATER;
  if (NOT_NOW.has(name) || isUnreached) return AGAIN;
  if (NOT_SENT.has(name) || NOT_SENT.has(message)) return NEVER;
  return status >= 300 && status < 500 && status !== 408 ? NEVER : UNKNOWN;
}

interface Facts {
  readonly name: string;
  readonly message: string;
  /** System error code, or ''. */
  readonly code: string;
  readonly isUnreached: boolean;
  /** HTTP status of the answer; 0 without one. */
  readonly status: number;
}

function factsOf(error: unknown): Facts {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), code: '', isUnreached: false, status: 0 };
  const status = fieldOf(fieldOf(error, '$metadata'), 'httpStatusCode') ?? fieldOf(fieldOf(error, '$response'), 'statusCode');
  const code = fieldOf(error, 'code');
  const [message = ''] = error.message.trim().split('\n');
  return { name: error.name, message, code: typeof code === 'string' ? code : '', isUnreached: isUnreached(error), status: typeof status === 'number' ? status : 0 };
}

/** Node tries the addresses of a host one after the other, and then tells of all. */
const isUnreached = (error: unknown): boolean =>
  error instanceof AggregateError ? error.errors.every(isUnreached) : CONNECTING.includes(fieldOf(error, 'syscall'));

const fieldOf = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined);

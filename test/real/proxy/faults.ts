/** What an HTTP proxy before DynamoDB or S3 may do to a request, and how a test says to which. */

/** What the proxy sees of a request. */
export interface Seen {
  /** DynamoDB: the operation (`PutItem`). S3: method and what it works on (`PUT object`, `GET bucket`). */
  readonly operation: string;
  /**
   * DynamoDB: partition keys, jobs and numbers left out (`J#*#g*#P*`); of items of a job itself with their kind (`J#* CTRL`). S3: the path's first
   * part below the bucket. Empty where there is none.
   */
  readonly keys: readonly string[];
  /** A query from the newest item backwards: that of a head. */
  readonly isBackward: boolean;
}

/** Whether the server has carried the request out before it goes wrong. */
export type When = 'before' | 'after';

export type Fault =
  /** The server's own words for too much load. Nothing is carried out. */
  | { readonly kind: 'throttle'; readonly error?: 'ProvisionedThroughputExceededException' | 'ThrottlingException' }
  /** The user may not do it. Nothing is carried out. */
  | { readonly kind: 'deny' }
  /** An internal error, status 500. */
  | { readonly kind: 'failure'; readonly when: When }
  /** The connection ends without an answer. */
  | { readonly kind: 'cut'; readonly when: When }
  | { readonly kind: 'delay'; readonly ms: number; readonly when: When }
  /** It is late by as long as the test wants. */
  | { readonly kind: 'hold'; readonly until: Promise<unknown>; readonly when: When };

export interface Rule {
  readonly fault: Fault;
  /** All requests, if left out. */
  readonly matches?: (seen: Seen) => boolean;
  /** For so many requests; for all until it is taken away, if left out. */
  readonly times?: number;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const DYNAMODB = 'application/x-amz-json-1.0';

/** An error as DynamoDB or S3 words it. */
export function errorAnswer(isDynamo: boolean, fault: Extract<Fault, { kind: 'throttle' | 'deny' | 'failure' }>): Answer {
  if (fault.kind === 'deny') return denial(isDynamo);
  const isThrottle = fault.kind === 'throttle';
  if (!isDynamo) return { status: isThrottle ? 503 : 500, type: 'application/xml', body: xml(isThrottle ? 'SlowDown' : 'InternalError') };
  const name = isThrottle ? (fault.error ?? 'ProvisionedThroughputExceededException') : 'InternalServerError';
  const space = name === 'ThrottlingException' ? 'com.amazon.coral.availability' : 'com.amazonaws.dynamodb.v20120810';
  return { status: isThrottle ? 400 : 500, type: DYNAMODB, body: JSON.stringify({ __type: `${space}#${name}`, message: 'injected by a test' }) };
}

const denial = (isDynamo: boolean): Answer =>
  isDynamo
    ? { status: 400, type: DYNAMODB, body: JSON.stringify({ __type: 'com.amazon.coral.service#AccessDeniedException', message: 'User: u is not authorized to perform: dynamodb:PutItem' }) }
    : { status: 403, type: 'application/xml', body: xml('AccessDenied') };

const xml = (code: string): string => `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>injected by a test</Message></Error>`;

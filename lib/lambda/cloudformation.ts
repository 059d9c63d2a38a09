/** Answers to CloudFormation, which waits for a custom resource at a pre-signed URL, for an hour. */
import { StoreError } from '../core/errors.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { Respond, WorkflowFailure } from '../workflows/messages.ts';

export interface Outcome {
  /** Null: success. */
  readonly failure: WorkflowFailure | null;
  /** What a template can read with `Fn::GetAtt`. */
  readonly data: Readonly<Record<string, string>>;
}

/** HTTP status of a PUT; rejects where there is no answer. */
export type PutText = (url: string, text: string) => Promise<number>;

const ATTEMPTS_MAX = 5;
const PAUSE_MS = 1000;
/** CloudFormation reads 4096 bytes; what is not the reason takes less than half of it. */
const REASON_BYTES_MAX = 2048;

/** Tells how it ended; a lost answer is repeated, since CloudFormation counts the first. Throws a StoreError if nobody listens. */
export async function answer(respond: Respond, outcome: Outcome, put: PutText, runtime: Runtime): Promise<void> {
  const body = JSON.stringify(bodyOf(respond, outcome));
  let last = '';
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    last = await attemptPut(put, respond.ResponseURL, body);
    if (last === '') return;
    if (attempt < ATTEMPTS_MAX) await runtime.sleep(PAUSE_MS * 2 ** (attempt - 1));
  }
  throw new StoreError('maybe', { message: `CloudFormation cannot be told how ${respond.LogicalResourceId} ended: ${last}` });
}

/** Empty on success. */
async function attemptPut(put: PutText, url: string, body: string): Promise<string> {
  try {
    const status = await put(url, body);
    return status >= 200 && status < 300 ? '' : `HTTP ${status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function bodyOf({ StackId, RequestId, LogicalResourceId, PhysicalResourceId }: Respond, { failure, data }: Outcome): object {
  const which = { StackId, RequestId, LogicalResourceId, PhysicalResourceId };
  return failure === null ? { Status: 'SUCCESS', ...which, Data: data } : { Status: 'FAILED', ...which, Reason: reasonOf(failure, RequestId) };
}

/** What went wrong, why, what to do next. What is too long is in the output of the execution, which is named like the request. */
function reasonOf({ code, message, hint }: WorkflowFailure, requestId: string): string {
  const where = ` (Execution: ${requestId})`;
  const text = `${code}: ${message}${hint === null ? '' : `. What to do: ${hint}`}`;
  return truncated(text, REASON_BYTES_MAX - where.length) + where;
}

const SIZE = new TextEncoder();

function truncated(text: string, bytes: number): string {
  if (SIZE.encode(text).length <= bytes) return text;
  const { read } = SIZE.encodeInto(text, new Uint8Array(bytes - 3));
  return `${text.slice(0, read)}…`;
}

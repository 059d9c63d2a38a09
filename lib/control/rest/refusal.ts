/** Answers that are errors: Flink's body `{"errors": [...]}` with a status, in the words of Flink where it has some. */
import type { SluiceError } from '../../core/errors.ts';

/** What a handler returns in the place of its response. */
export class Refusal {
  readonly status: number;
  readonly errors: readonly string[];

  constructor(status: number, ...errors: readonly string[]) {
    this.status = status;
    this.errors = errors;
  }
}

/** Flink puts the class of the exception in front, which its clients print. */
export const refused = (status: number, message: string): Refusal => new Refusal(status, `org.apache.flink.runtime.rest.handler.RestHandlerException: ${message}`);

export const notFound = (message: string): Refusal => new Refusal(404, `org.apache.flink.runtime.rest.NotFoundException: ${message}`);

export const unreadable = (what: string): Refusal => refused(400, `Bad request, could not parse parameters: ${what}`);

/** What went wrong, and what to do: never a stack. Messages about SQL begin with their code. */
export const failureText = ({ code, message, hint }: { readonly code: string; readonly message: string; readonly hint?: string | null | undefined }): string =>
  `${message.startsWith(code) ? '' : `${code}: `}${message}${hint === undefined || hint === null ? '' : `\nhint: ${hint}`}`;

/** 503 is the one status that Flink's clients try again. `job`: the one that the path names, if it names one. */
export function refusalOf(error: SluiceError, job: string): Refusal {
  switch (error.code) {
    case 'JOB_UNKNOWN':
      return notFound(`Job ${job} not found`);
    case 'SAVEPOINT_NOT_FOUND':
      return notFound(failureText(error));
    case 'JOB_STATE':
    case 'JOB_BUSY':
      return refused(409, failureText(error));
    default:
      return refused(error.kind === 'usage' ? 400 : error.kind === 'retry' ? 503 : 500, failureText(error));
  }
}

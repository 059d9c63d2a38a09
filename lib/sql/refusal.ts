/** Refusals of the planner: raised where the reason is known, completed with the text of the statement further up. */
import type { Span } from './ast.ts';
import type { SqlErrorCode } from './diagnostic.ts';

/** A reason not to plan a statement. Never leaves `lib/sql`. */
export class Refusal extends Error {
  readonly code: SqlErrorCode;
  readonly span: Span;
  readonly hint: string | undefined;

  constructor(code: SqlErrorCode, span: Span, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.span = span;
    this.hint = hint;
  }
}

/** The statement is Flink SQL, but Sluice does not run it. */
export function unsupported(span: Span, what: string, hint?: string): never {
  throw new Refusal('SQL_UNSUPPORTED', span, what, hint);
}

/** The statement does not fit the tables, columns or types. */
export function invalid(span: Span, what: string, hint?: string): never {
  throw new Refusal('SQL_VALIDATE', span, what, hint);
}

/** The result of resolving something, unless it is the reason why it cannot be. */
export function orInvalid<T>(result: T | string, span: Span, prefix = ''): T {
  if (typeof result === 'string') return invalid(span, prefix + result);
  return result;
}

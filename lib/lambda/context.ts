/** What Lambda says about an invocation; the members that are used. */
export interface LambdaContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  /** With the alias that was invoked, if there was one. */
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}

export type Handler<Event, Result> = (event: Event, context: LambdaContext) => Promise<Result>;

/** Behind this no attempt begins: what is under way must end before the sandbox is frozen or killed (W2). */
export const TIME_LEFT_MIN_MS = 5000;

export const hasTime = (context: LambdaContext, ms = TIME_LEFT_MIN_MS): boolean => context.getRemainingTimeInMillis() >= ms;

/** What an event source, or a schedule, invokes: a function in this process, a sandbox process, or the Invoke API of an emulator or of AWS. */

/**
 * A Lambda function as an event source or a schedule sees it. `invoke` answers whatever becomes of the function, a timeout included; it throws only where
 * the function cannot have been reached, or nobody knows. Whether the function has done its work is known from `ok` alone.
 */
export interface FunctionTarget {
  /** `functionArn` is qualified where an alias is meant: `arn:aws:lambda:…:function:NAME:ALIAS`. `Event` resolves when the request is accepted. */
  invoke(request: InvocationRequest): Promise<Invocation>;
  /** Waits for what is under way, then frees what the target holds. */
  close(): Promise<void>;
}

export interface InvocationRequest {
  readonly functionArn: string;
  /** JSON. */
  readonly payload: string;
  readonly type: 'RequestResponse' | 'Event';
}

export type Invocation =
  | { readonly kind: 'ok'; readonly payload: string }
  /** `errorType` as Lambda names it: the name of the error class, `Sandbox.Timedout`, `Runtime.ExitError`, … */
  | { readonly kind: 'error'; readonly errorType: string; readonly message: string };

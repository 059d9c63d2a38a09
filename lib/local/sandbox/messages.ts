/** What a sandbox process and its host say to each other. */

export type ToSandbox = {
  readonly kind: 'invoke';
  readonly requestId: string;
  readonly functionArn: string;
  /** JSON. */
  readonly payload: string;
  readonly timeoutMs: number;
};

export type FromSandbox =
  /** The module is loaded. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'ok'; readonly requestId: string; readonly payload: string }
  | { readonly kind: 'error'; readonly requestId: string; readonly errorType: string; readonly message: string };

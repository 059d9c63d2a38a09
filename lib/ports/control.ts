/** Small mutable items: job control, job list, hints, savepoint requests, record errors, catalogs. */
export interface ControlKey {
  readonly pk: string;
  readonly sk: string;
}

export interface ControlItem extends ControlKey {
  /** 1 at creation, one more with every successful put. */
  readonly version: number;
  /** JSON. */
  readonly body: string;
}

/** `absent`: create; a number: replace exactly this version; `any`: replace whatever is there (hints, errors). */
export type Expected = 'absent' | 'any' | number;

/** A conflict returns what is stored; null if an expected version has vanished. */
export type ControlPut =
  | { readonly kind: 'stored'; readonly version: number }
  | { readonly kind: 'conflict'; readonly item: ControlItem | null };

/**
 * Laws, checked by `test/contracts/control.ts` and `test/contracts/faults/control.ts`: a put with `absent` or a version has at most one winner; reads are strong;
 * `list` returns every item of `pk` whose `sk` starts with `prefix`, ordered by `sk`; failures are `StoreError`s.
 * A put that may have happened is found in the item only if its body says whose it is; `any` may land late, over newer ones.
 */
export interface Control {
  get(key: ControlKey): Promise<ControlItem | null>;
  put(key: ControlKey, body: string, expected: Expected): Promise<ControlPut>;
  /** At most `limit` items with `sk` > `after`. */
  list(pk: string, prefix: string, page: { after: string; limit: number }): Promise<readonly ControlItem[]>;
  remove(key: ControlKey): Promise<void>;
}

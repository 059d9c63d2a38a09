/** Requests to the control planes of Lambda and EventBridge: how they are repeated, and what their refusals tell. */
import { SluiceError, type ErrorParts } from '../../core/errors.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Hints } from '../aws-failure.ts';
import { Requests, type Limits, type Safety } from '../aws-requests.ts';

export interface ControlPlaneParts {
  readonly runtime: Pick<Runtime, 'elapsed' | 'randomHex' | 'sleep'>;
  /** Shorter in tests. */
  readonly limits?: Limits | undefined;
}

export type Options = { readonly abortSignal: AbortSignal };

const HINTS: Hints = {
  ResourceNotFoundException: 'deploy the platform again: the function, version or rule that the message names is gone',
  InvalidParameterValueException: 'correct the Kafka settings of the platform: cluster, authentication, secret, subnets and security groups',
  AliasLimitExceededException: 'cancel jobs that are not needed, or use another platform: a function has no room for more aliases',
  ServiceQuotaExceededException: 'ask for a higher quota of event source mappings, or cancel jobs that are not needed',
};

export class ControlPlane {
  readonly #requests: Requests;

  /** `place`: for messages. */
  constructor(place: string, { runtime, limits }: ControlPlaneParts) {
    this.#requests = new Requests({ runtime, place, hints: HINTS, refusal, limits });
  }

  /** `action` on `resource` is named in errors as IAM names it: `lambda:CreateAlias`. Throws CONSUMERS_REFUSED, StoreError. */
  read<T>(action: string, resource: string, send: (options: Options) => Promise<T>): Promise<T> {
    return this.#run('read', action, resource, send);
  }

  /** All that is written here meets its own first effect. */
  write<T>(action: string, resource: string, send: (options: Options) => Promise<T>): Promise<T> {
    return this.#run('repeatable', action, resource, send);
  }

  #run<T>(safety: Safety, action: string, resource: string, send: (options: Options) => Promise<T>): Promise<T> {
    return this.#requests.run({ what: `${action} on ${resource}`, safety }, (abortSignal) => send({ abortSignal }));
  }
}

const refusal = (parts: ErrorParts): SluiceError => new SluiceError('CONSUMERS_REFUSED', parts);

/** A page is at least one item; nothing here has more of them. */
const PAGES_MAX = 1000;

/** All items of a listing, by its markers. */
export async function allPages<T>(page: (marker: string | undefined) => Promise<{ readonly items: readonly T[]; readonly next: string | undefined }>): Promise<T[]> {
  const all: T[] = [];
  let marker: string | undefined;
  for (let n = 0; n < PAGES_MAX; n++) {
    const { items, next } = await page(marker);
    all.push(...items);
    if (next === undefined || next === '') return all;
    marker = next;
  }
  throw new SluiceError('INVARIANT', { message: `a listing has more than ${PAGES_MAX} pages` });
}

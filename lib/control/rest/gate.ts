/** Who is let in, and how often: all that is decided about a request before anybody looks at what it wants. */
import type { Runtime } from '../../ports/runtime.ts';
import { refusedCaller, type Caller } from './access.ts';
import { Buckets, type Rate } from './rate.ts';
import { Refusal } from './refusal.ts';
import type { Credentials, Token } from './token.ts';

export interface Visitor extends Caller, Credentials {
  /** Of the network. */
  readonly address: string;
}

/** `anonymous` sees only what says nothing of jobs. */
export type Who = 'loopback' | 'iam' | 'token' | 'anonymous';

export interface GateOptions {
  readonly runtime: Pick<Runtime, 'elapsed'>;
  /** Names of this machine beside those of its loopback interface. */
  readonly names?: readonly string[];
  /** Null: whoever can open a connection may do everything. */
  readonly token?: Token | null;
  readonly rates?: Rates;
}

export interface Rates {
  readonly ofAddress: Rate;
  readonly inAll: Rate;
}

/** A client of Flink that waits for a statement asks ten times a second; a page with all its views open, some dozens of times. */
const RATES: Rates = { ofAddress: { burst: 1000, perSecond: 300 }, inAll: { burst: 4000, perSecond: 1000 } };
/** Wrong tokens of one address: ten, then one in ten seconds. */
const ATTEMPTS: Rate = { burst: 10, perSecond: 0.1 };

const ALL = 'all';
const TOO_MANY = new Refusal(429, 'Too many requests in a short time.');
const TOO_MANY_ATTEMPTS = new Refusal(429, 'Too many wrong tokens.');
export const UNAUTHORIZED = new Refusal(401, 'Send the token of this server: `Authorization: Bearer TOKEN`. Clients of Flink take it from FLINK_REST_CLIENT_HEADERS.');
/** The answer of a login, where whoever asks shows the token elsewhere than in the head of the request. */
export const WRONG_TOKEN = new Refusal(401, 'This is not the token of the server. It is in its --token-file, or in SLUICE_TOKEN.');

export class Gate {
  readonly #names: readonly string[];
  readonly #token: Token | null;
  readonly #ofAddress: Buckets;
  readonly #inAll: Buckets;
  readonly #attempts: Buckets;

  constructor({ runtime, names = [], token = null, rates = RATES }: GateOptions) {
    this.#names = names.map((name) => name.toLowerCase());
    this.#token = token;
    this.#ofAddress = new Buckets(rates.ofAddress, runtime);
    this.#inAll = new Buckets(rates.inAll, runtime);
    this.#attempts = new Buckets(ATTEMPTS, runtime);
  }

  admit(visitor: Visitor): Who | Refusal {
    if (!this.#ofAddress.take(visitor.address) || !this.#inAll.take(ALL)) return TOO_MANY;
    return refusedCaller(visitor, this.#names) ?? this.#identify(visitor);
  }

  /** A token was wrong: here, or at a login. */
  failed(address: string): void {
    this.#attempts.take(address);
  }

  /** Who has come with wrong tokens is not even compared for a while: nobody learns which one was right. */
  #identify(visitor: Visitor): Who | Refusal {
    if (this.#token === null) return 'loopback';
    const { address, authorization } = visitor;
    if (!this.#attempts.hasLeft(address)) return TOO_MANY_ATTEMPTS;
    if (this.#token.isIn(visitor)) return 'token';
    if (authorization === undefined) return 'anonymous';
    this.failed(address);
    return UNAUTHORIZED;
  }
}

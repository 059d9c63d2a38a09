/** The secret that callers know, where others than this machine may call. Pages get a cookie for it, since their event streams cannot send headers. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { SluiceError } from '../../core/errors.ts';
import type { Runtime } from '../../ports/runtime.ts';

/** Nobody guesses so many characters of a token that was drawn. */
const CHARACTERS = /^[\x21-\x7e]{32,512}$/;
const COOKIE = 'sluice';
const COOKIE_SECONDS = 12 * 3600;

export interface Credentials {
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
}

export class Token {
  readonly #secret: string;
  readonly #runtime: Pick<Runtime, 'now'>;

  /** Throws OPTION_INVALID for what is no token. */
  constructor(secret: string, runtime: Pick<Runtime, 'now'>) {
    if (!CHARACTERS.test(secret)) {
      throw new SluiceError('OPTION_INVALID', { message: 'a token is 32 to 512 characters without spaces', hint: 'make one with: sluice token' });
    }
    this.#secret = secret;
    this.#runtime = runtime;
  }

  /** Takes as long, whatever is different. */
  matches(given: string): boolean {
    return isEqual(given, this.#secret);
  }

  /** Whether a request brings the token, or a cookie that was given for it. */
  isIn({ authorization, cookie }: Credentials): boolean {
    const [, bearer] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    return bearer === undefined ? this.#isCookie(valueOf(cookie)) : this.matches(bearer);
  }

  /** The value of `Set-Cookie` for whoever knew the token: it says until when, and is worth nothing with another token. `origin`: of the page; one that came over TLS sends it over TLS alone. */
  cookie(origin: string | undefined): string {
    const until = String(this.#runtime.now() + COOKIE_SECONDS * 1000);
    return `${setCookie(`${until}.${this.#sign(until)}`, COOKIE_SECONDS)}${origin?.startsWith('https://') === true ? '; Secure' : ''}`;
  }

  /** The value of `Set-Cookie` that takes the cookie away. */
  noCookie(): string {
    return setCookie('', 0);
  }

  #isCookie(value: string): boolean {
    const [until = '', signature = ''] = value.split('.');
    return isEqual(signature, this.#sign(until)) && Number(until) > this.#runtime.now();
  }

  #sign(until: string): string {
    return createHmac('sha256', this.#secret).update(`cookie ${until}`).digest('hex');
  }
}

const setCookie = (value: string, seconds: number): string => `${COOKIE}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict`;

/** Digests have one length, which `timingSafeEqual` asks for. */
const isEqual = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const valueOf = (cookies = ''): string => new RegExp(`(?:^|; *)${COOKIE}=([^;]*)`).exec(cookies)?.[1] ?? '';

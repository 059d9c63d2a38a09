/** What every answer says to browsers. A page says more in its own headers, or otherwise. */
import type { Content } from './content.ts';

/** Nothing of an answer is run, framed, kept, guessed at, or read by other sites. */
const HEADERS: Content['headers'] = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export const headersOf = ({ contentType, headers }: Content): Readonly<Record<string, string>> => ({ 'content-type': contentType, ...HEADERS, ...headers });

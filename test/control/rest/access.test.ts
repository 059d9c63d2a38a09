import { expect, test } from 'vitest';
import { refusedCaller } from '../../../lib/control/rest/access.ts';

const status = (method: string, host: string | undefined, origin?: string): number | null => refusedCaller({ method, host, origin })?.status ?? null;

test.each(['127.0.0.1:8081', 'localhost:8081', 'LOCALHOST', '127.0.0.1', '[::1]:8081', '127.1.2.3:1'])('who calls %s may', (host) => {
  for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) expect(status(method, host)).toBeNull();
});

test.each([undefined, '', 'evil.example:8081', '127.0.0.1.evil.example', 'localhost.evil.example:8081', 'evil.example#127.0.0.1', '10.0.0.1:8081', '0.0.0.0:8081', '127.0.0.1:8081:1', 'localhost:8081, evil.example'])(
  'a name that was made to point here gives itself away: %s',
  (host) => {
    for (const method of ['GET', 'POST']) expect(status(method, host)).toBe(403);
  },
);

test('only pages of the server itself change anything', () => {
  for (const method of ['POST', 'PATCH', 'DELETE', 'PUT']) {
    expect(status(method, '127.0.0.1:8081', 'http://127.0.0.1:8081')).toBeNull();
    for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:3000', 'http://localhost:8081', 'https://127.0.0.1:8081', '']) expect(status(method, '127.0.0.1:8081', origin)).toBe(403);
  }
  // What they read no browser gives them: the answers say nothing of other origins.
  expect(status('GET', '127.0.0.1:8081', 'http://evil.example')).toBeNull();
});

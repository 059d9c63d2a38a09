import { expect, test } from 'vitest';
import { refusedCaller } from '../../../lib/control/rest/access.ts';

const NAMES = ['sluice.example'];
const METHODS = ['GET', 'POST', 'PATCH', 'DELETE', 'PUT'];

const status = (method: string, host: string | undefined, origin?: string, names?: readonly string[]): number | null => refusedCaller({ method, host, origin }, names)?.status ?? null;

test.each(['127.0.0.1:8081', 'localhost:8081', 'LOCALHOST', '127.0.0.1', '[::1]:8081', '127.1.2.3:1'])('who calls %s may', (host) => {
  for (const method of METHODS) expect(status(method, host)).toBeNull();
});

test.each([undefined, '', 'evil.example:8081', '127.0.0.1.evil.example', 'localhost.evil.example:8081', 'evil.example#127.0.0.1', '10.0.0.1:8081', '0.0.0.0:8081', '127.0.0.1:8081:1', 'localhost:8081, evil.example'])(
  'a name that was made to point here gives itself away: %s',
  (host) => {
    for (const method of METHODS) for (const names of [[], NAMES]) expect(status(method, host, undefined, names)).toBe(403);
  },
);

test('a machine may have names, and the address that was called is one of them', () => {
  expect(status('POST', 'Sluice.Example:443', undefined, NAMES)).toBeNull();
  expect(status('POST', 'sluice.example.evil.example', undefined, NAMES)).toBe(403);
  expect(refusedCaller({ method: 'GET', host: '10.0.0.1:8081', local: '::ffff:10.0.0.1' })).toBeNull();
  expect(refusedCaller({ method: 'GET', host: '[fd00::1]:8081', local: 'fd00::1' })).toBeNull();
  expect(refusedCaller({ method: 'GET', host: '10.0.0.2:8081', local: '10.0.0.1' })?.errors[0]).toBe("Host '10.0.0.2:8081' is not this machine: call 127.0.0.1 or localhost, or name it with --rest-host.");
});

test.each(METHODS)('only pages of the server itself may %s', (method) => {
  expect(status(method, '127.0.0.1:8081', 'http://127.0.0.1:8081')).toBeNull();
  for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:3000', 'http://localhost:8081', 'https://127.0.0.1:8081', '']) expect(status(method, '127.0.0.1:8081', origin)).toBe(403);
  expect(status(method, 'sluice.example', 'https://sluice.example', NAMES)).toBeNull();
  expect(status(method, 'sluice.example', 'https://evil.example', NAMES)).toBe(403);
});

test.each([
  ['same-origin', 'cors', { GET: true, POST: true }],
  ['none', 'navigate', { GET: true, POST: true }],
  ['cross-site', 'navigate', { GET: true, POST: false }],
  ['cross-site', 'no-cors', { GET: false, POST: false }],
  ['same-site', 'cors', { GET: false, POST: false }],
])('a browser says that a request is %s, to %s', (site, mode, may) => {
  for (const [method, is] of Object.entries(may)) expect(refusedCaller({ method, host: 'localhost:8081', site, mode }) === null).toBe(is);
});

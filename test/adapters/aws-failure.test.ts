/** Whether a failed request to AWS may have happened: what the sorting rests on, case by case. */
import { expect, test } from 'vitest';
import { failureOf } from '../../lib/adapters/aws-failure.ts';

const system = (code: string, syscall: string): Error => Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
const refused = system('ECONNREFUSED', 'connect');

function answer(name: string, status: number): Error {
  const error = Object.assign(new Error('told by the test'), { $metadata: { httpStatusCode: status } });
  error.name = name;
  return error;
}

test.each<[string, unknown, 'no' | 'maybe', boolean]>([
  ['no connection', refused, 'no', true],
  ['no connection to any address of the host', Object.assign(new AggregateError([refused, refused]), { code: 'ECONNREFUSED' }), 'no', true],
  ['an unknown host', system('ENOTFOUND', 'getaddrinfo'), 'no', true],
  ['a host that vanished while the request was under way', system('EHOSTUNREACH', 'read'), 'maybe', true],
  ['a connection that was reset', system('ECONNRESET', 'read'), 'maybe', true],
  ['a damaged TLS record', system('EPROTO', 'write'), 'maybe', true],
  ['throttling', answer('ThrottlingException', 400), 'no', true],
  ['too many requests', answer('Unnamed', 429), 'no', true],
  ['a bad request', answer('ValidationException', 400), 'no', false],
  ['no permission', answer('AccessDenied', 403), 'no', false],
  ['another change of the same thing', answer('ResourceConflictException', 409), 'no', true],
  ['a change that others make', answer('ConcurrentModificationException', 400), 'no', true],
  ['a timeout that the server noticed', answer('Unnamed', 408), 'maybe', true],
  ['a failure within the server', answer('InternalServerError', 500), 'maybe', true],
  ['an overloaded server', answer('ServiceUnavailable', 503), 'maybe', true],
  ['an answer that nobody understands', answer('SyntaxError', 200), 'maybe', true],
  ['no credentials', answer('CredentialsProviderError', 0), 'no', false],
  ['no region', new Error('Region is missing'), 'no', false],
  ['what is no error', 'text', 'maybe', true],
])('%s', (_what, error, happened, isPassing) => {
  expect(failureOf(error, {})).toMatchObject({ happened, isPassing, hint: expect.stringMatching(/./) });
});

test('a hint of the service goes first', () => {
  expect(failureOf(answer('AccessDenied', 403), { AccessDenied: 'ask Anna' }).hint).toBe('ask Anna');
});

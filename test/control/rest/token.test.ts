import { expect, test } from 'vitest';
import { Token } from '../../../lib/control/rest/token.ts';
import { TestRuntime } from '../../engine/stack.ts';

const SECRET = 'k3'.repeat(16);
const HOUR = 3_600_000;

function world(): { runtime: TestRuntime; token: Token; cookie: string } {
  const runtime = new TestRuntime();
  const token = new Token(SECRET, runtime);
  return { runtime, token, cookie: token.cookie(undefined).split(';')[0] ?? '' };
}

test.each(['', 'short', 'x'.repeat(31), `${'x'.repeat(32)} `, 'ü'.repeat(40), 'x'.repeat(513)])('%j is no token', (text) => {
  expect(() => new Token(text, new TestRuntime())).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message: 'a token is 32 to 512 characters without spaces' }));
});

test('the token is brought as a bearer', () => {
  const { token } = world();
  const isIn = (authorization: string): boolean => token.isIn({ authorization, cookie: undefined });
  for (const right of [`Bearer ${SECRET}`, `bearer  ${SECRET}`]) expect(isIn(right)).toBe(true);
  for (const wrong of ['', SECRET, `Basic ${SECRET}`, 'Bearer', `Bearer ${SECRET}x`, `Bearer ${SECRET.slice(1)}`, `Bearer ${SECRET} x`]) expect(isIn(wrong)).toBe(false);
});

test('a cookie for it holds twelve hours, among others, and cannot be made without it', () => {
  const { runtime, token, cookie } = world();
  const isIn = (text: string): boolean => token.isIn({ authorization: undefined, cookie: text });
  expect(isIn(`a=b; ${cookie}; c=d`)).toBe(true);
  const [, until = '', signature = ''] = /^sluice=(\d+)\.([0-9a-f]{64})$/.exec(cookie) ?? [];
  expect(cookie).not.toContain(SECRET);
  for (const wrong of ['', 'sluice=', `xsluice=${until}.${signature}`, `sluice=${Number(until) + 1}.${signature}`, `sluice=Infinity.${signature}`, `sluice=${until}.${'0'.repeat(64)}`]) expect(isIn(wrong)).toBe(false);
  expect(new Token('x'.repeat(32), runtime).isIn({ authorization: undefined, cookie })).toBe(false);
  // Whoever sends a wrong bearer is not let in by a cookie.
  expect(token.isIn({ authorization: 'Bearer x', cookie })).toBe(false);
  runtime.advance(12 * HOUR - 1);
  expect(isIn(cookie)).toBe(true);
  runtime.advance(1);
  expect(isIn(cookie)).toBe(false);
});

test('no script sees the cookie, no other site sends it, and it can be taken away', () => {
  expect(world().token.cookie('http://10.0.0.1:8081')).toMatch(/; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  expect(world().token.cookie('https://sluice.example')).toMatch(/; HttpOnly; SameSite=Strict; Secure$/);
  expect(world().token.noCookie()).toBe('sluice=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict');
});

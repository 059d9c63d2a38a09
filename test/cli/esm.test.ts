/** What `sluice esm` refuses before it connects to anything. */
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { command } from './sluice.ts';

test.each([
  [['--port', '70000'], 'USAGE: --port 70000 is no port'],
  [['--port', 'x'], 'USAGE: --port x is no port'],
  [['--lambda-endpoint', 'localhost'], 'USAGE: --lambda-endpoint localhost is no URL'],
  [['--follow'], 'USAGE: --follow needs --lambda-endpoint'],
])('%j', async (argv, message) => {
  const { code, err } = await command(['esm', ...argv]);
  expect([code, err.split('\n')[0]]).toEqual([2, `[ERROR] ${message}`]);
});

test('a port that is taken is told', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const { code, err } = await command(['esm', '--port', port]);
  expect([code, err.split('\n')[0]]).toEqual([2, `[ERROR] USAGE: port ${port} is taken`]);
});

test('a state file that is none is told', async () => {
  const { code, err } = await command(['esm', '--port', '0', '--state', import.meta.filename]);
  expect([code, err]).toEqual([1, expect.stringMatching(/^\[ERROR\] FILE_UNREADABLE: .*esm\.test\.ts is no file of event source mappings\nhint: /)]);
});

test('brokers that are no HOST:PORT are refused as everywhere', async () => {
  const { code, err } = await command(['--kafka', 'nowhere', 'esm', '--port', '0']);
  expect(code).not.toBe(0);
  expect(err).toContain('OPTION_INVALID');
});

/** The REST API of `sluice up`: where it is served, what becomes of a port that is taken, and that it ends with the command. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ask } from '../control/rest/world.ts';
import { place, submitLab } from './sluice.ts';
import { startUp } from './up-process.ts';

/** Holds a port, unless somebody else holds it already. */
async function held(port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening').catch(() => {});
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

test('it is served while the command runs, and ends with it', async () => {
  const { dir, sluice } = place();
  const job = await submitLab(sluice);
  const running = startUp(dir, '--rest-port', '0', '--json');
  const url = /"url":"(http:\/\/127\.0\.0\.1:\d+)"/.exec(await running.says('"kind":"rest"'))?.[1] ?? '';
  expect(JSON.parse((await ask(url, { path: '/v1/jobs' })).text)).toEqual({ jobs: [{ id: job, status: 'RUNNING' }] });
  expect(await running.end()).toBe(0);
  await expect(ask(url, { path: '/v1/jobs' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a port that was named and is taken is an error', async () => {
  const { sluice } = place();
  const port = await held(0);
  const { code, err } = await sluice('up', '--once', '--rest-port', String(port));
  expect(code).toBe(1);
  expect(err).toBe(`[ERROR] OPTION_INVALID: the REST API cannot be served on 127.0.0.1:${port}: the port is taken\nhint: name another port with --rest-port, where 0 is any free one, or --no-rest`);
});

test('jobs run all the same where the default port is taken, with a warning', async () => {
  const { dir, sluice } = place();
  const job = await submitLab(sluice);
  await held(8081);
  const running = startUp(dir);
  expect(await running.says(`${job}  running`)).not.toContain('REST API is served');
  expect(await running.end()).toBe(0);
  expect(await running.errors).toContain('[WARN] the REST API cannot be served on 127.0.0.1:8081: the port is taken\nhint: name another port with --rest-port');
});

test('a token that is none is an error, whatever the port', async () => {
  const { sluice, file } = place();
  const { code, err } = await sluice('up', '--token-file', file('token', 'too short\n'));
  expect({ code, err }).toEqual({ code: 1, err: '[ERROR] OPTION_INVALID: a token is 32 to 512 characters without spaces\nhint: make one with: sluice token' });
});

test.each([{ words: ['--no-rest'] }, { words: ['--once'] }])('$words serves none', async ({ words }) => {
  const { dir, sluice } = place();
  await submitLab(sluice);
  const running = startUp(dir, ...words, '--json');
  expect(await running.says('"kind":"hosting"')).not.toContain('"kind":"rest"');
  await running.end();
  expect(await running.errors).toBe('');
});

test.each(['65536', '-1', 'x', ''])('%j is no port', async (port) => {
  const { sluice } = place();
  const { code, err } = await sluice('up', '--rest-port', port);
  expect(code).toBe(2);
  expect(err).toContain('It is a number from 0 to 65535.');
});

/** The REST API of `sluice up`: where it is served, what becomes of a port that is taken, and that it ends with the command. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { ask } from '../control/rest/world.ts';
import { place, ROOT, submitLab } from './sluice.ts';

interface Up {
  readonly process: ChildProcess;
  /** What it printed until it said this. */
  says(what: string): Promise<string>;
  readonly errors: Promise<string>;
}

function up(dir: string, ...words: string[]): Up {
  const process = spawn(globalThis.process.execPath, [`${ROOT}bin/sluice.ts`, '--dir', dir, 'up', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  process.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
  onTestFinished(() => void process.kill('SIGKILL'));
  const says = async (what: string): Promise<string> => {
    while (!printed.includes(what)) await once(process.stdout, 'data');
    return printed;
  };
  return { process, says, errors: text(process.stderr) };
}

async function end({ process }: Up): Promise<unknown> {
  const ended = once(process, 'exit');
  process.kill('SIGTERM');
  return (await ended)[0];
}

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
  const running = up(dir, '--rest-port', '0', '--json');
  const url = /"url":"(http:\/\/127\.0\.0\.1:\d+)"/.exec(await running.says('"kind":"rest"'))?.[1] ?? '';
  expect(JSON.parse((await ask(url, { path: '/v1/jobs' })).text)).toEqual({ jobs: [{ id: job, status: 'RUNNING' }] });
  expect(await end(running)).toBe(0);
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
  const running = up(dir);
  expect(await running.says(`${job}  running`)).not.toContain('REST API is served');
  expect(await end(running)).toBe(0);
  expect(await running.errors).toContain('[WARN] the REST API cannot be served on 127.0.0.1:8081: the port is taken\nhint: name another port with --rest-port');
});

test.each([{ words: ['--no-rest'] }, { words: ['--once'] }])('$words serves none', async ({ words }) => {
  const { dir, sluice } = place();
  await submitLab(sluice);
  const running = up(dir, ...words, '--json');
  expect(await running.says('"kind":"hosting"')).not.toContain('"kind":"rest"');
  await end(running);
  expect(await running.errors).toBe('');
});

test.each(['65536', '-1', 'x', ''])('%j is no port', async (port) => {
  const { sluice } = place();
  const { code, err } = await sluice('up', '--rest-port', port);
  expect(code).toBe(2);
  expect(err).toContain('It is a number from 0 to 65535.');
});

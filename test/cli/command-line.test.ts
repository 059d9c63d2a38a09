import { expect, test } from 'vitest';
import { command, place, spawned } from './sluice.ts';

test('a wrong command line exits with 2 and says what is wrong', async () => {
  for (const argv of [['nosuch'], ['list', '--bogus'], ['describe'], ['topic', 'create', 'x', '--partitions', 'many'], ['savepoint']]) {
    const { code, err } = await command(argv);
    expect(code, argv.join(' ')).toBe(2);
    expect(err).toMatch(/^\[ERROR\] USAGE: /);
  }
  expect((await command([])).code).toBe(2);
  expect((await command(['sql'])).err).toContain('name a file with -f');
});

test('help and version exit with 0', async () => {
  expect(await command(['--version'])).toMatchObject({ code: 0, out: '0.1.0' });
  const { code, out } = await command(['savepoint', '--help']);
  expect(code).toBe(0);
  expect(out).toContain('--dispose <savepoint>');
  expect(out).toContain('--dir');
});

test('a directory without a store is refused, and not made', async () => {
  const { dir } = place();
  const { code, err } = await command(['list', '--dir', dir]);
  expect(code).toBe(1);
  expect(err).toContain('FILE_UNREADABLE');
});

test('--dir and --json stand before or after the arguments of a command', async () => {
  const { dir } = place();
  const created = JSON.stringify({ topic: 'a', partitions: 2 });
  expect(await command(['--dir', dir, '--json', 'topic', 'create', 'a', '--partitions', '2'])).toMatchObject({ code: 0, out: created });
  for (const argv of [['--json', 'topic', 'list', '--dir', dir], ['topic', '--dir', dir, 'list', '--json']]) {
    expect((await command(argv)).out).toBe('{"topic":"a","partitions":2}');
  }
});

test('errors are one JSON object with --json', async () => {
  const { sluice } = place();
  await sluice('topic', 'create', 'a');
  const { err } = await sluice('topic', 'create', 'a', '--json');
  expect(JSON.parse(err)).toMatchObject({ error: { code: 'TOPIC_EXISTS' } });
});

test('in a process of its own, the command prints nothing that is not its own', async () => {
  const { dir } = place();
  expect(await spawned('topic', 'create', 'a', '--dir', dir)).toEqual({ code: 0, out: 'Created topic a.\n', err: '' });
  const failed = await spawned('describe', 'f', '--dir', dir);
  expect(failed).toEqual({ code: 1, out: '', err: '[ERROR] JOB_UNKNOWN: there is no job f\nhint: see `sluice list -a`\n' });
});

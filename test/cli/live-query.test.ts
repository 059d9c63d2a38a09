/** A SELECT in streaming mode, from the command line. */
import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { place, ROOT } from './sluice.ts';

const TABLES = `CREATE TABLE votes (choice STRING) WITH ('connector' = 'kafka', 'topic' = 'votes', 'properties.bootstrap.servers' = 'k:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
  CREATE TABLE made (id INT) WITH ('connector' = 'datagen', 'rows-per-second' = '1000', 'fields.id.min' = '7', 'fields.id.max' = '8');`;

test('a changelog as Flink prints it, and as JSON lines, of a table to its present end; no job is left', async () => {
  const { sluice, file } = place();
  await sluice('topic', 'create', 'votes');
  await sluice('topic', 'produce', 'votes', '-f', file('votes.jsonl', '{"choice":"yes"}\n{"choice":"no"}\n{"choice":"yes"}\n'));
  const query = `SELECT choice, COUNT(*) AS c FROM votes /*+ OPTIONS('scan.bounded.mode' = 'latest-offset') */ GROUP BY choice`;
  const { out, err } = await sluice('sql', '-i', file('init.sql', TABLES), '-e', query);
  expect(err).toBe('');
  expect(out.split('\n')).toEqual([
    '+----+--------------------------------+----------------------+',
    '| op |                         choice |                    c |',
    '+----+--------------------------------+----------------------+',
    '| +I |                            yes |                    1 |',
    '| +I |                             no |                    1 |',
    '| -U |                            yes |                    1 |',
    '| +U |                            yes |                    2 |',
    '+----+--------------------------------+----------------------+',
    'Received a total of 4 rows',
  ]);
  const lines = (await sluice('sql', '--json', '-i', file('init.sql', TABLES), '-e', query)).out.split('\n');
  expect(lines.at(-1)).toBe('{"op":"+U","choice":"yes","c":2}');
  expect((await sluice('list', '-a', '--json')).out).toBe('');
});

test('Ctrl-C ends the query in order', async () => {
  const { dir, file } = place();
  const child = spawn(process.execPath, [`${ROOT}bin/sluice.ts`, '--dir', dir, 'sql', '-i', file('init.sql', TABLES), '-e', 'SELECT id FROM made'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString();
    // A second signal would end the process.
    if (out.includes('+I') && !child.killed) child.kill('SIGINT');
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(code).toBe(0);
  expect(out).toMatch(/\| \+I \| {11}[78] \|/);
  expect(out).toMatch(/Query terminated, received a total of \d+ rows?\n/);
});

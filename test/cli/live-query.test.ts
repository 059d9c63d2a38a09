/** A SELECT in streaming mode, from the command line. */
import { expect, test } from 'vitest';
import type { Console } from '../../lib/cli/console.ts';
import { run } from '../../lib/cli/main.ts';
import { place } from './sluice.ts';

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
  const out: string[] = [];
  const console: Console = {
    out: (line) => {
      out.push(line);
      // A second signal would end the process.
      if (out.length === 4) process.emit('SIGINT');
    },
    err: (line) => out.push(line),
    progress: () => {},
    input: async () => null,
    terminal: () => null,
  };
  expect(await run(['--dir', dir, 'sql', '-i', file('init.sql', TABLES), '-e', 'SELECT id FROM made'], console)).toBe(0);
  expect(out[3]).toMatch(/^\| \+I \| {11}[78] \|$/);
  expect(out.at(-1)).toMatch(/^Query terminated, received a total of \d+ rows?$/);
});

test.each(['streaming', 'batch'])('instants are shown in the zone of the session: %s', async (mode) => {
  const { sluice } = place();
  const instant = mode === 'batch' ? "TIMESTAMPTZ '1970-01-01 00:00:01+00'" : 'TO_TIMESTAMP_LTZ(1000, 3)';
  const { out } = await sluice('sql', '-e', `SET 'execution.runtime-mode' = '${mode}'; SET 'table.local-time-zone' = 'GMT+09:00'; SELECT ${instant} AS at_once`);
  expect(out).toContain(' 1970-01-01 09:00:01.000');
});

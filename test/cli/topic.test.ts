import { expect, test } from 'vitest';
import { command, place } from './sluice.ts';

test('records go in and come out, round robin or to one partition', async () => {
  const { sluice, file, dir } = place();
  await sluice('topic', 'create', 't', '--partitions', '2');
  const path = file('records.jsonl', '{"a":1}\n{"a":2}\n\n{"a":3}\n');
  expect((await sluice('topic', 'produce', 't', '-f', path)).out).toBe('Produced 3 records to topic t.');
  expect((await command(['--dir', dir, 'topic', 'produce', 't', '--partition', '1'], '{"a":4}')).out).toBe('Produced 1 record to topic t.');
  expect((await sluice('topic', 'consume', 't')).out.split('\n')).toEqual(['{"a":1}', '{"a":3}', '{"a":2}', '{"a":4}']);
  const json = (await sluice('topic', 'consume', 't', '--partition', '1', '--json')).out.split('\n');
  expect(json.map((line) => JSON.parse(line))).toEqual([
    { partition: 1, offset: 0, value: '{"a":2}' },
    { partition: 1, offset: 8, value: '{"a":4}' },
  ]);
});

test('what is not there is an error', async () => {
  const { sluice } = place();
  await sluice('topic', 'create', 't');
  expect((await sluice('topic', 'consume', 'u')).err).toContain('TOPIC_UNKNOWN');
  expect((await sluice('topic', 'consume', 't', '--partition', '5')).err).toContain('has no partition 5');
  expect((await sluice('topic', 'produce', 't', '-f', '/no/such/file')).err).toContain('FILE_UNREADABLE');
  expect((await sluice('topic', 'produce', 't')).code).toBe(2);
});

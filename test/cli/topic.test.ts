import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { offset } from '../../lib/core/numbers.ts';
import { openEmbedded } from '../../lib/place/embedded.ts';
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

test('a topic is deleted with its records and the offsets of its groups; another one may take its name', async () => {
  const { sluice, file, dir } = place();
  await sluice('topic', 'create', 't');
  await sluice('topic', 'produce', 't', '-f', file('records.jsonl', '{"a":1}\n'));
  const ports = openEmbedded(dir, { create: false });
  await ports.offsets.commit('g', 't', 0, offset(8));
  const [before, group] = [(await ports.source.topic('t'))?.id, (): Promise<number | null> => ports.offsets.committed('g', 't', 0)];
  expect(await group()).toBe(8);
  expect((await sluice('topic', 'delete', 't')).out).toBe('Deleted topic t.');
  expect(await ports.source.topic('t')).toBeNull();
  expect(await group()).toBeNull();
  expect((await sluice('topic', 'delete', 't')).err).toContain('TOPIC_UNKNOWN');
  await sluice('topic', 'create', 't');
  expect(await ports.source.topic('t')).toMatchObject({ id: expect.not.stringMatching(before ?? '-'), partitions: [{ end: 0 }] });
  ports.close();
  expect(readdirSync(join(dir, 'topics'))).toEqual(['t']);
});

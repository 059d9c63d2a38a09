/** Jobs by hand: each command a call of its own, `up --once` in between. */
import { expect, test } from 'vitest';
import { LAB, place, submitLab } from './sluice.ts';

const event = (id: string, time: string): string => JSON.stringify({ event_id: id, event_type: 'click', event_time: `2025-12-30T${time}` });
const COUNT = 'SELECT count(*)::INT AS n, sum(event_count)::INT AS events FROM iceberg_catalog.demo.savepoint_test';

test('stop, resume from the savepoint and from the last state, fork with the same savepoint', async () => {
  const { sluice, dir } = place();
  const job = await submitLab(sluice);
  await sluice('topic', 'produce', 'savepoint-events', '-f', `${LAB}1-before.jsonl`);
  expect((await sluice('up', '--once')).code).toBe(0);

  const stopped = await sluice('stop', job.slice(0, 8));
  const path = /^Savepoint completed\. Path: (.*)$/m.exec(stopped.out)?.[1] ?? '';
  expect(path).toMatch(new RegExp(`^${dir}/savepoints/savepoint-${job.slice(0, 6)}-[0-9a-f]{12}$`));
  expect((await sluice('list')).out).toBe('No running jobs.');
  expect((await sluice('list', '-a')).out).toContain(`${job} : insert-into_iceberg_catalog.demo.savepoint_test (FINISHED)`);

  expect((await sluice('resume', job, '--from', `file:${path}`)).out).toBe(`Resumed job ${job} from ${path}.`);
  expect((await sluice('cancel', job)).out).toContain(`Cancelled job ${job}.`);
  expect((await sluice('cancel', job)).err).toContain('JOB_STATE');
  expect((await sluice('resume', job, '-f', `${LAB}6-resume.sql`)).out).toContain('from its last state');

  const fork = await sluice('sql', '-e', `SET 'execution.state-recovery.path' = '${path}'`, '-f', `${LAB}6-resume.sql`);
  const forked = /Job ID: (.*)/.exec(fork.out)?.[1] ?? '';
  for (const file of ['2-while-stopped', '3-close']) await sluice('topic', 'produce', 'savepoint-events', '-f', `${LAB}${file}.jsonl`);
  expect((await sluice('up', '--once')).code).toBe(0);
  // Both jobs write the four rows behind the savepoint; the first two come from before it.
  expect((await sluice('query', COUNT, '--json')).out).toBe('{"n":10,"events":11}');
  expect(JSON.parse((await sluice('describe', forked, '--json')).out)).toMatchObject({ lineage: [job], state: { sources: [{ holder: '0.0.0' }] } });
});

test('a savepoint lies where the command, the job or the data directory says, can be queried, and disposed of', async () => {
  const { sluice, dir } = place();
  const job = await submitLab(sluice);
  await sluice('topic', 'produce', 'savepoint-events', '-f', `${LAB}1-before.jsonl`);
  await sluice('up', '--once');
  const { out } = await sluice('savepoint', job, `${dir}/elsewhere`, '--json');
  const { path }: { path: string } = JSON.parse(out);
  expect(path.startsWith(`${dir}/elsewhere/savepoint-`)).toBe(true);

  const described = JSON.parse((await sluice('describe', job, '--json')).out);
  expect(described.savepoints[0].path).toBe(path);
  expect(described.state.operators[0].windows).toHaveLength(1);
  const { uid } = described.state.operators[0];
  const rows = await sluice('query', `SELECT key.event_type AS type, value.rows::INT AS n FROM savepoint('${path}', '${uid}', 'acc')`, '--json');
  expect(rows.out).toBe('{"type":"click","n":1}');

  expect((await sluice('savepoint', '--dispose', `${path}/_metadata`)).code).toBe(0);
  expect((await sluice('savepoint', '-d', path)).err).toContain('SAVEPOINT_NOT_FOUND');
  const refused = await sluice('sql', '-e', `SET 'execution.savepoint.path' = '${path}'`, '-i', `${LAB}0-catalog.sql`, '-f', `${LAB}6-resume.sql`);
  expect(refused.err).toContain('SAVEPOINT_NOT_FOUND');
});

test('a savepoint directory that cannot be written is refused, and the job goes on', async () => {
  const { sluice, file } = place();
  const job = await submitLab(sluice);
  const blocked = file('blocked', '');
  for (const argv of [['savepoint', job, `${blocked}/x`], ['stop', job, '-p', `${blocked}/x`]]) {
    expect((await sluice(...argv)).err).toContain('SAVEPOINT_UNWRITABLE');
  }
  expect((await sluice('list')).out).toContain('(RUNNING)');
});

test('a malformed record holds its partition: list, describe and up say which and why', async () => {
  const { sluice, file } = place();
  const job = await submitLab(sluice, 2);
  await sluice('topic', 'produce', 'savepoint-events', '--partition', '1', '-f', file('bad', `${event('a', '10:00:00')}\n{"event_id":\n`));
  await sluice('topic', 'produce', 'savepoint-events', '--partition', '0', '-f', file('good', event('b', '10:05:00')));
  const up = await sluice('up', '--once');
  expect(up.code).toBe(1);
  expect(up.err).toContain('RECORD_MALFORMED');
  const at = `savepoint-events-1 at offset ${event('a', '10:00:00').length + 1}: RECORD_MALFORMED`;
  const list = await sluice('list');
  expect(list.out).toContain('(RESTARTING)');
  expect(list.out).toContain(at);
  const described = await sluice('describe', job.slice(0, 4));
  expect(described.out).toContain(at);
  expect(described.out).toContain('watermark 2025-12-30 09:59:55.000, held by savepoint-events-1');
});

/** Bad records in a table of their own, and sinks that take no rows for a while: what a user types, and what is shown. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { labRecord } from '../engine/lab-plan.ts';
import { Shop, until } from './shop.ts';

const MALFORMED = '{"event_type": "click", "event_time';
const GOOD = [labRecord('click', 1), labRecord('view', 2)];
const AFTER = [labRecord('click', 3), labRecord('click', 70)];
const bytes = (lines: readonly string[]): number => Buffer.byteLength(`${lines.join('\n')}\n`);

const dlq = (shop: Shop): string => `
CREATE TABLE dead (topic STRING, \`partition\` INT, \`offset\` BIGINT, \`key\` BYTES, \`value\` STRING, error STRING, job STRING, \`at\` TIMESTAMP_LTZ(3))
WITH ('connector' = 'filesystem', 'path' = '${join(shop.home, 'dead')}', 'format' = 'json');
SET 'sluice.on-record-error' = 'dlq';
SET 'sluice.dead-letter-table' = 'dead';
${shop.sql()}`;

const letters = (shop: Shop): Record<string, unknown>[] => {
  const dir = join(shop.home, 'dead');
  const lines = (existsSync(dir) ? readdirSync(dir) : []).flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n'));
  return lines.filter((line) => line !== '').map((line): Record<string, unknown> => JSON.parse(line)).sort((a, b) => Number(a['offset']) - Number(b['offset']));
};

test('bad records go to the table, windows go on without them, and `describe` and `list` count them', async () => {
  const shop = new Shop();
  await shop.topic();
  const job = await shop.submit(dlq(shop));
  await shop.produce([...GOOD, MALFORMED, '{"event_type": "click"}', ...AFTER]);
  expect(await shop.up()).toEqual([]);
  const first = bytes(GOOD);
  const second = bytes([...GOOD, MALFORMED]);
  expect(letters(shop)).toMatchObject([
    { topic: 'events', partition: 0, offset: first, key: null, value: MALFORMED, job, error: expect.stringMatching(/^RECORD_MALFORMED: /), at: expect.stringMatching(/Z$/) },
    { offset: second, value: '{"event_type": "click"}', error: expect.stringMatching(/^ROWTIME_NULL: /) },
  ]);
  for (const text of [await shop.sluice('list'), await shop.sluice('describe', job)]) {
    expect(text).toContain('2 dead letters, the last one');
    expect(text).toContain(`events-0 at offset ${second}: ROWTIME_NULL`);
    expect(text).toContain('RUNNING');
  }
  expect(await shop.sluice('describe', job)).toContain('To the dead-letter table: 2 bad records');
  expect(await shop.describe(job)).toMatchObject({ deadLetters: { count: 2, last: { offset: second, code: 'ROWTIME_NULL' } }, state: { sources: [{ partitions: [{ deadLetters: 2, skipped: 0 }] }] } });
  await shop.sluice('stop', job, '--drain');
  expect(shop.rows()).toEqual(['10:00|click|2', '10:00|view|1', '10:01|click|1']);
  expect(letters(shop)).toHaveLength(2);
});

test('a dead-letter table that does not fit is refused, and nothing is created', async () => {
  const shop = new Shop();
  await shop.topic();
  const set = (table: string): string => dlq(shop).replace("= 'dead';", `= '${table}';`);
  expect(await shop.refused('OPTION_INVALID', 'sql', '-e', set('counts'))).toContain("has no column 'topic'");
  expect(await shop.refused('OPTION_INVALID', 'sql', '-e', set('ded'))).toContain("Did you mean 'dead'?");
  expect(await shop.refused('OPTION_INVALID', 'sql', '-e', `SET 'sluice.on-record-error' = 'dlq'; ${shop.sql()}`)).toContain('no table takes the records');
});

test('a table that takes no rows is named, with what is wrong, until it takes them; the dead letters of the same FIRE are written meanwhile', async () => {
  const shop = new Shop();
  await shop.topic();
  const job = await shop.submit(dlq(shop));
  const table = join(shop.home, 'counts');
  writeFileSync(table, 'a file where the directory was');
  const runner = shop.start();
  await shop.produce([...GOOD, MALFORMED, ...AFTER]);
  const told = await until(() => shop.describe(job), ({ sinkErrors }) => sinkErrors.length > 0);
  expect(told).toMatchObject({ status: 'RUNNING', failure: null, sinkErrors: [{ sink: 'sink-counts', table: 'default_catalog.default_database.counts', code: 'SINK_UNAVAILABLE', message: expect.stringContaining(table) }] });
  for (const text of [await shop.sluice('list'), await shop.sluice('describe', job)]) {
    expect(text).toMatch(/default_database\.counts \[uid sink-counts\] since .*: SINK_UNAVAILABLE: cannot write the table/);
    expect(text).toContain('hint: make the place writable');
  }
  await until(async () => letters(shop), (rows) => rows.length === 1);
  rmSync(table);
  await until(async () => shop.rows(), (rows) => rows.length >= 2);
  expect(shop.rows()).toEqual(['10:00|click|2', '10:00|view|1']);
  await until(() => shop.describe(job), ({ sinkErrors }) => sinkErrors.length === 0);
  expect(letters(shop)).toHaveLength(1);
  await runner.stop();
});

/** A statement that is changed while its windows are open, from the text of the SQL to the rows of the sink (protocol V4). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { labRecord } from '../engine/lab-plan.ts';
import { Shop } from './shop.ts';

const record = (type: string, second: number, amount: number): string => JSON.stringify({ ...JSON.parse(labRecord(type, second)), amount });

/** The job with other aggregates; those of the select list have the names of the columns. */
function sqlOf(shop: Shop, aggregates: readonly (readonly [column: string, type: string, sql: string])[], amount = 'INT'): string {
  const items = aggregates.map(([column, , sql]) => `${sql} AS ${column}`).join(', ');
  const select = `INSERT INTO counts SELECT window_start, event_type, ${items}
    FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(event_time), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, event_type`;
  const columns = aggregates.map(([column, type]) => `${column} ${type}`).join(', ');
  return shop.sql({ select, columns: ` amount ${amount},` }).replace('event_count BIGINT', columns);
}

/** Rows of the table `counts` without their window, sorted. */
function rowsOf(shop: Shop): unknown[] {
  const dir = join(shop.home, 'counts');
  const lines = readdirSync(dir).filter((name) => name.endsWith('.ndjson')).flatMap((name) => readFileSync(join(dir, name), 'utf8').trim().split('\n'));
  const rows = lines.sort().map((line): Record<string, unknown> => JSON.parse(line));
  return rows.map(({ window_start: _window, ...row }) => row);
}

const COUNT = ['event_count', 'BIGINT', 'COUNT(*)'] as const;
const AVERAGE = ['mean', 'INT', 'AVG(amount)'] as const;
const TOTAL = ['total', 'INT', 'SUM(amount)'] as const;
const PRESENT = ['present', 'BIGINT', 'COUNT(amount)'] as const;

async function stopped(aggregates: Parameters<typeof sqlOf>[1]): Promise<{ shop: Shop; job: string; path: string }> {
  const shop = new Shop();
  await shop.topic();
  const job = await shop.submit(sqlOf(shop, aggregates));
  await shop.produce([record('click', 1, 10), record('click', 2, 20), record('view', 3, 5)]);
  expect(await shop.up()).toEqual([]);
  return { shop, job, path: /Path: (.*)$/m.exec(await shop.sluice('stop', job))?.[1] ?? '' };
}

async function finish(shop: Shop): Promise<unknown[]> {
  await shop.produce([record('click', 40, 30), record('end', 90, 0)]);
  expect(await shop.up()).toEqual([]);
  return rowsOf(shop);
}

describe.each(['savepoint', 'last state'])('sluice resume -f from the %s', (from) => {
  test('with one more SUM and COUNT(column), under other aliases: the open window keeps its counts', async () => {
    const { shop, job, path } = await stopped([COUNT, AVERAGE]);
    const file = shop.file('more.sql', sqlOf(shop, [PRESENT, ['n', 'BIGINT', 'COUNT(*)'], TOTAL, ['average', 'INT', 'AVG(amount)']]));
    const resumed = await shop.sluice('resume', job, '-f', file, ...(from === 'savepoint' ? ['--from', path] : []));
    expect(resumed).not.toContain('Dropped state');
    expect(await finish(shop)).toEqual([
      { event_type: 'click', present: 1, n: 3, total: 30, average: 20 },
      { event_type: 'view', present: 0, n: 1, total: null, average: 5 },
    ]);
  });

  test('with a column that has become wider: sums go on', async () => {
    const { shop, job, path } = await stopped([COUNT, TOTAL]);
    const file = shop.file('wider.sql', sqlOf(shop, [['total', 'BIGINT', 'SUM(amount)'], COUNT], 'BIGINT'));
    await shop.sluice('resume', job, '-f', file, ...(from === 'savepoint' ? ['--from', path] : []));
    await shop.produce([record('click', 4, 3_000_000_000)]);
    expect(await finish(shop)).toEqual([
      { event_type: 'click', total: 3_000_000_060, event_count: 4 },
      { event_type: 'view', total: 5, event_count: 1 },
    ]);
  });

  test('with a column that has become text: refused, with the reason', async () => {
    const { shop, job, path } = await stopped([COUNT, ['most', 'INT', 'MAX(amount)']]);
    const file = shop.file('text.sql', sqlOf(shop, [COUNT, ['most', 'STRING', 'MAX(amount)'], PRESENT], 'STRING'));
    const text = await shop.refused('STATE_INCOMPATIBLE', 'resume', job, '-f', file, '--allow-non-restored-state', ...(from === 'savepoint' ? ['--from', path] : []));
    expect(text).toMatch(/^ {2}incompatible {2}tumble-event_type-[0-9a-f]{12}\.acc: its MAX\(amount\) was MAX INT, and would be MAX STRING$/m);
  });
});

/** `sluice deploy` and `sluice plan`: a job becomes what its script says, and what that would do to its state is told before. */
import { describe, expect, test } from 'vitest';
import { Shop } from './shop.ts';
import { openStackWorld } from './stack.ts';

const NAME = "SET 'pipeline.name' = 'clicks';\n";
const WINDOWS = "FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(event_time), INTERVAL '1' MINUTE))";
const BY_SHOP = `INSERT INTO counts SELECT window_start, CAST(shop AS STRING), COUNT(*) ${WINDOWS} GROUP BY window_start, window_end, shop`;
const FILTERED = BY_SHOP.replace(' GROUP', ' WHERE shop > 1 GROUP');
/** Another aggregation: its state has another name. */
const ALL = `INSERT INTO counts SELECT window_start, 'all', COUNT(*) ${WINDOWS} GROUP BY window_start, window_end`;

async function openShop(): Promise<Shop> {
  const shop = new Shop();
  await shop.topic();
  return shop;
}

const script = (shop: Shop, select: string, name = NAME): string => shop.file('job.sql', name + shop.sql({ select, columns: ' shop INT,' }));
/** The same keys, of another type. */
const otherType = (shop: Shop): string => shop.file('other.sql', NAME + shop.sql({ select: BY_SHOP, columns: ' shop BIGINT,' }));
const idIn = (text: string): string => /[0-9a-f]{32}/.exec(text)?.[0] ?? 'no job';

test('creates the job, then changes nothing, then upgrades it with its state', async () => {
  const shop = await openShop();
  const created = await shop.sluice('deploy', script(shop, BY_SHOP));
  const job = idIn(created);
  expect(created).toBe(`Created job ${job}: clicks`);
  expect(await shop.sluice('deploy', script(shop, BY_SHOP))).toBe(`Nothing to change in job ${job}: clicks`);
  const upgraded = JSON.parse(await shop.sluice('deploy', script(shop, FILTERED), '--json'));
  expect(upgraded).toEqual({ job, name: 'clicks', action: 'upgrade', savepoint: expect.stringContaining(`${shop.dir}/savepoints/savepoint-`), dropped: [] });
  expect(JSON.parse(await shop.sluice('describe', job, '--json'))).toMatchObject({ status: 'RUNNING', generation: 1, restored: { from: upgraded.savepoint } });
});

test('an aggregate more: the counts of open windows go on', async () => {
  const shop = await openShop();
  const event = (time: string): string => JSON.stringify({ shop: 7, event_type: 'click', event_time: `2025-12-30T${time}` });
  const job = idIn(await shop.sluice('deploy', script(shop, BY_SHOP)));
  await shop.produce([event('10:00:01'), event('10:00:02'), event('10:00:03')]);
  await shop.up();
  const sql = shop.sql({ select: BY_SHOP.replace('COUNT(*)', 'COUNT(*), MAX(shop)'), columns: ' shop INT,' });
  const more = shop.file('more.sql', NAME + sql.replace('event_count BIGINT', 'event_count BIGINT, highest INT'));
  expect(await shop.sluice('plan', '--diff', job, more)).toMatch(/: compatible\n[^]*\n {2}evolved {7}tumble-shop-\S+\.acc: new aggregate /);
  expect(await shop.sluice('deploy', more)).toContain(`Upgraded job ${job}`);
  await shop.produce([event('10:00:04'), event('10:05:00')]);
  await shop.up();
  expect(shop.rows()).toEqual(['10:00|7|4']);
});

test('a plan that cannot take over the state is refused, and the job goes on as it was', async () => {
  const shop = await openShop();
  await shop.sluice('deploy', script(shop, BY_SHOP));
  expect(await shop.refused('STATE_INCOMPATIBLE', 'deploy', otherType(shop))).toContain('  incompatible  tumble-shop-');
});

test('state without a place is dropped where that is allowed', async () => {
  const shop = await openShop();
  const job = idIn(await shop.sluice('deploy', script(shop, BY_SHOP)));
  await shop.refused('STATE_INCOMPATIBLE', 'deploy', script(shop, ALL));
  const text = await shop.sluice('deploy', '--allow-non-restored-state', '-p', `${shop.home}/elsewhere`, script(shop, ALL));
  expect(text).toMatch(new RegExp(`^Upgraded job ${job} with savepoint ${shop.home}/elsewhere/savepoint-\\S+: clicks\nDropped state: \\S+\\.acc$`));
  expect(await shop.refused('STATE_INCOMPATIBLE', 'deploy', script(shop, BY_SHOP))).toMatch(new RegExp(`\nhint: go back to before the upgrade, .*: sluice resume ${job.slice(0, 8)} --from ${shop.home}/elsewhere/savepoint-\\S+, with`));
});

test('a job that has ended is none: another one is created, also from a savepoint', async () => {
  const shop = await openShop();
  const job = idIn(await shop.sluice('deploy', script(shop, BY_SHOP)));
  const { path }: { path: string } = JSON.parse(await shop.sluice('stop', job, '--json'));
  const text = await shop.sluice('deploy', script(shop, FILTERED), '--savepoint', path);
  expect(text).toMatch(new RegExp(`^Created job (?!${job})[0-9a-f]{32}: clicks, from ${path}$`));
  const said = await shop.type('deploy', script(shop, FILTERED), '--savepoint', path);
  const there = idIn(text);
  expect(said).toEqual({
    code: 2,
    out: '',
    err: `[ERROR] USAGE: --savepoint is where a new job begins, but job ${there} is named 'clicks' already\nhint: go back to a savepoint with: sluice resume ${there.slice(0, 8)} --from ${path}`,
  });
});

test('--name names the job; definitions may stand in files of their own', async () => {
  const shop = await openShop();
  const tables = shop.file('tables.sql', shop.sql({ select: '', columns: ' shop INT,' }));
  const job = idIn(await shop.sluice('deploy', '-i', tables, shop.file('job.sql', BY_SHOP), '--name', 'mine'));
  expect(await shop.sluice('deploy', script(shop, BY_SHOP, "SET 'pipeline.name' = 'mine';\n"))).toBe(`Nothing to change in job ${job}: mine`);
});

test('an INSERT more in a script without a name: which job is meant is not guessed', async () => {
  const shop = await openShop();
  const job = idIn(await shop.sluice('deploy', script(shop, BY_SHOP, '')));
  const more = shop.file('more.sql', `${shop.sql({ select: '', columns: ' shop INT,' })} CREATE TABLE totals (n BIGINT) WITH ('connector' = 'blackhole');
    EXECUTE STATEMENT SET BEGIN INSERT INTO totals SELECT COUNT(*) ${WINDOWS} WHERE shop = 3 GROUP BY window_start, window_end; ${BY_SHOP}; END;`);
  const name = 'insert-into_default_catalog.default_database.counts';
  expect(await shop.refused('USAGE', 'deploy', more)).toContain(`job ${job} ('${name}') writes one of its tables already`);
  expect(await shop.sluice('deploy', more, '--name', name, '--allow-non-restored-state')).toContain(`Upgraded job ${job}`);
  expect(await shop.sluice('deploy', more, '--name', 'another')).toContain('Created job');
});

test('several jobs of one name: which is meant is not guessed', async () => {
  const shop = await openShop();
  const jobs = [await shop.submit(NAME + shop.sql()), await shop.submit(NAME + shop.sql())];
  const text = await shop.refused('JOB_STATE', 'deploy', script(shop, BY_SHOP));
  expect(text).toMatch(/^\[ERROR\] JOB_STATE: 2 jobs are named 'clicks': [0-9a-f]{32}, [0-9a-f]{32}\nhint: cancel those that are not meant, or choose another name$/);
  for (const job of jobs) expect(text).toContain(job);
});

test('a mistake in the script is located in its file, and nothing is touched', async () => {
  const shop = await openShop();
  const file = shop.file('job.sql', 'CREATE TABLE t (a STRING)\nINSERT INTO t SELECT 1;');
  expect((await shop.type('deploy', file)).err).toMatch(new RegExp(`^\\[ERROR\\] SQL_PARSE: Encountered "INSERT" at line 2, [^]*\n  at ${file}:2:1, statement 1$`));
  expect(await shop.refused('SQL_VALIDATE', 'deploy', shop.file('none.sql', 'SET;'))).toContain('there is no INSERT in ');
});

test('with --stack, the workflow decides what an upgrade is', async () => {
  const { shop, cloud, type } = await openStackWorld();
  await shop.topic();
  const job = idIn((await type('deploy', script(shop, BY_SHOP))).out.split('\n').at(-1) ?? '');
  expect((await type('deploy', script(shop, BY_SHOP))).out).toContain(`\nNothing to change in job ${job}: clicks`);
  expect((await type('deploy', script(shop, ALL), '-n')).out).toMatch(new RegExp(`Upgraded job ${job} with savepoint ${shop.home}/savepoints-of-prod/savepoint-\\S+: clicks\nDropped state: \\S+\\.acc$`));
  expect((await type('deploy', script(shop, BY_SHOP))).err).toMatch(/^\[ERROR\] STATE_INCOMPATIBLE: the plan was replaced by an upgrade/);
  expect((await type('deploy', otherType(shop))).err).toMatch(/^\[ERROR\] STATE_INCOMPATIBLE: the plan cannot take over the state:\n/);
  expect(cloud.executions.map(({ machine }) => machine)).toEqual(['create', 'upgrade', 'upgrade', 'upgrade', 'upgrade']);
});

describe('sluice plan', () => {
  test('shows the plan, and needs no place', async () => {
    const shop = new Shop();
    const text = await shop.sluice('plan', script(shop, BY_SHOP));
    expect(text).toMatch(/^Job: clicks\nSink default_catalog\.default_database\.counts \(filesystem\)/);
    expect(JSON.parse(await shop.sluice('plan', script(shop, BY_SHOP), '--json'))).toMatchObject({ formatVersion: 1, name: 'clicks' });
  });

  test.each([
    ['the same', (shop: Shop) => script(shop, BY_SHOP), 'compatible', 0, /^ {2}restored {6}\S+\.acc$/m],
    ['other state', (shop: Shop) => script(shop, ALL), 'partly compatible', 3, /^ {2}dropped {7}\S+\.acc\n {2}starts empty {2}\S+\.acc$/m],
    ['keys of another type', otherType, 'incompatible', 4, /^ {2}incompatible {2}\S+\.acc: its key was \(shop INT\), and would be \(shop BIGINT\)$/m],
  ])('%s: the exit code says whether the state of a job goes on', async (_what, next, verdict, code, line) => {
    const shop = await openShop();
    const job = idIn(await shop.sluice('deploy', script(shop, BY_SHOP)));
    const { path }: { path: string } = JSON.parse(await shop.sluice('savepoint', job, '--json'));
    for (const from of [job.slice(0, 7), 'clicks', path]) {
      const told = await shop.type('plan', '--diff', from, next(shop));
      expect({ code: told.code, err: told.err, head: told.out.split('\n')[0] }).toEqual({ code, err: '', head: `${from} to 'clicks': ${verdict}` });
      expect(told.out).toMatch(line);
    }
    const { out } = await shop.type('plan', '--diff', job, next(shop), '--json');
    expect(JSON.parse(out)).toMatchObject({ from: job, verdict, restored: expect.any(Array) });
  });

  test('with --stack, of a job in its store', async () => {
    const { shop, type } = await openStackWorld();
    await shop.topic();
    const job = idIn((await type('deploy', script(shop, BY_SHOP))).out);
    expect(await type('plan', '--diff', job, otherType(shop))).toMatchObject({ code: 4, err: '' });
  });

  test.each([
    ['a job that is not there', 'ffff', 'JOB_UNKNOWN'],
    ['a name that no job has', 'click', 'JOB_UNKNOWN'],
    ['a savepoint that is not there', './savepoint-ab', 'SAVEPOINT_NOT_FOUND'],
  ] as const)('%s', async (_what, from, code) => {
    const shop = await openShop();
    await shop.refused(code, 'plan', '--diff', from, script(shop, BY_SHOP));
  });
});

/** Programs from the command line: from a TypeScript file to rows. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Shop } from './shop.ts';

/** Odd numbers of the topic `events`, times `factor`, in the files of `out`. */
function programOf(shop: Shop, factor: number, change: (program: string) => string = (program) => program): string {
  shop.file('factor.ts', `export const FACTOR: number = ${factor};`);
  return shop.file(
    'job.ts',
    change(`
import { defineJob, kafka, table } from 'sluice/api';
import { FACTOR } from './factor.ts';

export default defineJob('odd', (job) => {
  job
    .from('in', kafka<{ n: number }>({ topic: 'events', servers: 'x' }))
    .filter(({ n }) => n % 2 === 1)
    .map(({ n }) => ({ n: FACTOR * n }))
    .to('out', ${tableOf(shop, "n: 'INT'")});
});`),
  );
}

/** Sums per key, which the job keeps as state. */
const totalsOf = (shop: Shop, factor: number, uid = "'total', "): string =>
  shop.file(
    'totals.ts',
    `
import { defineJob, kafka, table, valueState } from 'sluice/api';

export default defineJob('totals', (job) => {
  job
    .from('in', kafka<{ key: string; n: number }>({ topic: 'events', servers: 'x' }))
    .keyBy(({ key }) => key)
    .process(${uid}{
      state: { total: valueState<number>() },
      *onEvent({ n }, { key, state }) {
        const total = (state.total.value() ?? 0) + ${factor} * n;
        state.total.update(total);
        yield { key, total };
      },
    })
    .to('out', ${tableOf(shop, "key: 'STRING', total: 'INT'")});
});`,
  );

const tableOf = (shop: Shop, columns: string): string =>
  `table({ columns: { ${columns} }, with: { connector: 'filesystem', path: ${JSON.stringify(join(shop.home, 'out'))}, format: 'json' } })`;

function rowsOf(shop: Shop): string[] {
  const dir = join(shop.home, 'out');
  mkdirSync(dir, { recursive: true });
  const files = readdirSync(dir).filter((name) => name.endsWith('.ndjson'));
  return files.flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n')).filter((line) => line !== '').sort();
}

const jobIn = (out: string): string => /Job ID: ([0-9a-f]{32})/.exec(out)?.[1] ?? '';

async function run(shop: Shop, ...words: string[]): Promise<string> {
  const { code, out, err } = await shop.type('run', ...words);
  expect([code, err]).toEqual([0, '']);
  return jobIn(out);
}

const records = (...numbers: number[]): string[] => numbers.map((n) => JSON.stringify({ n }));

test('a job runs the program that it was submitted with, whatever becomes of its files', async () => {
  const shop = new Shop();
  await shop.topic();
  const file = programOf(shop, 10);
  await run(shop, file);
  programOf(shop, 1000);
  rmSync(file);
  await shop.produce(records(1, 2, 3));
  expect(await shop.up()).toEqual([]);
  expect(rowsOf(shop)).toEqual(['{"n":10}', '{"n":30}']);
});

test('as JSON, and under another name', async () => {
  const shop = new Shop();
  await shop.topic();
  const { out } = await shop.type('run', programOf(shop, 10), '--name', 'mine', '--json');
  expect(JSON.parse(await shop.jobs())).toMatchObject({ id: JSON.parse(out).jobId, name: 'mine', status: 'RUNNING' });
});

test('a job stops, and goes on with another program from where it was', async () => {
  const shop = new Shop();
  await shop.topic();
  const job = await run(shop, programOf(shop, 10));
  await shop.produce(records(1));
  await shop.up();
  const path = /Path: (.*)$/m.exec(await shop.sluice('stop', job))?.[1] ?? '';
  await shop.produce(records(3));
  const { code } = await shop.type('resume', job, '--from', path, '--program', programOf(shop, 100));
  expect(code).toBe(0);
  expect(await shop.up()).toEqual([]);
  expect(rowsOf(shop)).toEqual(['{"n":10}', '{"n":300}']);
  const forked = await run(shop, programOf(shop, 1000), '-s', path);
  expect(await shop.up()).toEqual([]);
  expect(forked).not.toBe(job);
  expect(rowsOf(shop)).toEqual(['{"n":10}', '{"n":3000}', '{"n":300}']);
});

test('what waits in a savepoint waits only where there is one', async () => {
  const shop = new Shop();
  await shop.topic();
  const job = await run(shop, totalsOf(shop, 1));
  await shop.up();
  const path = /Path: (.*)$/m.exec(await shop.sluice('stop', job))?.[1] ?? '';
  expect(await run(shop, totalsOf(shop, 1), '-s', path, '--pause-ttl')).not.toBe(job);
  expect(await shop.refused('USAGE', 'run', totalsOf(shop, 1), '--pause-ttl')).toContain('name one with -s');
});

test('state goes on, with the next program as with the first', async () => {
  const shop = new Shop();
  await shop.topic();
  const job = await run(shop, totalsOf(shop, 1));
  const produce = (n: number): Promise<void> => shop.produce(['a', 'b'].map((key) => JSON.stringify({ key, n })));
  await produce(1);
  expect(await shop.up()).toEqual([]);
  await shop.sluice('stop', job);
  await shop.sluice('resume', job);
  await produce(2);
  expect(await shop.up()).toEqual([]);
  await shop.sluice('stop', job);
  await shop.sluice('resume', job, '--program', totalsOf(shop, 100));
  await produce(3);
  expect(await shop.up()).toEqual([]);
  expect(rowsOf(shop)).toEqual([1, 3, 303].flatMap((total) => ['a', 'b'].map((key) => JSON.stringify({ key, total }))).sort());
});

test('warnings are no part of what is printed for programs', async () => {
  const shop = new Shop();
  await shop.topic();
  const { out, err } = await shop.type('run', totalsOf(shop, 1, ''), '--json');
  expect(err).toMatch(/^\[WARN\] process .*: it has no uid of its own/);
  expect(JSON.parse(out)).toMatchObject({ jobId: expect.stringMatching(/^[0-9a-f]{32}$/) });
});

test('a program that is deployed again upgrades its job if it is another one', async () => {
  const shop = new Shop();
  await shop.topic();
  const deploy = async (factor: number): Promise<string> => JSON.parse((await shop.type('deploy', programOf(shop, factor), '--json')).out).action;
  expect(await deploy(10)).toBe('create');
  await shop.up();
  expect(await deploy(10)).toBe('same');
  expect(await deploy(100)).toBe('upgrade');
  await shop.produce(records(1));
  expect(await shop.up()).toEqual([]);
  expect(rowsOf(shop)).toEqual(['{"n":100}']);
});

test('the plan of a program, and what becomes of the state of a job with it', async () => {
  const shop = new Shop();
  await shop.topic();
  const file = programOf(shop, 10);
  const { out } = await shop.type('plan', file);
  expect(out).toMatch(/^Job: odd\nSink default_catalog.default_database.out \(filesystem\)/);
  const job = await run(shop, file);
  await shop.up();
  expect((await shop.type('plan', '--diff', job, file)).out).toContain("to 'odd': compatible");
  const renamed = programOf(shop, 10, (program) => program.replace("'in'", "'others'"));
  expect((await shop.type('plan', '--diff', job, renamed)).out).toContain("to 'odd': partly compatible");
});

test('a stored program that is damaged does not run, and holds nothing else up', async () => {
  const shop = new Shop();
  await shop.topic();
  await run(shop, programOf(shop, 10));
  const stored = join(shop.dir, 'blobs/programs');
  const [name = ''] = readdirSync(stored);
  const path = join(stored, name);
  const whole = readFileSync(path);
  writeFileSync(path, whole.fill(32, 0, 1));
  await shop.produce(records(1));
  expect(await shop.up()).toMatchObject([{ code: 'STORE_CORRUPT', message: expect.stringContaining(name) }]);
  expect(rowsOf(shop)).toEqual([]);
  rmSync(path);
  expect(await shop.up()).toMatchObject([{ code: 'CODE_MISSING' }]);
  expect((await shop.type('list')).out).toContain('RUNNING');
  await run(shop, programOf(shop, 10));
  expect(await shop.up()).toEqual([]);
  expect(rowsOf(shop)).toEqual(['{"n":10}', '{"n":10}']);
});

test.each([['run'], ['plan'], ['deploy']])('`sluice %s` says where a program is wrong, and changes nothing', async (command) => {
  const shop = new Shop();
  await shop.topic();
  const file = shop.file('bad.ts', 'export default {};\nconst = 1;');
  expect(await shop.refused('JOB_DEFINITION', command, file)).toContain('bad.ts:2:7');
});

test('what SQL refuses of a program is said once, with the place in the program', async () => {
  const shop = new Shop();
  const file = shop.file('job.ts', "import { defineJob } from 'sluice/api';\n\nexport default defineJob('odd', (job) => job.sql('INSERT INTO a SELEC 1'));");
  const err = await shop.refused('SQL_PARSE', 'plan', file);
  expect(err).toContain('job.ts:3: Encountered "SELEC"');
  expect(err.match(/SQL_PARSE/g)).toHaveLength(1);
});

test('what a job goes on with is one thing', async () => {
  const shop = new Shop();
  await shop.topic();
  const job = await run(shop, programOf(shop, 10));
  expect(await shop.refused('USAGE', 'resume', job, '--program', 'a.ts', '-f', 'a.sql')).toContain('both are given');
  expect(await shop.refused('USAGE', 'deploy', programOf(shop, 10), '-i', 'a.sql')).toContain("'a.sql' is SQL");
});

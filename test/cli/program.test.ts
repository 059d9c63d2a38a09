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
import { FACTOR } from './factor.ts';
const columns = [{ name: 'n', type: { kind: 'INT' }, nullable: true }];
const nodes = [
  { kind: 'source', uid: 'in', table: 'events', connector: 'kafka', topics: ['events'], startup: { kind: 'earliest-offset' }, format: { kind: 'code' }, columns, eventTime: null, idleTimeoutMs: 0, options: {} },
  { kind: 'sink', uid: 'out', input: 'in', table: 'out', connector: 'filesystem', columns, options: { path: ${JSON.stringify(join(shop.home, 'out'))}, format: 'json' } },
];
const decode = (record: Uint8Array): unknown => {
  const { n } = JSON.parse(new TextDecoder().decode(record));
  return n % 2 === 1 ? [FACTOR * n] : null;
};
export default {
  build: () => ({
    plan: { formatVersion: 1, name: 'odd', sql: '', nodes, options: {} },
    code: { decoders: new Map([['in', decode]]), transforms: new Map(), functions: new Map(), aggregates: new Map() },
    warnings: ['the numbers are odd'],
  }),
};`),
  );
}

function rowsOf(shop: Shop): string[] {
  const dir = join(shop.home, 'out');
  mkdirSync(dir, { recursive: true });
  const files = readdirSync(dir).filter((name) => name.endsWith('.ndjson'));
  return files.flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n')).filter((line) => line !== '').sort();
}

const jobIn = (out: string): string => /Job ID: ([0-9a-f]{32})/.exec(out)?.[1] ?? '';

async function run(shop: Shop, ...words: string[]): Promise<string> {
  const { code, out, err } = await shop.type('run', ...words);
  expect([code, err]).toEqual([0, '[WARN] the numbers are odd']);
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
  expect(out).toMatch(/^Job: odd\nSink out \(filesystem\)/);
  const job = await run(shop, file);
  await shop.up();
  expect((await shop.type('plan', '--diff', job, file)).out).toContain("to 'odd': compatible");
  const renamed = programOf(shop, 10, (program) => program.replaceAll("table: 'events'", "table: 'others'").replaceAll("'in'", "'from'"));
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

test('what a job goes on with is one thing', async () => {
  const shop = new Shop();
  await shop.topic();
  const job = await run(shop, programOf(shop, 10));
  expect(await shop.refused('USAGE', 'resume', job, '--program', 'a.ts', '-f', 'a.sql')).toContain('both are given');
  expect(await shop.refused('USAGE', 'deploy', programOf(shop, 10), '-i', 'a.sql')).toContain("'a.sql' is SQL");
});

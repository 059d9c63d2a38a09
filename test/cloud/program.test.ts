/**
 * An example in TypeScript as a job of `cdk deploy`, and deployed again with a state of another shape: its balances go on from where they were. Without
 * the migration the deployment is refused, and the job goes on.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientOptions } from './emulators.ts';
import { ROOT } from './programs.ts';
import { customResourcesOf } from './template.ts';
import { World } from './world.ts';

const STACK = 'Program';
const TOPIC = 'bookings';

const world = new World();
const s3 = new S3Client({ ...clientOptions(world.place.emulator), forcePathStyle: true });
const file = join(world.dir, 'running-balance.ts');
const stack = { name: STACK, jobs: [file] };
let job = '';

/** Changes the next place where a text stands; it must be there. */
type Change = readonly [from: string, to: string];

const changed = (program: string, changes: readonly Change[]): string =>
  changes.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, () => to);
  }, program);

const filesOf = (table: string): string => join(world.dir, table);

/** What functions print is seen by nobody here. */
const inFiles = (table: string): Change => ["{ connector: 'print' }", `{ connector: 'filesystem', path: '${filesOf(table)}', format: 'json' }`];

const EXAMPLE = changed(readFileSync(join(ROOT, 'examples/running-balance.ts'), 'utf8'), [inFiles('balances'), inFiles('rejected')]);

const MIGRATION = 'migrations: { 1: (cents: number) => ({ cents, bookings: 0 }) }';

/** Version 2 of the state counts the bookings, too. */
const COUNTING = changed(EXAMPLE, [
  ['valueState({ initial: 0 })', `valueState({ version: 2, initial: { cents: 0, bookings: 0 }, ${MIGRATION} })`],
  ['const balance = state.balance.value() + booking.cents;', 'const before = state.balance.value(); const balance = before.cents + booking.cents; const bookings = before.bookings + 1;'],
  ['update(balance)', 'update({ cents: balance, bookings })'],
  ['yield { account: booking.account, balance }', 'yield { account: booking.account, balance, bookings }'],
  ["balance: 'BIGINT NOT NULL'", "balance: 'BIGINT NOT NULL', bookings: 'BIGINT'"],
]);

type Booking = readonly [account: string, cents: number];

/** Returns when all are processed. */
async function book(...bookings: readonly Booking[]): Promise<void> {
  const path = join(world.dir, 'records.jsonl');
  writeFileSync(path, bookings.map(([account, cents]) => `${JSON.stringify({ account, cents })}\n`).join(''));
  await world.sluice(STACK, 'topic', 'produce', TOPIC, '-f', path);
  await world.see(/"lag":0,/, STACK, 'describe', job, '--json');
}

const running = (generation: number): Promise<string> => world.see(new RegExp(`Status: +RUNNING[^]*Generation: +${generation}\\b`), STACK, 'describe', job);

/** All rows of a table, as soon as there are so many: sorted, without blanks. */
async function rows(table: string, columns: string, count: number): Promise<readonly string[]> {
  const path = join(world.dir, 'query.sql');
  writeFileSync(
    path,
    `SET 'execution.runtime-mode' = 'batch';
CREATE TABLE seen (account STRING, ${columns}) WITH ('connector' = 'filesystem', 'path' = '${filesOf(table)}', 'format' = 'json');
SELECT * FROM seen;
`,
  );
  const output = await world.see(new RegExp(`\\b${count} rows? in set`), STACK, 'sql', '-f', path);
  return output.split('\n').filter((line) => /^\| +(alice|bob) /.test(line)).map((line) => line.replaceAll(' ', '')).sort();
}

beforeAll(async () => {
  writeFileSync(file, EXAMPLE);
  await world.createTopic(TOPIC);
  await world.deploy(stack);
  [job = ''] = (await world.sluice(STACK, 'list', '-a')).match(/[0-9a-f]{32}/) ?? [];
});
afterAll(async () => {
  s3.destroy();
  await world.close();
});

test('a deployment creates the job of the program, and its functions keep state', async () => {
  expect(await running(0)).toContain('running-balance');
  await book(['alice', 100], ['bob', 50], ['alice', 20], ['bob', -60]);
  expect(await rows('balances', 'balance BIGINT', 3)).toEqual(['|alice|100|', '|alice|120|', '|bob|50|']);
  expect(await rows('rejected', 'cents BIGINT', 1)).toEqual(['|bob|-60|']);
});

test('the template names the program where the deploy has put it', async () => {
  const { resources } = await customResourcesOf(world.place, STACK);
  const [program] = resources.flatMap(({ properties }) => properties['program'] ?? []);
  const [, bucket, key] = /^s3:\/\/([^/]+)\/([0-9a-f]{64}\.mjs)$/.exec(String(program)) ?? [];
  expect(key, String(program)).toBeDefined();
  await expect(s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).resolves.toMatchObject({ $metadata: { httpStatusCode: 200 } });
});

test('a state of another shape without a migration is refused, and the job goes on', async () => {
  writeFileSync(file, changed(COUNTING, [[`, ${MIGRATION}`, '']]));
  const refused = await world.tryDeploy(stack);
  expect(refused.exitCode, refused.output).not.toBe(0);
  expect(refused.output).toContain('STATE_INCOMPATIBLE');
  expect(refused.output).toContain('no migration from version 1');
  await running(0);
  await book(['alice', 1]);
  expect(await rows('balances', 'balance BIGINT', 4)).toContain('|alice|121|');
});

test('with the migration the balances go on in the new shape, and nothing is emitted twice', async () => {
  writeFileSync(file, COUNTING);
  await world.deploy(stack);
  expect(await running(1)).toMatch(/savepoint-[0-9a-f]{6}-[0-9a-f]{12}/);
  await book(['alice', -21], ['bob', 5], ['alice', 7]);
  const before = ['|alice|100|<NULL>|', '|alice|120|<NULL>|', '|alice|121|<NULL>|', '|bob|50|<NULL>|'];
  const after = ['|alice|100|1|', '|alice|107|2|', '|bob|55|1|'];
  expect(await rows('balances', 'balance BIGINT, bookings BIGINT', 7)).toEqual([...before, ...after].sort());
});

/** The prompt, typed at. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { run } from '../../../lib/cli/main.ts';
import { runPrompt, type PromptSession } from '../../../lib/cli/prompt/prompt.ts';
import type { Change, StatementResult } from '../../../lib/control/statement-result.ts';
import { resultColumn } from '../../../lib/control/table.ts';
import { jobId } from '../../../lib/core/numbers.ts';
import { place } from '../sluice.ts';
import { openStackWorld } from '../stack.ts';
import { KEY, Typist } from './typist.ts';

/** The command on a data directory of its own; `left` is its exit code. */
function prompted(typist: Typist, ...words: string[]): { left: Promise<number> } {
  const { dir } = place();
  vi.stubEnv('XDG_STATE_HOME', dir);
  onTestFinished(() => void vi.unstubAllEnvs());
  return { left: run(['sql', '--dir', dir, ...words], typist.console) };
}

test('statements of several lines, Tab, recall, mistakes, and Ctrl-D', async () => {
  const typist = new Typist();
  const { left } = prompted(typist);
  await typist.sees('sluice> ');
  await typist.type('CREATE TABLE orders (id INT, customer STRING)', KEY.enter);
  await typist.sees('      | ');
  await typist.type("WITH ('connector' = 'datagen');", KEY.enter);
  await typist.sees('[INFO] Execute statement succeeded.');
  await typist.type('\\d or', KEY.tab);
  await typist.sees('orders');
  await typist.type(KEY.enter);
  expect(await typist.sees('2 rows in set')).toContain('| customer | STRING | TRUE |');
  await typist.type('EXPLAIN SELECT c FROM orders;', KEY.enter);
  expect(await typist.sees('hint:')).toMatch(/1 \| EXPLAIN SELECT c FROM orders;\n +\| {16}\^/);
  await typist.type(KEY.up, KEY.up, KEY.up);
  expect(await typist.sees("WITH ('connector' = 'datagen');")).toContain('CREATE TABLE orders');
  await typist.type(KEY.ctrlC, 'exit', KEY.enter);
  expect(await left).toBe(0);
});

test('files of -i are executed first; JSON stays JSON; Ctrl-C drops what is typed', async () => {
  const typist = new Typist();
  const { left } = prompted(typist, '-i', new URL('../../../lib/cli/lab/0-catalog.sql', import.meta.url).pathname, '--json');
  await typist.sees('sluice> ');
  await typist.type("SELECT '", KEY.enter);
  await typist.sees('      | ');
  await typist.type('x', KEY.ctrlC);
  await typist.sees('^C\n');
  await typist.type('SHOW CATALOGS;', KEY.enter);
  expect(await typist.sees('{"catalog name":"iceberg_catalog"}')).toContain('{"catalog name":"default_catalog"}');
  await typist.type(KEY.ctrlD);
  expect(await left).toBe(0);
});

/** A prompt on statements that are answered by the test. */
async function promptedOn(typist: Typist, answer: (text: string) => AsyncGenerator<StatementResult>): Promise<void> {
  vi.stubEnv('XDG_STATE_HOME', place().dir);
  onTestFinished(() => void vi.unstubAllEnvs());
  const session: PromptSession = { run: answer, complete: async () => ({ start: 0, end: 0, candidates: [] }) };
  const { console } = typist;
  const terminal = console.terminal();
  if (terminal === null) throw new Error('a typist has a terminal');
  await runPrompt({ dir: '/', given: {}, stack: null, kafkaConfig: null, json: false, console }, session, terminal);
}

test('rows come as they are found, until Ctrl-C ends the query and not the prompt', async () => {
  const typist = new Typist(30);
  let end = async (): Promise<void> => {};
  const ended = new Promise<void>((resolve) => (end = async () => resolve()));
  async function* changes(): AsyncGenerator<readonly Change[]> {
    yield [{ kind: 'INSERT', row: ['a'] }];
    yield [{ kind: 'UPDATE_BEFORE', row: ['a'] }, { kind: 'UPDATE_AFTER', row: ['b'.repeat(40)] }];
    await ended;
  }
  const left = promptedOn(typist, async function* () {
    yield { kind: 'changes', columns: [resultColumn('name')], changes: changes(), end, job: jobId('0'.repeat(32)) };
  });
  await typist.type('SELECT name FROM t;', KEY.enter);
  expect(await typist.sees('… |')).toMatch(/\| op \| +name \|\n[-+]+\n\| \+I \| +a \|\n\| -U \| +a \|\n\| \+U \| b+… \|$/);
  await typist.type(KEY.ctrlC);
  await typist.sees('Query terminated, received a total of 3 rows');
  await typist.sees('sluice> ');
  await typist.type(KEY.ctrlD);
  await left;
});

test('what cannot be ended is left behind Ctrl-C; statements behind it are dropped', async () => {
  const typist = new Typist();
  const asked: string[] = [];
  const left = promptedOn(typist, async function* (text) {
    asked.push(text);
    await new Promise(() => {});
    yield { kind: 'ok' };
  });
  await typist.type('INSERT INTO t SELECT 1;', KEY.enter, 'SHOW JOBS;', KEY.enter, KEY.ctrlC);
  await typist.sees('[WARN] The statement is no longer waited for.');
  await typist.type(KEY.ctrlD);
  await left;
  expect(asked).toEqual(['INSERT INTO t SELECT 1;']);
});

test('on a stack, Ctrl-C leaves the execution of an INSERT to itself, and says how to see it', async () => {
  const world = await openStackWorld({ execute: async () => null });
  await world.shop.topic();
  vi.stubEnv('XDG_STATE_HOME', place().dir);
  const typist = new Typist();
  const left = run(world.argv('sql'), typist.console);
  await typist.sees('sluice> ');
  await typist.type(`${world.shop.sql().replaceAll('\n', ' ')};`, KEY.enter);
  await typist.sees('Execution ');
  await typist.type(KEY.ctrlC);
  await typist.sees('goes on\nhint: see what becomes of it: sluice --stack prod executions show ');
  await typist.sees('sluice> ');
  await typist.type(KEY.ctrlD);
  expect(await left).toBe(0);
});

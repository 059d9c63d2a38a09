/** What an editor is told while somebody writes: mistakes with their places, and what would run. */
import { expect, test } from 'vitest';
import { inMemory } from '../api.ts';

const TABLES = `CREATE TABLE clicks (who STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen', 'rows-per-second' = '1');
CREATE TABLE shown (who STRING, n BIGINT) WITH ('connector' = 'print');`;
const INSERT = `INSERT INTO shown SELECT who, COUNT(*) FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY who, window_start, window_end;`;

interface Checked {
  readonly problems: readonly { readonly code: string; readonly message: string; readonly line: number | null }[];
  readonly explain: string | null;
}

async function check(statements: string, init?: string): Promise<Checked & { readonly writes: readonly string[] }> {
  const { send, stack } = await inMemory();
  stack.takeCalls();
  const { status, body } = await send('POST', '/sluice/v1/sql/check', init === undefined ? { statements } : { statements, init });
  expect(status).toBe(200);
  return { ...JSON.parse(JSON.stringify(body)), writes: stack.takeCalls().filter((call) => /\.(append|put|remove|renew|delete|emit|commit)\b/.test(call)) };
}

test('a script without mistakes is explained, and nothing is done', async () => {
  const { problems, explain, writes } = await check(`${TABLES}\n${INSERT}`);
  expect(problems).toEqual([]);
  expect(explain).toMatch(/Sink default_catalog\.default_database\.shown \(print\)[\s\S]*WindowAggregate TUMBLE[\s\S]*datagen/);
  expect(writes).toEqual([]);
});

test('a mistake is at its place, in words without it', async () => {
  const { problems, explain } = await check(`${TABLES}\nINSERT INTO shown SELECT whom, 1 FROM clicks;`);
  expect(problems).toMatchObject([{ code: 'SQL_VALIDATE', in: 'statements', line: 3, column: 26, endLine: 3, endColumn: 29, hint: expect.stringContaining("'who'") }]);
  expect(problems[0]?.message).not.toMatch(/at line|\^|SQL_VALIDATE/);
  expect(explain).toBeNull();
});

test('several statements have several mistakes; behind what cannot be parsed, or a definition that fails, none is looked for', async () => {
  const wrong = 'INSERT INTO shown SELECT nobody, 1 FROM clicks;';
  expect((await check(`${TABLES}\n${wrong}\n${INSERT}\n${wrong}`)).problems).toMatchObject([{ line: 3 }, { line: 5 }]);
  expect((await check(`${TABLES}\n${wrong}\nSELEC 1;\n${wrong}`)).problems).toMatchObject([{ line: 3, code: 'SQL_VALIDATE' }, { line: 4, code: 'SQL_PARSE' }]);
  expect((await check(`CREATE TABLE a (b NOTYPE) WITH ('connector' = 'print');\nINSERT INTO a SELECT 1;`)).problems).toMatchObject([{ line: 1 }]);
});

test('what stands before them is checked by itself', async () => {
  expect(await check(INSERT, TABLES)).toMatchObject({ problems: [], explain: expect.stringContaining('WindowAggregate') });
  expect((await check(INSERT, 'USE nowhere;')).problems).toMatchObject([{ in: 'init', line: 1 }]);
});

test('options, sets, queries and EXPLAIN are part of it', async () => {
  const { problems, explain } = await check(`${TABLES}\nSET 'pipeline.name' = 'named';\nBEGIN STATEMENT SET;\n${INSERT}\nEND;\nEXPLAIN ${INSERT}\nSELECT who FROM clicks;`);
  expect(problems).toEqual([]);
  expect(explain?.match(/^Job: named$/gm)).toHaveLength(3);
  expect((await check("SET 'pipeline.nam' = 'x';")).problems).toMatchObject([{ code: 'OPTION_INVALID', line: 1 }]);
});

test('nothing is no mistake', async () => {
  expect(await check('  -- nothing')).toMatchObject({ problems: [], explain: null });
});

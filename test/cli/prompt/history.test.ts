/** What is kept of the statements of a prompt. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { History, mayHoldSecret, STATEMENTS_MAX } from '../../../lib/cli/prompt/history.ts';

function freshPath(): string {
  const root = mkdtempSync(join(tmpdir(), 'sluice-history-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return join(root, 'state', 'sql-history.jsonl');
}

test('statements are there again, the newest first, each once, lines and all', () => {
  const path = freshPath();
  const first = new History(path);
  for (const statement of ['SHOW JOBS;', 'SELECT\n1;', 'SHOW JOBS;']) first.add(statement);
  expect(new History(path).statements).toEqual(['SHOW JOBS;', 'SELECT\n1;']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(first.trouble).toBeNull();
});

test('the file is bounded, and a torn line is left out', () => {
  const path = freshPath();
  new History(path);
  const lines = Array.from({ length: 2 * STATEMENTS_MAX + 1 }, (_, i) => `"SELECT ${i};"\n`);
  writeFileSync(path, `${lines.join('')}"SELECT`);
  const { statements } = new History(path);
  expect(statements).toHaveLength(STATEMENTS_MAX);
  expect(statements[0]).toBe(`SELECT ${2 * STATEMENTS_MAX};`);
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(STATEMENTS_MAX + 1);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a file that cannot be written keeps nothing from the prompt', () => {
  const file = freshPath();
  new History(file);
  const history = new History(join(file, 'below-a-file'));
  expect(history.trouble).toContain(file);
  history.add('SHOW JOBS;');
  expect(history.statements).toEqual(['SHOW JOBS;']);
});

test('a secret can be recalled, and is not in the file', () => {
  const path = freshPath();
  const history = new History(path);
  const secret = "SET 'my.password' = 'hunter2';";
  history.add(secret);
  expect(history.statements).toEqual([secret]);
  expect(existsSync(path) ? readFileSync(path, 'utf8') : '').toBe('');
});

test.each([
  "CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'properties.sasl.jaas.config' = 'x');",
  "CREATE TABLE t (a INT) WITH ('properties.ssl.keystore.key' /* pem */ = 'x');",
  "CREATE CATALOG c WITH ('header.Authorization' = 'Bearer x');",
  "CREATE CATALOG c WITH ('TOKEN'='x');",
  "SET 'x' = 'login username=\"u\" password=\"p\"';",
  "SET 'x' = 's3://key:secret@bucket/path';",
  'SET fs.s3a.secret.key = x;',
  "SELECT * FROM users WHERE api_token = 'x';",
])('may hold a secret: %s', (statement) => {
  expect(mayHoldSecret(statement)).toBe(true);
});

test('a long value is looked at in no time', () => {
  const began = performance.now();
  for (const value of ['a'.repeat(200_000), `://${'a:'.repeat(100_000)}`]) expect(mayHoldSecret(`SELECT '${value}';`)).toBe(false);
  // It took minutes when each of its characters began a name.
  expect(performance.now() - began).toBeLessThan(5000);
});

test.each(["SELECT token, COUNT(*) FROM t GROUP BY token;", "SET 'execution.savepoint.path' = 's3://bucket/a:b@c';", "CREATE TABLE t (secret STRING) WITH ('connector' = 'print');"])('holds none: %s', (statement) => {
  expect(mayHoldSecret(statement)).toBe(false);
});

/** When lines make a statement. */
import { expect, test } from 'vitest';
import { StatementLines } from '../../../lib/cli/prompt/statement-lines.ts';

/** What each line completes. */
function taken(...lines: string[]): (string | null)[] {
  const statements = new StatementLines();
  return lines.map((line) => statements.take(line));
}

test.each([
  [['SHOW TABLES;'], ['SHOW TABLES;']],
  [['SHOW', 'TABLES', ';'], [null, null, 'SHOW\nTABLES\n;']],
  [["SELECT ';", "';"], [null, "SELECT ';\n';"]],
  [['SELECT `a;', 'b`;'], [null, 'SELECT `a;\nb`;']],
  [['SELECT 1 -- one;', ';'], [null, 'SELECT 1 -- one;\n;']],
  [['SELECT 1; -- done;'], ['SELECT 1; -- done;']],
  [['SELECT /* one;', 'two */ 1;'], [null, 'SELECT /* one;\ntwo */ 1;']],
  [['SELECT 1; /* what', 'that was */'], [null, 'SELECT 1; /* what\nthat was */']],
  [['/* nothing', 'at all */', 'SHOW JOBS;'], [null, null, 'SHOW JOBS;']],
  [['SHOW TABLES; SHOW', 'VIEWS;'], [null, 'SHOW TABLES; SHOW\nVIEWS;']],
  [['', '-- nothing', ';', 'SHOW JOBS;'], [null, null, null, 'SHOW JOBS;']],
])('%j', (lines, statements) => {
  expect(taken(...lines)).toEqual(statements);
});

test('the statements of a set are sent with its end', () => {
  const set = ['BEGIN STATEMENT SET;', 'INSERT INTO a SELECT CASE WHEN x THEN y END;', 'INSERT INTO b SELECT 1;', 'END;'];
  expect(taken(...set)).toEqual([null, null, null, set.join('\n')]);
  expect(taken('EXECUTE STATEMENT SET BEGIN', 'INSERT INTO a SELECT 1;', 'END;', 'SHOW JOBS;').slice(2)).toEqual(['EXECUTE STATEMENT SET BEGIN\nINSERT INTO a SELECT 1;\nEND;', 'SHOW JOBS;']);
});

test('thousands of lines that are pasted take no time', () => {
  const lines = Array.from({ length: 5000 }, (_, i) => `  column_${i} STRING NOT NULL COMMENT 'what it is for',`);
  const began = performance.now();
  expect(taken('CREATE TABLE t (', ...lines, ');').at(-1)).toHaveLength(['CREATE TABLE t (', ...lines, ');'].join('\n').length);
  // It took minutes when each line read all before it.
  expect(performance.now() - began).toBeLessThan(5000);
});

test('what is pending can be dropped, and does not grow without bound', () => {
  const statements = new StatementLines();
  statements.take("SELECT '");
  expect(statements.with('x')).toBe("SELECT '\nx");
  statements.clear();
  expect(statements.isEmpty).toBe(true);
  statements.take('SELECT');
  statements.take('x'.repeat(1_000_000));
  expect(statements.isEmpty).toBe(true);
});

/** What views work out before they draw. */
import { expect, test } from 'vitest';
import { layoutOf } from '../../lib/console/job/graph-layout.js';
import { inWords, joined, lineOf } from '../../lib/console/job/series.js';
import { chosenFrom, countIn, FIRST_CHOICE, sortedBy } from '../../lib/console/jobs/choice.js';
import { offsetOf, rangeOf } from '../../lib/console/sql/positions.js';
import { begunAt, statementsIn } from '../../lib/console/sql/statements.js';
import type { JobItem, Sample } from '../../lib/console/types.js';

const item = (name: string, change: Partial<JobItem> = {}): JobItem => ({ id: name.padEnd(32, '0'), name, status: 'RUNNING', isEnded: false, startedAt: 0, changedAt: 0, errors: 0, error: null, lag: null, watermark: null, ...change });
const JOBS = [item('ads', { lag: 5 }), item('Buys', { errors: 2, startedAt: 9 }), item('clicks', { lag: 70, isEnded: true })];
const names = (jobs: readonly JobItem[]) => jobs.map(({ name }) => name);

test('jobs are chosen by name, id and group', () => {
  expect(names(chosenFrom(JOBS, { ...FIRST_CHOICE, text: ' BU ' }))).toEqual(['Buys']);
  expect(names(chosenFrom(JOBS, { ...FIRST_CHOICE, text: 'clicks0000' }))).toEqual(['clicks']);
  expect(names(chosenFrom(JOBS, { ...FIRST_CHOICE, group: 'troubled' }))).toEqual(['Buys']);
  expect([countIn(JOBS, 'all'), countIn(JOBS, 'active'), countIn(JOBS, 'ended')]).toEqual([3, 2, 1]);
});

test('what nobody knows comes last in both orders', () => {
  const byLag = sortedBy(FIRST_CHOICE, 'lag');
  expect(names(chosenFrom(JOBS, byLag))).toEqual(['clicks', 'ads', 'Buys']);
  expect(names(chosenFrom(JOBS, sortedBy(byLag, 'lag')))).toEqual(['ads', 'clicks', 'Buys']);
  expect(sortedBy(byLag, 'name')).toMatchObject({ sort: 'name', descends: false });
});

const node = (uid: string, ...inputs: string[]) => ({ uid, kind: 'calc', name: uid, lines: [], inputs });

test('a node of the plan stands behind all that it reads', () => {
  const { boxes, edges, width, height } = layoutOf([node('a'), node('b'), node('c', 'a'), node('d', 'b', 'c')], { width: 100, height: 50, along: 20, across: 10, isDown: false });
  expect(Object.fromEntries(boxes.map(({ uid, x }) => [uid, x]))).toEqual({ a: 0, b: 0, c: 120, d: 240 });
  expect(edges.map(({ from, to }) => `${from}${to}`)).toEqual(['ac', 'bd', 'cd']);
  expect([width, height]).toEqual([340, 110]);
});

test('on a phone it goes down, one below the other', () => {
  const { boxes, width } = layoutOf([node('a'), node('b', 'a')], { width: 100, height: 50, along: 20, across: 10, isDown: true });
  expect(boxes).toEqual([{ uid: 'a', x: 0, y: 0 }, { uid: 'b', x: 0, y: 70 }]);
  expect(width).toBe(100);
});

const sample = (at: number, recordsPerSecond: number | null): Sample => ({ at, records: null, recordsPerSecond, lag: null, watermark: null, stateBytes: null });

test('the past and what came since are one line', () => {
  const samples = joined([sample(1000, 5), sample(2000, null)], [sample(2000, 9), sample(3000, 7)]);
  expect(lineOf(samples, 'recordsPerSecond')).toEqual([[1, 2, 3], [5, null, 7]]);
  expect(inWords(samples, 'recordsPerSecond', String)).toBe('Now 7; between 5 and 7 in the time shown.');
  expect(inWords(samples, 'lag', String)).toBe('Nothing is known yet.');
});

test('a script is cut at semicolons that end something', () => {
  expect(statementsIn("SELECT ';' -- no; \n, `a;b` /* ; */;\n\n-- end;\nSHOW TABLES")).toEqual(["SELECT ';' -- no; \n, `a;b` /* ; */;", '-- end;\nSHOW TABLES']);
  expect(statementsIn("SELECT 'it''s; fine'; ;; -- nothing")).toEqual(["SELECT 'it''s; fine';"]);
  expect(statementsIn("SELECT 'open; to the end")).toEqual(["SELECT 'open; to the end"]);
});

test('what is being written begins behind the last statement', () => {
  expect([begunAt('SHOW JOBS; SELECT x', 13), begunAt("SELECT ';' FR", 13), begunAt('', 0)]).toEqual([' SE', "SELECT ';' FR", '']);
});

test('a statement set is one statement', () => {
  const set = 'EXECUTE STATEMENT SET BEGIN\nINSERT INTO a SELECT 1;\nINSERT INTO b SELECT 2;\nEND;';
  expect(statementsIn(`${set} SHOW JOBS;`)).toEqual([set, 'SHOW JOBS;']);
});

test("the server's lines and columns are places in the text", () => {
  const text = 'ab\ncdef\n';
  expect([offsetOf(text, 1, 1), offsetOf(text, 2, 3), offsetOf(text, 2, 99), offsetOf(text, 9, 1)]).toEqual([0, 5, 7, 8]);
  // An emoji is one column, and two places.
  expect([offsetOf('a😀bc', 1, 3), offsetOf('😀', 1, 9)]).toEqual([3, 2]);
  const problem = { code: 'X', message: '', hint: null, line: 2, column: 2, endLine: 2, endColumn: 3 };
  expect(rangeOf(text, problem)).toEqual({ from: 4, to: 6 });
  expect(rangeOf('ab', { ...problem, line: 1, column: 3, endLine: 1, endColumn: 3 })).toEqual({ from: 1, to: 2 });
});

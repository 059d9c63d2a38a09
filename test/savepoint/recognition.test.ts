/** Which query of a changed statement set is which (protocol V1): plans of SQL, compared as a resume compares them. */
import { describe, expect, test } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import type { Uid } from '../../lib/core/numbers.ts';
import { inputsOf, sinksOf, sourcesOf, statefulOf, type Plan, type PlanNode } from '../../lib/core/plan.ts';
import { assertCompatible, compareState, comparisonLines, verdictOf } from '../../lib/savepoint/compatibility.ts';
import { recognize } from '../../lib/savepoint/recognition.ts';
import { planScript } from '../../lib/sql/plan-script.ts';

const KAFKA = "'connector' = 'kafka', 'properties.bootstrap.servers' = 'k:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json'";
const SCHEMA = 'id INT, x INT, y INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts';
const TABLES = `
  CREATE DATABASE other;
  CREATE TABLE t (${SCHEMA}) WITH (${KAFKA}, 'topic' = 't');
  CREATE TABLE \`t-2\` (${SCHEMA}) WITH (${KAFKA}, 'topic' = 't2');
  CREATE TABLE other.t (${SCHEMA}) WITH (${KAFKA}, 'topic' = 'other');
  ${['a', 'b', 'c', 'd', 'other.a'].map((name) => `CREATE TABLE ${name} (s TIMESTAMP(3), n BIGINT) WITH ('connector' = 'blackhole');`).join(' ')}
`;
const planOf = (...inserts: readonly string[]): Plan =>
  planScript(`${TABLES} EXECUTE STATEMENT SET BEGIN ${inserts.map((insert) => `INSERT INTO ${insert};`).join(' ')} END;`, { warehouse: '/w', resolvePath: (path) => path });

const counting = (into: string, where: string, { result = 'COUNT(*)', from = 't' } = {}): string =>
  `${into} SELECT window_start, ${result} FROM TABLE(TUMBLE(TABLE ${from}, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) WHERE ${where} GROUP BY window_start, window_end`;

const [A, B, C] = [counting('a', 'id = 1'), counting('b', 'id = 2'), counting('c', 'id = 3')];

/** The aggregation whose results a table takes. */
function operatorOf(plan: Plan, table: string): Uid | undefined {
  const sink = sinksOf(plan).find((node) => node.table.endsWith(`.${table}`));
  return sink && above(plan, sink).find(({ kind }) => kind === 'window-aggregate')?.uid;
}

function above(plan: Plan, node: PlanNode): PlanNode[] {
  return inputsOf(node).flatMap((input) => plan.nodes.filter(({ uid }) => uid === input)).flatMap((found) => [found, ...above(plan, found)]);
}

/** Fate and uid of each aggregation. */
const fatesOf = (saved: Plan, next: Plan): string[] => comparisonLines(compareState(saved, next)).flatMap((line) => / *(.+?)  +(\S+)\.acc/.exec(line)?.slice(1).join(' ') ?? []);

/** Every table of both plans has the aggregation that it had. */
function expectKept(saved: Plan, next: Plan, tables: readonly string[]): void {
  const { plan } = recognize(saved, next);
  expect(tables.map((table) => operatorOf(plan, table))).toEqual(tables.map((table) => operatorOf(saved, table)));
  expect(new Set(plan.nodes.map(({ uid }) => uid)).size).toBe(plan.nodes.length);
  expect(plan.nodes.flatMap(inputsOf).every((input) => plan.nodes.some(({ uid }) => uid === input))).toBe(true);
  // What has been recognized stays so.
  expect(recognize(plan, next).plan).toEqual(plan);
}

describe('queries that differ in their filter alone', () => {
  test.each<[string, readonly string[], readonly string[], readonly string[], readonly string[]]>([
    ['in another order', [A, B], [B, A], ['a', 'b'], ['restored', 'restored']],
    ['three in another order', [A, B, C], [C, A, B], ['a', 'b', 'c'], ['restored', 'restored', 'restored']],
    ['with a new one in front', [A, B], [C, A, B], ['a', 'b'], ['restored', 'restored', 'starts empty']],
    ['without the first', [A, B, C], [B, C], ['b', 'c'], ['restored', 'restored', 'dropped']],
    ['one, which gets another in front', [A], [B, A], ['a'], ['restored', 'starts empty']],
    ['one, which stays alone', [A, B], [B], ['b'], ['dropped', 'restored']],
    ['with the parts of a condition in another order', [counting('a', 'id = 1 AND x > 2'), B], [B, counting('a', '(x > 2) AND id = 1')], ['a', 'b'], ['restored', 'restored']],
    [
      'as a subquery, below the window',
      [A, B],
      ["b SELECT s, n FROM (SELECT COUNT(*) AS n, w.window_start AS s FROM TABLE(TUMBLE((SELECT * FROM t WHERE id = 2), DESCRIPTOR(ts), INTERVAL '60' SECOND)) AS w GROUP BY window_end, window_start)", A],
      ['a', 'b'],
      ['restored', 'restored'],
    ],
    ['beside one that reads more of the table', [A, B], [counting('c', 'y > 5', { result: 'SUM(x)' }), B, A], ['a', 'b'], ['restored', 'restored', 'starts empty']],
  ])('%s', (_, before, after, kept, fates) => {
    const [saved, next] = [planOf(...before), planOf(...after)];
    expectKept(saved, next, kept);
    expect(fatesOf(saved, next).map((fate) => fate.slice(0, fate.lastIndexOf(' '))).sort()).toEqual([...fates].sort());
  });

  test('a plan is itself', () => {
    const plan = planOf(A, B, C);
    expect(recognize(plan, plan).plan).toBe(plan);
  });

  test('a new query gets no uid that another one had', () => {
    const saved = planOf(A, B);
    const { plan } = recognize(saved, planOf(C, B));
    expect(statefulOf(saved).map(({ uid }) => uid)).not.toContain(operatorOf(plan, 'c'));
  });

  test('one that changes among others is refused as ambiguous: it may be another one', () => {
    const [saved, next] = [planOf(A, B), planOf(counting('a', 'id = 9'), B)];
    const comparison = compareState(saved, next);
    const [family = '', fresh = ''] = [operatorOf(saved, 'a'), operatorOf(recognize(saved, next).plan, 'a')];
    expect(comparison.ambiguous).toEqual([
      {
        uid: family,
        state: 'acc',
        reason: `its query (INSERT INTO default_catalog.default_database.a) is not in the plan as it was; ${fresh} (INSERT INTO default_catalog.default_database.a) may be that query, changed`,
      },
    ]);
    expect(fatesOf(saved, next)).toEqual([`restored ${operatorOf(saved, 'b')}`, `dropped ${family}`, `starts empty ${fresh}`, `ambiguous ${family}`]);
    expect(() => assertCompatible(comparison, { allowNonRestored: true })).not.toThrow();
    const refusal = (): unknown => {
      try {
        return assertCompatible(comparison, { allowNonRestored: false });
      } catch (error) {
        return isError(error, 'STATE_INCOMPATIBLE') ? error.hint : error;
      }
    };
    expect(refusal()).toMatch(/^leave the filter of a query as it was where its state shall go on, or pass --allow-non-restored-state/);
  });

  test.each<[string, readonly string[], readonly string[]]>([
    ['one becomes two others', [A], [B, C]],
    ['two become another one', [A, B], [C]],
  ])('%s: refused as ambiguous', (_, before, after) => {
    const fates = fatesOf(planOf(...before), planOf(...after));
    expect(fates.filter((fate) => fate.startsWith('ambiguous'))).toHaveLength(before.length);
    expect(fates.filter((fate) => /^(restored|evolved)/.test(fate))).toEqual([]);
  });

  test('one that is alone of its kind keeps its state, and the difference is said', () => {
    const [saved, next] = [planOf(A, counting('c', 'id = 1', { from: 'other.t' })), planOf(counting('a', 'id = 9'), counting('c', 'id = 1', { from: 'other.t' }))];
    expectKept(saved, next, ['a', 'c']);
    expect(compareState(saved, next)).toMatchObject({ evolved: [{ uid: operatorOf(saved, 'a'), changes: [expect.stringMatching(/^takes in other rows \(another WHERE/)] }], ambiguous: [], dropped: [] });
  });

  test.each([
    ['', ''],
    [' under a uid of the greatest length', `, ${Array.from({ length: 24 }, () => 'x').join(' + ')}`],
  ])('siblings that an older plan has numbered go on%s', (_, keys) => {
    const [a, b, c] = [A + keys, B + keys, C + keys];
    const saved: Plan = JSON.parse(JSON.stringify(planOf(a, b, c)).replaceAll(/,"family":"[^"]+"/g, ''));
    const [first = '', second = '', third = ''] = statefulOf(saved).map(({ uid }) => uid);
    const [two = '', three = ''] = ['-2', '-3'].map((number) => first.slice(0, 64 - number.length) + number);
    const numbered: Plan = JSON.parse(JSON.stringify(saved).replaceAll(second, two).replaceAll(third, three));
    expect(first.length === 64).toBe(keys !== '');
    expectKept(numbered, planOf(c, b, a), ['a', 'b', 'c']);
    expect(fatesOf(numbered, planOf(c, b, a))).toEqual([`restored ${first}`, `restored ${two}`, `restored ${three}`]);
  });
});

describe('queries that differ in their aggregates', () => {
  const [count, sum] = [counting('a', 'id = 1'), counting('b', 'id = 1', { result: 'SUM(x)' })];
  const exchanged = `(SELECT x AS p, y AS q, ts FROM t WHERE id = 1 UNION ALL SELECT y AS p, x AS q, ts FROM t WHERE id = 2)`;
  const over = (into: string, column: string): string =>
    `${into} SELECT window_start, SUM(${column}) FROM TABLE(TUMBLE(${exchanged}, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end`;

  test.each<[string, readonly string[], readonly string[]]>([
    ['in another order', [count, sum], [sum, count]],
    ['of columns that a union has exchanged', [over('a', 'p'), over('b', 'q')], [over('b', 'q'), over('a', 'p')]],
  ])('%s', (_, before, after) => {
    const [saved, next] = [planOf(...before), planOf(...after)];
    expect(statefulOf(saved)).toHaveLength(2);
    expectKept(saved, next, ['a', 'b']);
  });

  test('one of which gets one more', () => {
    const [saved, next] = [planOf(count, sum), planOf(counting('b', 'id = 1', { result: 'SUM(x) + MAX(y)' }), count)];
    expectKept(saved, next, ['a', 'b']);
    expect(compareState(saved, next).evolved).toMatchObject([{ uid: operatorOf(saved, 'b'), changes: ['new aggregate MAX(y) starts at zero in open windows'] }]);
  });

  test('one of which counts something else: refused as ambiguous', () => {
    expect(fatesOf(planOf(count, sum), planOf(count, counting('b', 'id = 1', { result: 'MAX(y)' }))).map((fate) => fate.split(' ')[0])).toEqual(['restored', 'dropped', 'starts', 'ambiguous']);
  });
});

describe('queries over a UNION', () => {
  const over = (into: string, sides: readonly string[], { result = 'SUM(v)', by = '' } = {}): string =>
    `${into} SELECT window_start, ${result} FROM TABLE(TUMBLE((${sides.join(' UNION ALL ')}), DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end${by}`;
  const side = (column: string, from: string): string => `SELECT ts, ${column} AS v FROM ${from}`;
  const minute = (column: string, where: string): string =>
    `SELECT window_time AS ts, SUM(${column}) AS v FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND)) WHERE ${where} GROUP BY window_start, window_end, window_time`;

  test.each<[string, readonly string[], readonly string[]]>([
    ['crossed, of one table', [side('x', 't WHERE id = 1'), side('y', 't WHERE id = 2')], [side('y', 't WHERE id = 1'), side('x', 't WHERE id = 2')]],
    ['crossed, of two tables', [side('x', 't'), side('y', 'other.t')], [side('y', 't'), side('x', 'other.t')]],
    ['crossed, of sums', [minute('x', 'id = 1'), minute('y', 'id = 2')], [minute('y', 'id = 1'), minute('x', 'id = 2')]],
  ])('%s: known in another order', (_, first, second) => {
    const [p, q] = [over('a', first), over('b', second)];
    expectKept(planOf(p, q), planOf(q, p), ['a', 'b']);
    expect(fatesOf(planOf(p, q), planOf(q, p)).filter((fate) => !fate.startsWith('restored'))).toEqual([]);
  });

  test.each([
    ['the sum of a crossed one', {}, 'SUM(x | y)'],
    ['the key of a crossed one', { result: 'COUNT(*)', by: ', v' }, 'key x | y'],
  ])('%s is of other columns under the same name: refused', (_, written, name) => {
    const query = (first: string, second: string): Plan => planOf(over('a', [side(first, 't'), side(second, 'other.t')], written));
    expect(compareState(query('x', 'y'), query('y', 'x')).incompatible).toMatchObject([{ state: 'acc', reason: `its ${name} would be made of other columns, under the same name` }]);
    expect(compareState(query('x', 'y'), query('x', 'y'))).toMatchObject({ incompatible: [], evolved: [] });
  });

  test('what lies above a crossed one is known by it', () => {
    const above = (into: string, sides: readonly string[]): string =>
      `${into} SELECT window_start, MAX(n) FROM TABLE(TUMBLE((SELECT window_time AS ts, SUM(v) AS n FROM TABLE(TUMBLE((${sides.join(' UNION ALL ')}), DESCRIPTOR(ts), INTERVAL '1' SECOND)) GROUP BY window_start, window_end, window_time), DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end`;
    const [p, q] = [above('a', [side('x', 't'), side('y', 'other.t')]), above('b', [side('y', 't'), side('x', 'other.t')])];
    expectKept(planOf(p, q), planOf(q, p), ['a', 'b']);
  });

  test('filters that change places are other rows, and said', () => {
    const query = (one: number, two: number): Plan => planOf(over('a', [side('x', `t WHERE id = ${one}`), side('y', `t WHERE id = ${two}`)]));
    expect(compareState(query(1, 2), query(2, 1))).toMatchObject({ incompatible: [], evolved: [{ changes: [expect.stringMatching(/^takes in other rows/)] }] });
  });
});

describe('a query that keeps rows', () => {
  const sessions = 'TABLE(SESSION(TABLE t PARTITION BY id, DESCRIPTOR(ts), INTERVAL \'1\' MINUTE))';

  test.each<[string, string, string]>([
    ['in order', 'a SELECT ts, x FROM t ORDER BY ts', 'a SELECT ts, x + y FROM t ORDER BY ts'],
    ['of a session', `a SELECT window_start, x FROM ${sessions}`, `a SELECT window_start, x + y FROM ${sessions}`],
  ])('%s, and reads another column: refused, since they would be lost', (_, before, after) => {
    expect(compareState(planOf(before), planOf(before))).toMatchObject({ incompatible: [], evolved: [] });
    const { incompatible } = compareState(planOf(before), planOf(after));
    expect(incompatible).toMatchObject([{ state: 'acc', reason: expect.stringMatching(/^rows that wait in it were kept as ARRAY_AGG\(ROW\(.*x\)\), and would be as ARRAY_AGG\(ROW\(.*y\)/) }]);
  });

  test('up to a LIMIT goes on counting, whatever is read', () => {
    expect(compareState(planOf('a SELECT ts, x FROM t LIMIT 3'), planOf('a SELECT ts, x + y FROM t LIMIT 3'))).toMatchObject({ restored: [{}, { state: 'acc' }], evolved: [], incompatible: [] });
  });
});

test('queries that differ in their LIMIT, in another order', () => {
  const [three, five] = ['a SELECT ts, x FROM t LIMIT 3', 'b SELECT ts, x FROM t LIMIT 5'];
  const [saved, next] = [planOf(three, five), planOf(five, three)];
  expect(statefulOf(saved)).toHaveLength(2);
  expectKept(saved, next, ['a', 'b']);
});

test('rows of VALUES that come too late are said: they leave as a job begins', () => {
  const rows = (...of: readonly number[]): string => `b SELECT CAST(NULL AS TIMESTAMP(3)), v FROM (VALUES ${of.map((n) => `(${n})`).join(', ')}) AS r(v)`;
  expect(comparisonLines(compareState(planOf(A, rows(1)), planOf(rows(1), A))).filter((line) => !line.includes('restored'))).toEqual([]);
  expect(comparisonLines(compareState(planOf(A), planOf(A, rows(1))))).toContainEqual(expect.stringMatching(/starts empty  values-\S+\.rows: its rows are not emitted, since the job has begun$/));
  expect(verdictOf(compareState(planOf(A, rows(1)), planOf(A, rows(2))))).toBe('partly compatible');
});

const BEGINS = 'at the startup mode of the source';

describe('tables of one name', () => {
  const [ours, theirs] = ['a SELECT ts, 1 FROM t', 'other.a SELECT ts, 2 FROM other.t'];
  const tablesOf = (plan: Plan): Record<string, string> => Object.fromEntries([...sourcesOf(plan), ...sinksOf(plan)].map(({ uid, table }) => [uid, table]));

  test('are what they were, in whatever order', () => {
    const saved = planOf(ours, theirs);
    expect(Object.keys(tablesOf(saved))).toHaveLength(4);
    expect(tablesOf(recognize(saved, planOf(theirs, ours)).plan)).toEqual(tablesOf(saved));
    expect(compareState(saved, planOf(theirs, ours))).toMatchObject({ dropped: [], empty: [] });
  });

  test('a new one has no part in the state of the other', () => {
    const [saved, next] = [planOf(ours), planOf(theirs, ours)];
    const { plan } = recognize(saved, next);
    expect(tablesOf(plan)).toMatchObject(tablesOf(saved));
    expect(compareState(saved, next).empty).toEqual([{ uid: sourcesOf(plan).find(({ table }) => table.includes('.other.'))?.uid, state: 'offsets of other', begins: BEGINS }]);
  });

  test('the only one whose hints change is what it was; of two, nobody can tell', () => {
    const hinted = (into: string, idle: number): string => `${into} SELECT ts, 1 FROM t /*+ OPTIONS('scan.watermark.idle-timeout' = '${idle}s') */`;
    const saved = planOf(hinted('a', 1), hinted('b', 2));
    expect(compareState(saved, planOf(hinted('b', 3), hinted('a', 1)))).toMatchObject({ restored: [{}, {}], dropped: [], empty: [], ambiguous: [] });
    expect(compareState(saved, planOf(hinted('a', 3), hinted('b', 4))).ambiguous).toHaveLength(2);
  });

  test('a table with a number in its name is no sibling of that without', () => {
    const [plain, numbered] = ['a SELECT ts, 1 FROM t', 'b SELECT ts, 1 FROM `t-2`'];
    const { dropped, empty, ambiguous } = compareState(planOf(numbered), planOf(plain, numbered));
    expect({ dropped, empty, ambiguous }).toEqual({ dropped: [], empty: [{ uid: 'source-t', state: 'offsets of t', begins: BEGINS }], ambiguous: [] });
  });

  test('one that hints give other options is known by its options', () => {
    const [plain, hinted] = ['a SELECT ts, 1 FROM t', "b SELECT ts, 1 FROM t /*+ OPTIONS('scan.startup.mode' = 'latest-offset') */"];
    const saved = planOf(plain, hinted);
    const startups = (plan: Plan): Record<string, string> => Object.fromEntries(sourcesOf(plan).map(({ uid, startup }) => [uid, startup.kind]));
    expect(startups(recognize(saved, planOf(hinted, plain)).plan)).toEqual(startups(saved));
  });
});

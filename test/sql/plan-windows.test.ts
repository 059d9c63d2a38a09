/** What the planner makes of windows, and of what stands between, above and below them. */
import { describe, expect, it } from 'vitest';
import { compileDataflow } from '../../lib/core/dataflow.ts';
import { isKind, type Plan } from '../../lib/core/plan.ts';
import type { Row } from '../../lib/core/types.ts';
import { explainPlan } from '../../lib/sql/explain.ts';
import { planOf, refusalOf, TUMBLE, type Setting } from './plan-support.ts';

const kinds = (plan: Plan): string => plan.nodes.map((node) => node.kind).join(' ');
const windowsOf = (plan: Plan) => plan.nodes.filter(isKind('window-aggregate'));
const uidsOf = (plan: Plan): string => windowsOf(plan).map(({ uid }) => uid).join(' ');

const HOP = "TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE))";
const CUMULATE = "TABLE(CUMULATE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE))";
const SESSION = "TABLE(SESSION(TABLE events PARTITION BY kind, DESCRIPTOR(ts), INTERVAL '1' MINUTE))";
const KEYED: Setting = { sink: ['k STRING', 'c BIGINT'] };
const counted = (from: string, where = ''): string => `SELECT kind, COUNT(*) FROM ${from} ${where} GROUP BY window_start, window_end, kind`;

/** The rows that leave the first path of the only source for some rows. */
function pathOf(plan: Plan, rows: readonly Row[]): Row[] {
  const out: Row[] = [];
  const [path] = compileDataflow(plan).sources[0]?.paths ?? [];
  const take = path?.into((row) => out.push([...row]));
  for (const row of rows) take?.(row);
  return out;
}

describe('an aggregation over a window function', () => {
  it.each([
    [HOP, { kind: 'hop', sizeMs: 300_000, slideMs: 60_000, offsetMs: 0 }],
    [CUMULATE, { kind: 'cumulate', sizeMs: 300_000, stepMs: 60_000, offsetMs: 0 }],
    [SESSION, { kind: 'session', gapMs: 60_000 }],
    ["TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '8' SECOND, INTERVAL -'1' SECOND))", { kind: 'hop', sizeMs: 8000, slideMs: 2000, offsetMs: -1000 }],
    ["CUMULATE(DATA => TABLE events, TIMECOL => DESCRIPTOR(ts), STEP => INTERVAL '1' SECOND, SIZE => INTERVAL '4' SECOND)", { kind: 'cumulate', sizeMs: 4000, stepMs: 1000, offsetMs: 0 }],
  ])('folds the rows of %s once', (from, window) => {
    const plan = planOf(counted(from), KEYED);
    expect(kinds(plan)).toBe('source window-aggregate calc sink');
    expect(windowsOf(plan)[0]?.window).toEqual(window);
  });

  it('filters rows below, whatever stands between', () => {
    const plan = planOf(`SELECT k, COUNT(*) FROM (SELECT kind AS k, window_start AS s, window_end AS e, n + 1 AS m FROM ${HOP}) AS t WHERE m > 5 GROUP BY s, e, k`, KEYED);
    expect(kinds(plan)).toBe('source calc window-aggregate calc sink');
    expect(uidsOf(plan)).toBe(uidsOf(planOf(counted(HOP), KEYED)));
  });

  it('takes the windows that rows carry where something asks for them before', () => {
    const plan = planOf(counted(HOP, "WHERE window_start > TIMESTAMP '2024-01-01 00:00:00'"), KEYED);
    expect(kinds(plan)).toBe('source window-table calc window-aggregate calc sink');
    expect(windowsOf(plan)[0]).toMatchObject({ carried: true, window: { kind: 'tumble', sizeMs: 1 } });
    expect(explainPlan(plan)).toContain('WindowAggregate over the windows that its rows carry');
  });

  it('is what SELECT DISTINCT means', () => {
    const plan = planOf(`SELECT DISTINCT window_start, kind, window_end, 'x' FROM ${HOP}`, { sink: ['s TIMESTAMP(3)', 'k STRING', 'e TIMESTAMP(3)', 'x STRING'] });
    expect(uidsOf(plan)).toBe(uidsOf(planOf(counted(HOP), KEYED)));
    expect(windowsOf(plan)[0]?.aggregates).toEqual([]);
  });
});

describe('a window function without aggregation', () => {
  const sink = ['i STRING', 's TIMESTAMP(3)', 't TIMESTAMP(3)'];

  it('gives a row per window', () => {
    const plan = planOf(`SELECT id, window_start, window_time FROM ${HOP.replace("'5'", "'2'")}`, { sink });
    expect(kinds(plan)).toBe('source window-table calc sink');
    expect(pathOf(plan, [['x', 61_000]])).toEqual([['x', 0, 119_999], ['x', 60_000, 179_999]]);
  });

  it('takes any slide', () => {
    const plan = planOf("SELECT id, window_start, window_time FROM TABLE(HOP(TABLE events, DESCRIPTOR(ts), INTERVAL '4' SECOND, INTERVAL '5' SECOND))", { sink });
    expect(pathOf(plan, [['x', 4500], ['y', 5000]])).toEqual([['x', 0, 4999], ['x', 4000, 8999], ['y', 4000, 8999]]);
  });

  it('gathers the rows of a session until it ends', () => {
    const plan = planOf(`SELECT id, window_start, window_time FROM ${SESSION}`, { sink });
    expect(kinds(plan)).toBe('source calc window-aggregate unnest calc sink');
    expect(pathOf(plan, [['x', 'a', 61_000]])).toEqual([['a', 61_000, ['x']]]);
    const [operator] = compileDataflow(plan).operators;
    const out: Row[] = [];
    operator?.paths[0]?.into((row) => out.push([...row]))(['a', [['x'], ['y']], 1000, 2000, 1999]);
    expect(out).toEqual([['x', 1000, 1999], ['y', 1000, 1999]]);
    expect(uidsOf(plan)).not.toBe(uidsOf(planOf(counted(SESSION), KEYED)));
  });
});

describe('a window over a window', () => {
  const minutes = `SELECT kind, window_time AS rt, SUM(n) AS s FROM ${TUMBLE} GROUP BY kind, window_start, window_end, window_time`;
  const hours = "TABLE(TUMBLE(TABLE w, DESCRIPTOR(rt), INTERVAL '1' HOUR))";
  const sink = ['e TIMESTAMP(3)', 's INT'];
  const cascade = `WITH w AS (${minutes}) SELECT window_end, SUM(s) FROM ${hours} GROUP BY window_start, window_end`;

  it('takes window_time as its row time', () => {
    const plan = planOf(cascade, { sink });
    expect(windowsOf(plan).map(({ window }) => window)).toMatchObject([{ sizeMs: 60_000 }, { sizeMs: 3_600_000 }]);
    const [lower, upper] = compileDataflow(plan).operators;
    expect(lower?.paths.map(({ to }) => to.uid)).toEqual([upper?.uid]);
    expect(upper?.sources).toEqual([0]);
  });

  it('has uids that other aliases do not change, and other windows below do', () => {
    const renamed = `WITH x (a, b, c) AS (${minutes.replace('AS rt', 'AS r')}) SELECT window_end AS e, SUM(c) AS t FROM ${hours.replace('w,', 'x,').replace('rt', 'b')} GROUP BY window_end, window_start`;
    expect(uidsOf(planOf(renamed, { sink }))).toBe(uidsOf(planOf(cascade, { sink })));
    const [, upper] = uidsOf(planOf(cascade.replace("'1' MINUTE", "'2' MINUTE"), { sink })).split(' ');
    expect(uidsOf(planOf(cascade, { sink }))).not.toContain(upper);
  });

  it('groups by the windows of a subquery', () => {
    const plan = planOf(`SELECT e, MAX(c) FROM (SELECT window_start AS s, window_end AS e, kind, COUNT(*) AS c FROM ${HOP} GROUP BY window_start, window_end, kind) GROUP BY s, e`, { sink: ['e TIMESTAMP(3)', 'm BIGINT'] });
    const [lower, upper] = windowsOf(plan);
    expect(lower?.window.kind).toBe('hop');
    expect(upper).toMatchObject({ carried: true, keys: [0], columns: [{ name: 'window_start' }, { name: 'MAX(COUNT(*))' }, {}, { name: 'window_end' }, {}] });
  });

  it.each<[string, string]>([
    [cascade.replace('window_time AS rt', 'window_end AS rt').replace('window_end, window_time)', 'window_end)'), 'The window function requires the timecol is a time attribute type, but is TIMESTAMP(3).'],
    [cascade.replace('window_end, window_time)', 'window_end)'), "Expression 'window_time' is not being grouped"],
    [cascade.replace('window_time AS rt', 'CAST(window_time AS TIMESTAMP(3)) AS rt'), 'time attribute'],
    [`SELECT window_end, SUM(n) FROM ${SESSION.replace(' PARTITION BY kind', '')} GROUP BY window_start, window_end, kind`, 'update changes'],
    [`SELECT window_end, SUM(c) FROM (SELECT window_start, window_end, kind, SUM(n) AS c FROM ${SESSION} GROUP BY window_start, window_end, kind) GROUP BY window_start, window_end`, 'update changes'],
  ])('refuses %s', (sql, reason) => {
    expect(refusalOf(sql, { sink })).toContain(reason);
  });
});

describe('UNION ALL', () => {
  const others = { columns: ['id INT', 'due TIMESTAMP(3)'], watermark: 'due AS due' };
  const setting = { sink: ['i STRING', 't TIMESTAMP(3)'], tables: { others } };

  it('gives the columns a common type, and the names of the first', () => {
    const plan = planOf('SELECT total AS x FROM events UNION ALL SELECT n FROM events UNION ALL SELECT 1 FROM events', { sink: ['x BIGINT'] });
    const [union] = plan.nodes.filter(isKind('union'));
    expect(union?.columns).toMatchObject([{ name: 'x', type: { kind: 'BIGINT' }, nullable: true }]);
    expect(union?.inputs).toHaveLength(3);
  });

  it.each(['', ', window_time'])('keeps windows that all sides have in the same columns%s', (time) => {
    const side = (key: string): string => `SELECT window_start AS s, ${key} AS k, window_end AS e${time} FROM ${HOP}`;
    const plan = planOf(`SELECT s, COUNT(*) FROM (${side('id')} UNION ALL ${side('kind')}) GROUP BY s, e`, { sink: ['s TIMESTAMP(3)', 'c BIGINT'] });
    expect(windowsOf(plan)).toMatchObject([{ carried: true }]);
    const other = side('id').replace("'5' MINUTE", "'4' MINUTE");
    expect(refusalOf(`SELECT s, COUNT(*) FROM (${side('id')} UNION ALL ${other}) GROUP BY s, e`, { sink: ['s TIMESTAMP(3)', 'c BIGINT'] })).toContain('update changes');
  });

  it('without ALL has the different rows', () => {
    const plan = planOf('SELECT id FROM events UNION SELECT kind FROM events', { sink: ['x STRING'] });
    expect(windowsOf(plan)).toMatchObject([{ window: { kind: 'unbounded' }, aggregates: [] }]);
  });

  it('reads a table once for all sides', () => {
    const plan = planOf('SELECT id FROM events WHERE n > 1 UNION ALL SELECT kind FROM events', { sink: ['x STRING'] });
    const [source, second] = plan.nodes.filter(isKind('source'));
    expect(second).toBeUndefined();
    expect(source?.columns.map(({ name }) => name)).toEqual(['id', 'kind', 'n', 'ts']);
    expect(compileDataflow(plan).sources[0]?.paths).toHaveLength(2);
  });

  it('keeps the time attribute of all sides, so that a window stands above several sources', () => {
    const from = "TABLE(TUMBLE((SELECT id, ts FROM events UNION ALL SELECT CAST(id AS STRING), due FROM others), DESCRIPTOR(ts), INTERVAL '1' MINUTE))";
    const plan = planOf(`SELECT MIN(id), window_start FROM ${from} GROUP BY window_start, window_end`, setting);
    expect(compileDataflow(plan).operators[0]?.sources).toEqual([0, 1]);
    const swapped = from.replace(/\(SELECT (.*) UNION ALL SELECT (.*)\), DESC/, '(SELECT CAST(id AS STRING) AS id, due AS ts FROM others UNION ALL SELECT id, ts FROM events), DESC');
    expect(uidsOf(planOf(`SELECT MIN(id), window_start FROM ${swapped} GROUP BY window_start, window_end`, setting))).toBe(uidsOf(plan));
  });

  it.each<[string, string]>([
    ['SELECT id, ts FROM events UNION ALL SELECT id, seen FROM events', 'Union fields with time attributes requires same types, but the types are TIMESTAMP(3) *ROWTIME* and TIMESTAMP(3).'],
    ['SELECT id, ts FROM events UNION ALL SELECT id FROM events', 'Column count mismatch in UNION ALL'],
    ['SELECT id, ts FROM events UNION ALL SELECT n, ts FROM events', 'Type mismatch in column 1 of UNION ALL'],
    ['SELECT * FROM TABLE(TUMBLE((SELECT id, MAX(ts) AS ts FROM events GROUP BY id), DESCRIPTOR(ts), INTERVAL \'1\' MINUTE))', 'The window function requires the timecol is a time attribute type, but is TIMESTAMP(3).'],
    ['SELECT id, ts FROM events INTERSECT SELECT id, ts FROM events', 'INTERSECT'],
  ])('refuses %s', (sql, reason) => {
    expect(refusalOf(sql, setting)).toContain(reason);
  });
});

describe('WITH and column aliases', () => {
  it.each([
    'WITH x AS (SELECT id, n FROM events) SELECT id FROM x WHERE n > 1',
    'WITH x (a, b) AS (SELECT id, n FROM events), y AS (SELECT a FROM x WHERE b > 1) SELECT a FROM y',
    'WITH x AS (WITH y AS (SELECT id, n FROM events) SELECT * FROM y) SELECT x.id FROM x WHERE n > 1',
    'SELECT a FROM (SELECT id, n FROM events) AS t(a, b) WHERE t.b > 1',
    'WITH events AS (SELECT id, n FROM events WHERE n > 1) SELECT id FROM events',
  ])('%s', (sql) => {
    const plan = planOf(sql, { sink: ['i STRING'] });
    expect(kinds(plan)).toBe('source calc sink');
    expect(pathOf(plan, [['x', 1, 0], ['y', 2, 0]])).toEqual([['y']]);
  });

  it('names columns that come again', () => {
    const plan = planOf('SELECT id0, EXPR$2 FROM (SELECT id, id, n + 1 FROM events)', { sink: ['a STRING', 'b INT'] });
    expect(pathOf(plan, [['x', 1, 0]])).toEqual([['x', 2]]);
  });

  it.each<[string, string]>([
    ['WITH x AS (SELECT * FROM y), y AS (SELECT id FROM events) SELECT * FROM x', 'y'],
    ['WITH x (a) AS (SELECT id, n FROM events) SELECT a FROM x', 'Number of columns must match number of query columns'],
    ['WITH x (a, a) AS (SELECT id, n FROM events) SELECT a FROM x', "Duplicate name 'a' in column list"],
    ['WITH x AS (SELECT id, n, id FROM events UNION ALL SELECT id, n, kind FROM events) SELECT n FROM x', "Column has duplicate column name 'id' and no column list specified"],
    ['SELECT a FROM (SELECT id, n FROM events) AS t (a)', "table has 2 columns ('id', 'n'), whereas alias list has 1 columns"],
    ['SELECT a FROM (SELECT id, n FROM events) AS t (a, a)', "Duplicate name 'a' in column alias list"],
  ])('refuses %s', (sql, reason) => {
    expect(refusalOf(sql, { sink: ['a STRING'] })).toContain(reason);
  });
});

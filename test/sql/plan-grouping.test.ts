/** Grouping sets and legacy group windows as plans, and what is refused as Flink refuses it. */
import { describe, expect, test } from 'vitest';
import type { Plan, WindowAggregateNode } from '../../lib/core/plan.ts';
import { statefulOf } from '../../lib/core/plan.ts';
import { planOf, refusalOf, TUMBLE } from './plan-support.ts';

const SINK = { sink: ['kind STRING', 'n INT', 'level BIGINT', 'cnt BIGINT'] };

function only(plan: Plan): WindowAggregateNode {
  const [node, second] = statefulOf(plan);
  if (node === undefined || second !== undefined) throw new Error('the plan has one window aggregation');
  return node;
}

describe('grouping sets', () => {
  const sets = (groupBy: string, items = 'kind, n, GROUPING_ID(n, kind), COUNT(*)'): Plan =>
    planOf(`SELECT ${items} FROM ${TUMBLE} GROUP BY window_start, window_end, ${groupBy}`, SINK);

  test('every row goes on once per set, its other keys NULL, with the place of the set', () => {
    const plan = sets('ROLLUP (kind, n)');
    const expand = plan.nodes.find((node) => node.kind === 'expand');
    expect(expand?.projects.map((project) => project.slice(0, 3).map((e) => (e.op === 'literal' ? e.value : e.op)))).toEqual([
      ['column', 'column', 0],
      ['column', null, 1],
      [null, null, 2],
    ]);
    expect(expand?.columns.map(({ name, nullable }) => [name, nullable])).toEqual([['kind', true], ['n', true], ['$e', false], ['ts', true]]);
    expect(only(plan)).toMatchObject({ keys: [0, 1, 2], timeColumn: 3 });
  });

  test('an argument that is a key as well keeps its value', () => {
    const plan = sets('CUBE (kind, n)', 'kind, n, GROUP_ID(), COUNT(n)');
    const node = only(plan);
    expect(node.keys).toEqual([0, 1, 2]);
    expect(node.aggregates[0]?.argument).toBe(4);
  });

  test('the order of elements and items does not change the state', () => {
    const uids = ['ROLLUP (kind), n', 'n, GROUPING SETS ((), kind)', 'GROUPING SETS ((kind, n), (n))'].map((groupBy) => only(sets(groupBy, 'kind, n, 1, COUNT(*)')).uid);
    expect(new Set(uids).size).toBe(1);
    expect(only(sets('kind, n')).uid).not.toBe(uids[0]);
  });

  test('one set needs no expansion, and GROUPING is 0', () => {
    const plan = sets('GROUPING SETS ((kind, n))');
    expect(plan.nodes.map((node) => node.kind)).not.toContain('expand');
    expect(only(plan).uid).toBe(only(sets('kind, n')).uid);
  });

  test('window columns may stand in the sets, if in all of them', () => {
    const query = (groupBy: string): string => `SELECT kind, 1, 2, COUNT(*) FROM ${TUMBLE} GROUP BY ${groupBy}`;
    const plan = planOf(query('GROUPING SETS ((window_start, window_end), (kind, window_end, window_start))'), SINK);
    expect(only(plan).uid).toBe(only(sets('ROLLUP (kind)', 'kind, 1, 2, COUNT(*)')).uid);
    expect(refusalOf(query('GROUPING SETS ((window_start, window_end), (window_start, kind))'), SINK)).toContain("doesn't support consuming update changes");
  });
});

const LEGACY = "TUMBLE(ts, INTERVAL '5' SECOND)";

describe('legacy group windows', () => {
  const of = (window: string, items = 'COUNT(*)', options: Readonly<Record<string, string>> = {}): Plan =>
    planOf(`SELECT ${items} FROM events GROUP BY ${window}`, { sink: items.split('),').map((_, i) => `c${i} BIGINT`), sinkOptions: { connector: 'print' }, options });

  test.each([
    [LEGACY, { kind: 'tumble', sizeMs: 5000, offsetMs: 0 }],
    ["HOP(ts, INTERVAL '4' SECOND, INTERVAL '10' SECOND)", { kind: 'hop', sizeMs: 10000, slideMs: 4000, offsetMs: 0, oldestFirst: true }],
    ["SESSION(ts, INTERVAL '0.005' SECOND)", { kind: 'session', gapMs: 5 }],
    ["TUMBLE(ts, INTERVAL '1:30' MINUTE TO SECOND)", { kind: 'tumble', sizeMs: 90000, offsetMs: 0 }],
  ])('%s', (window, spec) => expect(only(of(window)).window).toEqual(spec));

  test('windows of processing time', () => {
    const query = (time: string, items: string): Plan =>
      planOf(`SELECT ${items} FROM (SELECT PROCTIME() AS pt, n FROM events) GROUP BY TUMBLE(${time}, INTERVAL '5' SECOND)`, { sink: ['a BIGINT'] });
    for (const time of ['pt', 'PROCTIME()']) expect(only(query(time, 'COUNT(*)'))).toMatchObject({ timeColumn: null, window: { kind: 'tumble', sizeMs: 5000 } });
    expect(() => query('pt', "COUNT(*), TUMBLE_ROWTIME(pt, INTERVAL '5' SECOND)")).toThrow('A proctime window cannot provide a rowtime attribute.');
  });

  test('windows over the time at which windows of processing time fire', () => {
    const inner = "SELECT TUMBLE_PROCTIME(pt, INTERVAL '5' SECOND) AS pt, COUNT(*) AS c FROM (SELECT PROCTIME() AS pt FROM events) GROUP BY TUMBLE(pt, INTERVAL '5' SECOND)";
    const plan = planOf(`SELECT SUM(c) FROM (${inner}) GROUP BY HOP(pt, INTERVAL '5' SECOND, INTERVAL '10' SECOND)`, { sink: ['s BIGINT'] });
    expect(statefulOf(plan).map(({ window, timeColumn }) => [window.kind, timeColumn])).toEqual([['tumble', null], ['hop', null]]);
  });

  test('start, end and row time are those of the window', () => {
    const properties = ['START', 'END', 'ROWTIME'].map((property) => `TUMBLE_${property}(ts, INTERVAL '5' SECOND)`);
    const plan = planOf(`SELECT ${properties.join()}, COUNT(*) FROM events GROUP BY ${LEGACY}`, { sink: ['a TIMESTAMP(3)', 'b TIMESTAMP(3)', 'c TIMESTAMP(3)', 'd BIGINT'] });
    const calc = plan.nodes.find((node) => node.kind === 'calc');
    expect(calc?.project.map((e) => (e.op === 'column' ? e.index : e.op))).toEqual([1, 2, 3, 0]);
  });

  test('windows over their row time', () => {
    const inner = `SELECT TUMBLE_ROWTIME(ts, INTERVAL '5' SECOND) AS rt, COUNT(*) AS c FROM events GROUP BY ${LEGACY}`;
    const plan = planOf(`SELECT SUM(c) FROM (${inner}) GROUP BY HOP(rt, INTERVAL '5' SECOND, INTERVAL '10' SECOND)`, { sink: ['s BIGINT'] });
    expect(statefulOf(plan).map(({ window }) => window.kind)).toEqual(['tumble', 'hop']);
  });

  const LATE = { 'table.exec.emit.late-fire.enabled': 'true', 'table.exec.emit.late-fire.delay': '0 s', 'table.exec.emit.allow-lateness': '3 s' };

  test('late firing keeps windows for as long as rows may be late', () => {
    expect(only(of(LEGACY, 'COUNT(*)', LATE)).allowedLatenessMs).toBe(3000);
    expect(only(of(LEGACY, 'COUNT(*)', { ...LATE, 'table.exec.emit.late-fire.enabled': 'false' })).allowedLatenessMs).toBeUndefined();
    const { 'table.exec.emit.allow-lateness': _, ...unset } = LATE;
    expect(only(of(LEGACY, 'COUNT(*)', { ...unset, 'table.exec.state.ttl': '1 h' })).allowedLatenessMs).toBe(3_600_000);
    expect(only(of(LEGACY, 'COUNT(*)', { ...LATE, 'table.exec.state.ttl': '1 h' })).allowedLatenessMs).toBe(3000);
    expect(only(of("SESSION(ts, INTERVAL '1' SECOND)", 'COUNT(*)', { 'table.exec.emit.allow-lateness': '3 s' })).allowedLatenessMs).toBeUndefined();
  });

  test('early firing without a delay is for every row', () => {
    const early = { 'table.exec.emit.early-fire.enabled': 'true', 'table.exec.emit.early-fire.delay': '0 s' };
    expect(only(of(LEGACY, 'COUNT(*)', early)).earlyFire).toBe(true);
    expect(only(of(LEGACY)).earlyFire).toBeUndefined();
  });

  const refusedWith = (options: Readonly<Record<string, string>>, window = LEGACY): string => refusalOf(`SELECT COUNT(*) FROM events GROUP BY ${window}`, { sink: ['c BIGINT'], options });

  test.each([
    [{ 'table.exec.emit.late-fire.enabled': 'true' }, "SQL_VALIDATE.*'AFTER WATERMARK' emit strategy requires set 'allow-lateness'"],
    [{ ...LATE, 'table.exec.emit.late-fire.delay': '4 s' }, 'Allow-lateness \\[3000ms\\] should not be smaller than Late-fire delay \\[4000ms\\]'],
    [{ 'table.exec.emit.early-fire.enabled': 'true' }, 'Early-fire delay should not be null'],
    [{ 'table.exec.emit.early-fire.enabled': 'true', 'table.exec.emit.early-fire.delay': '1 s' }, "SQL_UNSUPPORTED.*'table.exec.emit.early-fire.delay' of more than 0 s"],
  ])('%j', (options, message) => expect(refusedWith(options)).toMatch(new RegExp(message)));

  test('a sink that only appends does not take results that change', () => {
    expect(refusedWith(LATE)).toContain("Table sink 'default_catalog.default_database.target' doesn't support consuming update changes which is produced by node GroupWindowAggregate");
  });

  test('emit options go with no other window', () => {
    expect(refusedWith(LATE, "SESSION(ts, INTERVAL '1' SECOND)")).toContain("Session window doesn't support EMIT strategy currently.");
    const windowed = `SELECT COUNT(*) FROM ${TUMBLE} GROUP BY window_start, window_end`;
    expect(refusalOf(windowed, { sink: ['c BIGINT'], options: LATE })).toContain("window table function based aggregate doesn't support early-fire and late-fire");
  });
});

const REFUSED: readonly (readonly [query: string, message: string])[] = [
  ['SELECT n FROM events GROUP BY ROLLUP (kind)', "Expression 'n' is not being grouped"],
  ['SELECT kind, COUNT(*) FROM events GROUP BY 1', "Expression 'kind' is not being grouped"],
  ['SELECT kind FROM events GROUP BY kind HAVING n > 1', "Expression 'n' is not being grouped"],
  ['SELECT * FROM events GROUP BY kind', "Expression 'events.id' is not being grouped"],
  ['SELECT kind AS k, COUNT(*) FROM events GROUP BY k', "Column 'k' not found in any table"],
  ['SELECT kind FROM events GROUP BY SUM(n)', 'Aggregate expression is illegal in GROUP BY clause'],
  ['SELECT kind FROM events GROUP BY kind HAVING 1', 'HAVING clause must be a condition'],
  ['SELECT CAST(COUNT(*) AS STRING) FROM events GROUP BY CUBE (kind)', "doesn't support consuming update changes which is produced by node GroupAggregate"],
  ['SELECT GROUPING(n) FROM events GROUP BY kind', 'Argument to GROUPING operator must be a grouped expression'],
  ['SELECT kind FROM events GROUP BY kind, GROUPING(kind)', 'GROUPING operator may only occur in SELECT, HAVING or ORDER BY clause'],
  [`SELECT ${LEGACY} FROM events`, "Group function '$TUMBLE' can only appear in GROUP BY clause"],
  ["SELECT SESSION_END(ts, INTERVAL '5' SECOND) FROM events", 'Unsupported call: SESSION_END'],
  ["SELECT 1 FROM events GROUP BY HOP(ts, 5, INTERVAL '5' SECOND)", "Cannot apply '$HOP' to arguments of type '$HOP(<TIMESTAMP(3)>, <INTEGER>, <INTERVAL SECOND>)'"],
  ['SELECT GROUPING_ID(kind) FROM events', 'GROUPING_ID operator may only occur in an aggregate query'],
  [`SELECT ${LEGACY} FROM events GROUP BY ${LEGACY}`, "Group function '$TUMBLE' can only appear in GROUP BY clause"],
  [`SELECT TUMBLE_START(ts, INTERVAL '1' SECOND) FROM events GROUP BY ${LEGACY}`, "Call to auxiliary group function 'TUMBLE_START' must have matching call to group function '$TUMBLE' in GROUP BY clause"],
  [`SELECT HOP_END(ts, INTERVAL '5' SECOND, INTERVAL '5' SECOND) FROM events GROUP BY ${LEGACY}`, "must have matching call to group function '$HOP'"],
  [`SELECT 1 FROM events GROUP BY ${LEGACY}, TUMBLE(ts, INTERVAL '6' SECOND)`, 'Only a single window group function may be used in GROUP BY'],
  [`SELECT 1 FROM events GROUP BY GROUPING SETS ((${LEGACY}, kind), (${LEGACY}))`, 'Unsupported call: $TUMBLE(TIMESTAMP(3) *ROWTIME*, INTERVAL SECOND(3) NOT NULL)'],
  ["SELECT 1 FROM events GROUP BY TUMBLE(seen, INTERVAL '5' SECOND)", 'Window aggregate can only be defined over a time attribute column, but TIMESTAMP(3) encountered.'],
  [`SELECT window_time, COUNT(*) FROM ${TUMBLE} GROUP BY window_start, window_end`, "Expression 'window_time' is not being grouped"],
  [`SELECT window_start, COUNT(*) FROM ${TUMBLE} GROUP BY window_end`, "Expression 'window_start' is not being grouped"],
  [`SELECT window_start FROM ${TUMBLE} GROUP BY TUMBLE(window_time, INTERVAL '5' MINUTE)`, "Expression 'window_start' is not being grouped"],
  [`SELECT MAX(kind) FROM ${TUMBLE.replace('TUMBLE', 'SESSION').replace('TABLE events', 'TABLE events PARTITION BY kind')} GROUP BY window_start, window_end, ROLLUP (kind)`, "doesn't support consuming update changes"],
  ["SELECT 1 FROM events GROUP BY TUMBLE(CAST(ts AS TIMESTAMP(3)), INTERVAL '5' SECOND)", 'Window aggregate can only be defined over a time attribute column, but TIMESTAMP(3) encountered.'],
  [`SELECT 1 FROM (SELECT TUMBLE_END(ts, INTERVAL '5' SECOND) AS we FROM events GROUP BY ${LEGACY}) GROUP BY TUMBLE(we, INTERVAL '5' SECOND)`, 'over a time attribute column'],
  ["SELECT 1 FROM events GROUP BY TUMBLE(kind, INTERVAL '5' SECOND)", "Cannot apply '$TUMBLE' to arguments of type '$TUMBLE(<VARCHAR(2147483647)>, <INTERVAL SECOND>)'. Supported form(s): '$TUMBLE(<DATETIME>, <DATETIME_INTERVAL>)'"],
  ["SELECT 1 FROM events GROUP BY TUMBLE(ts, INTERVAL '1' MONTH)", 'MONTH and YEAR time unit are not supported yet'],
  ["SELECT 1 FROM events GROUP BY TUMBLE(ts, INTERVAL '1' SECOND * n)", 'Only constant window descriptors are supported.'],
  ["SELECT 1 FROM events GROUP BY TUMBLE(ts, INTERVAL '0' SECOND)", 'parameters must satisfy size > 0'],
  ["SELECT 1 FROM events GROUP BY TUMBLE(ts, INTERVAL '5' SECOND, TIME '00:00:01')", 'TUMBLE window with alignment is not supported yet.'],
  ["SELECT 1 FROM events GROUP BY HOP(ts, INTERVAL '5' SECOND)", "Invalid number of arguments to function '$HOP'"],
];

test.each(REFUSED)('%s', (query, message) => expect(refusalOf(query, { sink: ['a STRING'] })).toContain(message));

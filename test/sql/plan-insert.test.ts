import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileDataflow } from '../../lib/core/dataflow.ts';
import { isError } from '../../lib/core/errors.ts';
import { uid } from '../../lib/core/numbers.ts';
import { isKind, type Plan, type PlanNode } from '../../lib/core/plan.ts';
import { typeText, type Row } from '../../lib/core/types.ts';
import { explainPlan } from '../../lib/sql/explain.ts';
import { DistinctUids } from '../../lib/sql/plan-uid.ts';
import { SINK_CONNECTORS } from '../../lib/sql/sink-options.ts';
import { planOf, refusalOf, TUMBLE, type Setting } from './plan-support.ts';

const kinds = (plan: Plan): string => plan.nodes.map((node) => node.kind).join(' ');
const only = <K extends PlanNode['kind']>(plan: Plan, kind: K): Extract<PlanNode, { kind: K }> => {
  const [node, second] = plan.nodes.filter(isKind(kind));
  if (node === undefined || second !== undefined) throw new Error(`not exactly one ${kind} in ${kinds(plan)}`);
  return node;
};
const names = (columns: readonly { readonly name: string }[]): string => columns.map(({ name }) => name).join(' ');

const COUNTS = ['a TIMESTAMP(6)', 'b TIMESTAMP(6)', 'c STRING', 'd BIGINT'];
const COUNT_QUERY = `SELECT window_start, window_end, kind, COUNT(*) AS c FROM ${TUMBLE} GROUP BY window_start, window_end, kind`;

describe('a tumbling window', () => {
  const plan = planOf(COUNT_QUERY, { sink: COUNTS });

  it('reads no more columns than it needs', () => {
    expect(kinds(plan)).toBe('source window-aggregate calc sink');
    expect(names(only(plan, 'source').columns)).toBe('kind ts');
    expect(only(plan, 'source').eventTime).toMatchObject({ column: 1 });
  });

  it('has its keys, aggregates and bounds as columns', () => {
    const node = only(plan, 'window-aggregate');
    expect(node).toMatchObject({ window: { kind: 'tumble', sizeMs: 60_000, offsetMs: 0 }, timeColumn: 1, keys: [0] });
    expect(names(node.columns)).toBe('kind COUNT(*) window_start window_end window_time');
  });

  it('ends in the columns of the sink', () => {
    const calc = only(plan, 'calc');
    expect(calc.columns.map(({ type }) => typeText(type)).join(' ')).toBe('TIMESTAMP(6) TIMESTAMP(6) STRING BIGINT');
    expect(plan.name).toBe('insert-into_default_catalog.default_database.target');
    expect(compileDataflow(plan).operators).toHaveLength(1);
  });

  it('takes an offset, named arguments and no TABLE() around it', () => {
    const from = "TUMBLE(DATA => TABLE events, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '1' HOUR, `OFFSET` => INTERVAL -'5' MINUTE)";
    const { window } = only(planOf(`SELECT COUNT(*) FROM ${from} GROUP BY window_start, window_end`, { sink: ['n BIGINT'] }), 'window-aggregate');
    expect(window).toEqual({ kind: 'tumble', sizeMs: 3_600_000, offsetMs: -300_000 });
  });

  it('filters below itself, and its result above', () => {
    const sql = `SELECT kind, SUM(n) FROM ${TUMBLE} WHERE total > 5 AND window_start > TIMESTAMP '2025-01-01 00:00:00'
      GROUP BY kind, window_start, window_end HAVING COUNT(*) > 1 AND SUM(n) < 10`;
    const filtered = planOf(sql, { sink: ['k STRING', 's INT'] });
    expect(kinds(filtered)).toBe('source calc window-aggregate calc sink');
    const [below, above] = filtered.nodes.filter(isKind('calc'));
    expect(names(below?.columns ?? [])).toBe('kind ts n');
    expect(below?.where).not.toBeNull();
    expect(above?.where).not.toBeNull();
    expect(names(only(filtered, 'window-aggregate').aggregates)).toBe('COUNT(*) SUM(n)');
  });

  it('groups by expressions and aggregates them', () => {
    const sql = `SELECT UPPER(kind), AVG(amount * 2), MAX(doubled) + 1 FROM ${TUMBLE} GROUP BY window_start, window_end, UPPER(kind)`;
    const plan = planOf(sql, { sink: ['k STRING', 'a DECIMAL(38, 6)', 'm INT'] });
    expect(names(only(plan, 'window-aggregate').columns)).toBe('UPPER(kind) AVG((amount * 2)) MAX((n * 2)) window_start window_end window_time');
    expect(compileDataflow(plan).operators).toHaveLength(1);
  });

  it('adds its columns without an aggregation, too', () => {
    const plan = planOf(`SELECT id, window_start, window_time FROM ${TUMBLE}`, { sink: ['id STRING', 's TIMESTAMP(3)', 't TIMESTAMP(3)'] });
    expect(kinds(plan)).toBe('source calc sink');
    const [path] = compileDataflow(plan).sources[0]?.paths ?? [];
    const rows: Row[] = [];
    path?.into((row) => rows.push(row))(['x', 61_000]);
    expect(rows).toEqual([['x', 60_000, 119_999]]);
  });

  it('is found through subqueries and aliases', () => {
    const sql = `SELECT s, c FROM (SELECT ws AS s, COUNT(*) AS c FROM (SELECT window_start AS ws, window_end AS we, n FROM ${TUMBLE} AS t WHERE t.n > 0) AS x
      GROUP BY ws, we) WHERE c > 1`;
    expect(kinds(planOf(sql, { sink: ['s TIMESTAMP(3)', 'c BIGINT'] }))).toBe('source calc window-aggregate calc sink');
  });
});

describe('a stateless query', () => {
  it('is nothing but source and sink if it copies', () => {
    const plan = planOf('SELECT id, ts FROM events', { sink: ['id STRING', 'ts TIMESTAMP(3)'] });
    expect(kinds(plan)).toBe('source sink');
  });

  it('computes, folds constants and computed columns', () => {
    const plan = planOf('SELECT doubled + 1 * 2, e.kind FROM events AS e WHERE 1 = 1', { sink: ['n INT', 'k STRING'] });
    const calc = only(plan, 'calc');
    expect(calc.where).toBeNull();
    expect(explainPlan(plan)).toContain('((n * 2) + 2) AS n');
  });

  it('expands *', () => {
    const sink = ['id STRING', 'kind STRING', 'amount DECIMAL(10, 2)', 'n INT', 'total BIGINT', 'ts TIMESTAMP(3)', 'seen TIMESTAMP(3)', 'd INT'];
    expect(names(only(planOf('SELECT * FROM events', { sink }), 'sink').columns)).toBe('id kind amount n total ts seen d');
  });

  it('fills the columns that an INSERT does not name with NULL', () => {
    const plan = planOf('SELECT id FROM events', { sink: ['a INT', 'b STRING'], columns: ['b'] });
    expect(only(plan, 'calc').project[0]).toMatchObject({ op: 'literal', value: null });
  });
});

describe('uids', () => {
  const uidOf = (sql: string, setting: Setting = { sink: COUNTS }): string => only(planOf(sql, setting), 'window-aggregate').uid;

  it('stay when only the writing changes', () => {
    const plain = uidOf(COUNT_QUERY);
    expect(plain).toMatch(/^tumble-kind-[0-9a-f]{12}$/);
    expect(uidOf(COUNT_QUERY.replaceAll(', ', ' ,\n').replace('AS c', 'AS other'))).toBe(plain);
    const reordered = `SELECT window_start, window_end, kind, COUNT(*) FROM ${TUMBLE} WHERE n > 0 GROUP BY kind, window_end, window_start`;
    expect(uidOf(reordered)).toBe(plain);
  });

  it('change with window, row time, keys and table', () => {
    const tables = {
      events: { columns: ['kind STRING', 'n INT', 'seen TIMESTAMP(3)'], watermark: 'seen AS seen' },
      others: { columns: ['kind STRING', 'n INT', 'ts TIMESTAMP(3)'], watermark: 'ts AS ts' },
    };
    const uids = [
      uidOf(COUNT_QUERY),
      uidOf(COUNT_QUERY.replace("'1' MINUTE", "'2' MINUTE")),
      uidOf(COUNT_QUERY.replaceAll('kind', 'id')),
      uidOf(COUNT_QUERY.replace('DESCRIPTOR(ts)', 'DESCRIPTOR(seen)'), { tables, sink: COUNTS }),
      uidOf(COUNT_QUERY.replace('TABLE events', 'TABLE others'), { tables, sink: COUNTS }),
    ];
    expect(new Set(uids).size).toBe(uids.length);
  });

  it('stay with other aggregates, so that the state of those that are kept is found', () => {
    const more = COUNT_QUERY.replace('COUNT(*)', 'SUM(amount), MAX(n), COUNT(*)');
    expect(uidOf(more, { sink: ['a TIMESTAMP(6)', 'b TIMESTAMP(6)', 'c STRING', 'd DECIMAL(38, 2)', 'e INT', 'f BIGINT'] })).toBe(uidOf(COUNT_QUERY));
    expect(uidOf(COUNT_QUERY.replace('COUNT(*)', 'COUNT(n)'))).toBe(uidOf(COUNT_QUERY));
  });

  it('name aggregates by what they mean, not by alias or place', () => {
    const aggregatesOf = (items: string, sink: readonly string[]): string =>
      names(only(planOf(`SELECT ${items} FROM ${TUMBLE} GROUP BY window_start, window_end`, { sink }), 'window-aggregate').aggregates);
    expect(aggregatesOf('SUM(n) AS a, COUNT(id) AS b', ['a INT', 'b BIGINT'])).toBe('COUNT(id) SUM(n)');
    expect(aggregatesOf('COUNT(id), MIN(amount) AS low, SUM(n) AS total', ['a BIGINT', 'b DECIMAL(10, 2)', 'c INT'])).toBe('COUNT(id) MIN(amount) SUM(n)');
    // What a column is computed from is part of what its aggregate means.
    expect(aggregatesOf('SUM(doubled) AS a', ['a INT'])).toBe('SUM((n * 2))');
  });

  it('of one plan differ, in the order of the plan', () => {
    const longest = uid('x'.repeat(64));
    const uids = new DistinctUids();
    expect([uid('a'), uid('b'), uid('a'), longest, longest, uid('a')].map((wanted) => uids.of(wanted))).toEqual(['a', 'b', 'a-2', longest, `${'x'.repeat(62)}-2`, 'a-3']);
  });

  it('of siblings have a fingerprint of what tells them apart, and say whose siblings they are', () => {
    const uids = new DistinctUids();
    const longest = uid('x'.repeat(64));
    const identities = [uid('a'), uid('a'), uid('a'), longest, longest].map((family, i) => uids.identify(family, `meaning ${i}`));
    expect(identities.map(({ family }) => family)).toEqual([undefined, 'a', 'a', undefined, longest]);
    expect(new Set(identities.map((identity) => identity.uid)).size).toBe(5);
    expect(identities[1]?.uid).toMatch(/^a-[0-9a-f]{12}$/);
    expect(identities[4]?.uid).toMatch(/^x{51}-[0-9a-f]{12}$/);
  });

  it('fit their form whatever the names are', () => {
    const long = 'x'.repeat(200);
    const tables = { [long]: { columns: ['`ключ` STRING'.replaceAll('`', ''), 'ts TIMESTAMP(3)'], watermark: 'ts AS ts' } };
    const sql = `SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE ${long}, DESCRIPTOR(ts), INTERVAL '1' DAY)) GROUP BY window_start, window_end, \`ключ\``;
    for (const node of planOf(sql, { tables, sink: ['n BIGINT'] }).nodes) expect(node.uid).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });
});

it('assigns a column once', () => {
  expect(refusalOf('SELECT id, kind FROM events', { sink: ['a STRING', 'b STRING'], columns: ['a', 'a'] })).toContain("Target column 'a' is assigned more than once");
});

describe('what is refused', () => {
  const window = `FROM ${TUMBLE} GROUP BY window_start, window_end`;

  it.each<[string, string]>([
    ['SELECT CAST(COUNT(*) AS STRING) FROM events', "doesn't support consuming update changes which is produced by node GroupAggregate"],
    ['SELECT MAX(kind) FROM events GROUP BY kind', "doesn't support consuming update changes"],
    [`SELECT MAX(kind) FROM ${TUMBLE} GROUP BY window_start`, "doesn't support consuming update changes"],
    ['SELECT MAX(c) FROM (SELECT kind, COUNT(*) AS c FROM events GROUP BY kind)', 'An aggregation over a result that changes'],
    ['SELECT kind, COUNT(*) FROM events GROUP BY kind UNION ALL SELECT kind, total FROM events', 'UNION ALL over a result that changes'],
    ['SELECT id FROM events ORDER BY id', 'Sort on a non-time-attribute field is not supported.'],
    ['SELECT id FROM events ORDER BY ts DESC', 'Sort on a non-time-attribute field is not supported.'],
    ['SELECT id FROM events ORDER BY id, ts', 'Sort on a non-time-attribute field is not supported.'],
    ['SELECT DISTINCT id, ts FROM events ORDER BY ts', 'Sort on a non-time-attribute field is not supported.'],
    ['SELECT DISTINCT id FROM events ORDER BY ts', 'is not in the select clause'],
    ['SELECT id FROM events ORDER BY 2', 'Ordinal out of range'],
    ['SELECT id FROM events ORDER BY 0', 'Ordinal out of range'],
    ['SELECT id FROM (SELECT id FROM events ORDER BY nope)', "Column 'nope' not found in any table"],
    ['SELECT id FROM events ORDER BY ts LIMIT 5', 'ORDER BY with LIMIT (Top-N)'],
    ['SELECT id FROM events OFFSET 5', 'FETCH is missed, which on streaming table is not supported currently.'],
    ['SELECT id FROM events ORDER BY ts LIMIT ALL OFFSET 5', 'FETCH is missed, which on streaming table is not supported currently.'],
    ['SELECT kind, COUNT(*) FROM events GROUP BY kind LIMIT 5', 'LIMIT over a result that changes'],
    [`SELECT COUNT(*) FILTER (WHERE n) ${window}`, 'FILTER clause must be a condition'],
    [`SELECT LISTAGG(n) ${window}`, "Supported form(s): 'LISTAGG(<CHARACTER>)'"],
    [`SELECT id, COUNT(*) ${window}`, "Expression 'id' is not being grouped"],
    [`SELECT SUM(kind) ${window}`, "Cannot apply 'SUM' to arguments of type 'SUM(<VARCHAR(2147483647)>)'. Supported form(s): 'SUM(<NUMERIC>)'"],
    [`SELECT SUM(COUNT(*)) ${window}`, 'nested'],
    ['SELECT identifier FROM events', 'not found'],
    ['SELECT kinds FROM events', "Did you mean 'kind'?"],
    ['SELECT x.id FROM events AS e', "Table 'x' not found"],
    ['SELECT UPER(id) FROM events', "Did you mean 'UPPER'?"],
    ['SELECT id + 1 FROM events', "Cannot apply '+'"],
    ['SELECT id FROM events WHERE n', 'WHERE clause must be a condition'],
    ['SELECT NULL FROM events', "Illegal use of 'NULL'"],
    ["SELECT * FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(seen), INTERVAL '1' MINUTE))", 'time attribute'],
    ["SELECT * FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(tss), INTERVAL '1' MINUTE))", "Did you mean 'ts'?"],
    ["SELECT * FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '0' MINUTE))", 'requires size to be positive, but got 0 ms.'],
    ["SELECT * FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '60' SECOND))", 'must satisfy abs(offset) < size, but got size 60000 ms and offset 60000 ms.'],
    ["SELECT * FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MONTH))", 'MONTH and YEAR time unit are not supported yet.'],
  ])('%s', (sql, reason) => {
    const refusal = refusalOf(sql, { sink: ['a STRING'] });
    expect(refusal).toMatch(/^(SQL_UNSUPPORTED|SQL_VALIDATE) at line|^SQL_/);
    expect(refusal).toContain(reason);
  });

  it('shows both schemas when the sink does not fit', () => {
    const refusal = refusalOf('SELECT total, n FROM events', { sink: ['a INT', 'b INT'] });
    expect(refusal).toContain("Incompatible types for sink column 'a' at position 0.");
    expect(refusal).toContain('Query schema: [total: BIGINT NOT NULL, n: INT]');
    expect(refusal).toContain('Sink schema:  [a: INT, b: INT]');
    expect(refusalOf('SELECT n FROM events', { sink: ['a INT', 'b INT'] })).toContain('Different number of columns.');
  });

  it.each([
    ['n', 'BIGINT', true],
    ['total', 'INT', false],
    ['n', 'DOUBLE', true],
    ['amount', 'DECIMAL(5, 1)', true],
    ['ts', 'TIMESTAMP(6)', true],
    ['id', 'INT', false],
    ['id', 'VARCHAR(5)', true],
    ['id', 'CHAR(5)', false],
    ['CAST(n AS DOUBLE)', 'DECIMAL(5, 1)', true],
    ['ts', 'DATE', true],
    ['ts', 'STRING', false],
    ["'abcdef'", 'CHAR(3)', true],
    ['n', 'STRING', false],
  ])('%s into %s: %s', (column, type, fits) => {
    const plan = () => planOf(`SELECT ${column} FROM events`, { sink: [`x ${type}`] });
    if (fits) expect(plan).not.toThrow();
    else expect(plan).toThrow('do not match');
  });

  it('is a connector that does not exist', () => {
    expect(refusalOf('SELECT id FROM events', { sink: ['a STRING'], sinkOptions: { connector: 'jdbc' } })).toContain(`Sinks are ${SINK_CONNECTORS.join(', ')}.`);
  });

  it('always has a code of SQL or of options', () => {
    const word = fc.constantFrom('id', 'n', 'ts', 'amount', 'kind', 'nope', '1', "'a'", 'NULL', '1.5', 'TRUE', 'COUNT(*)', 'window_start', "INTERVAL '1' DAY");
    const { expression } = fc.letrec<{ expression: string }>((tie) => ({
      expression: fc.oneof(
        { maxDepth: 3 },
        word,
        fc.tuple(tie('expression'), fc.constantFrom('+', '-', '*', '/', '=', '<', 'AND', '||', 'LIKE'), tie('expression')).map((parts) => `(${parts.join(' ')})`),
        fc.tuple(fc.constantFrom('SUM', 'UPPER', 'COALESCE', 'ABS', 'ROUND', 'IF', 'YEAR'), fc.array(tie('expression'), { minLength: 1, maxLength: 3 })).map(([fn, args]) => `${fn}(${args.join()})`),
        tie('expression').map((e) => `CAST(${e} AS DECIMAL(10, 2))`),
        tie('expression').map((e) => `CASE WHEN ${e} IS NULL THEN ${e} ELSE 1 END`),
      ),
    }));
    fc.assert(
      fc.property(expression, expression, fc.constantFrom('events', TUMBLE, `${TUMBLE} GROUP BY window_start, window_end, kind`), (a, b, from) => {
        const sql = from.includes('GROUP') ? `SELECT ${a}, ${b} FROM ${from}` : `SELECT ${a} FROM ${from} WHERE ${b}`;
        try {
          compileDataflow(planOf(sql, { sink: ['a DECIMAL(10, 2)', ...(from.includes('GROUP') ? ['b DECIMAL(10, 2)'] : [])] }));
        } catch (error) {
          if (!isError(error, 'SQL_VALIDATE', 'SQL_UNSUPPORTED', 'OPTION_INVALID', 'SQL_PARSE')) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});

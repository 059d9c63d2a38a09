/** Calls of aggregate functions: what is kept for them by name (V4), and what is refused in Flink's words. */
import { describe, expect, it } from 'vitest';
import type { AggregateCall, WindowAggregateNode } from '../../lib/core/plan.ts';
import { typeText } from '../../lib/core/types.ts';
import { planOf, refusalOf } from './plan-support.ts';

const tables = { t: { columns: ['k STRING', 'i INT', 'b BOOLEAN', 'd DATE', 'c CHAR(3)', 'n DECIMAL(10, 2)', 'v VARBINARY', 'ts TIMESTAMP(3)'], watermark: 'ts AS ts' } };
const TUMBLE = "FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end";
const HOP = "FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE)) GROUP BY window_start, window_end";

function callsOf(items: string, sink: readonly string[]): readonly AggregateCall[] {
  const node = planOf(`SELECT ${items} ${TUMBLE}`, { tables, sink: [...sink] }).nodes.find((n): n is WindowAggregateNode => n.kind === 'window-aggregate');
  return node?.aggregates ?? [];
}

const refused = (items: string, from = TUMBLE): string => refusalOf(`SELECT ${items} ${from}`, { tables, sink: ['x STRING'] });

describe('what is kept', () => {
  it('is named by its meaning, with DISTINCT and FILTER', () => {
    const calls = callsOf('SUM(i) FILTER (WHERE i > 1), COUNT(DISTINCT k), COUNT(*) FILTER (WHERE b)', ['a INT', 'b BIGINT', 'c BIGINT']);
    expect(calls.map(({ name }) => name)).toEqual(['COUNT(*) FILTER (WHERE b)', 'COUNT(DISTINCT k)', 'SUM(i) FILTER (WHERE (i > 1))']);
  });

  it('is one set for all DISTINCT calls on an argument, and another with a filter', () => {
    const calls = callsOf('SUM(DISTINCT i), COUNT(DISTINCT i), COUNT(DISTINCT i) FILTER (WHERE b)', ['a INT', 'b BIGINT', 'c BIGINT']);
    expect(calls.map(({ distinct }) => distinct)).toEqual(['DISTINCT i', 'DISTINCT i FILTER (WHERE b)', 'DISTINCT i']);
  });

  it('of STDDEV and VARIANCE are sums and a count, shared with calls of the same name', () => {
    const names = callsOf('STDDEV_POP(i), VAR_SAMP(i), SUM(i)', ['a INT', 'b INT', 'c INT']).map(({ name }) => name);
    expect(names).toEqual(['COUNT(i)', 'SUM((i * i))', 'SUM(i)']);
  });

  it('is the same for MIN with and without DISTINCT', () => {
    expect(callsOf('MIN(DISTINCT i), MIN(i)', ['a INT', 'b INT']).map(({ name }) => name)).toEqual(['MIN(i)']);
  });

  it('has constants as parameters', () => {
    const [list] = callsOf("LISTAGG(k, '|')", ['a STRING']);
    expect(list).toMatchObject({ name: "LISTAGG(k, '|')", fn: 'LISTAGG', parameters: ['|'] });
  });

  it.each<[string, string, boolean]>([
    ['COUNT(*)', 'BIGINT', false],
    ['SUM(n)', 'DECIMAL(38, 2)', true],
    ['AVG(n)', 'DECIMAL(38, 6)', true],
    ['AVG(i)', 'INT', true],
    ['STDDEV(n)', 'DECIMAL(38, 6)', true],
    ['VAR_POP(i)', 'INT', true],
    ['LAST_VALUE(k)', 'STRING', true],
    ['LISTAGG(k)', 'STRING', true],
    ['JSON_OBJECTAGG(KEY k VALUE k)', 'VARCHAR(2000)', false],
    ['PERCENTILE(i, 0.5)', 'DOUBLE', true],
  ])('%s is %s', (item, type, nullable) => {
    const sink = [`x ${type.replace('VARCHAR(2000)', 'STRING')}`];
    const node = planOf(`SELECT ${item} AS x ${TUMBLE}`, { tables, sink }).nodes.find((n): n is WindowAggregateNode => n.kind === 'window-aggregate');
    const columns = node?.columns.slice(0, node.aggregates.length) ?? [];
    // STDDEV and VARIANCE are no columns of the aggregation, but of what is made of it.
    const [column] = columns.length > 1 ? planOf(`SELECT ${item} AS x ${TUMBLE}`, { tables, sink }).nodes.flatMap((n) => (n.kind === 'calc' ? n.columns : [])).slice(-1) : columns;
    expect(column === undefined ? null : [typeText(column.type), column.nullable]).toEqual([type, nullable]);
  });
});

describe('what is refused', () => {
  it.each<[string, string]>([
    ['SUM(b)', "Cannot apply 'SUM' to arguments of type 'SUM(<BOOLEAN>)'. Supported form(s): 'SUM(<NUMERIC>)'"],
    ['AVG(ts)', "'AVG(<TIMESTAMP(3)"],
    ['STDDEV_POP(k)', "Cannot apply 'STDDEV_POP' to arguments of type 'STDDEV_POP(<VARCHAR(2147483647)>)'"],
    ['SUM(i, i)', "Invalid number of arguments to function 'SUM'. Was expecting 1 arguments"],
    ['COUNT()', "Invalid number of arguments to function 'COUNT'"],
    ['COUNT(i, k)', 'We now only support the count of one field.'],
    ['COUNT(DISTINCT i, k)', 'We now only support the count of one field.'],
    ['SUM(*)', 'Unknown identifier'],
    ['MAX(c)', "Max aggregate function does not support type: ''CHAR''."],
    ['MIN(v)', "Min aggregate function does not support type: ''VARBINARY''."],
    ['LAST_VALUE(d)', "LAST_VALUE aggregate function does not support type: ''DATE''."],
    ['LISTAGG(i)', "Supported form(s): 'LISTAGG(<CHARACTER>)'"],
    ['LISTAGG(k, k)', "'LISTAGG(<CHARACTER>, <CHARACTER_LITERAL>)'"],
    ['SUM(COUNT(*))', 'Aggregate expressions cannot be nested'],
    ['COUNT(*) FILTER (WHERE SUM(i) > 1)', 'FILTER must not contain aggregate expression'],
    ['COUNT(*) FILTER (WHERE i)', 'FILTER clause must be a condition'],
    ['COUNT(*) FILTER (WHERE NULL)', "Illegal use of 'NULL'"],
    ['FIRST_VALUE(i) IGNORE NULLS', "Cannot specify IGNORE NULLS or RESPECT NULLS following 'FIRST_VALUE'"],
    ['LISTAGG(k) WITHIN GROUP (ORDER BY k)', "Aggregate expression 'LISTAGG' must not contain a WITHIN GROUP clause"],
    ['PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY i)', 'WITHIN GROUP not allowed with PERCENTILE_CONT function'],
    ['PERCENTILE(i, 1.5)', "Percentage must be between [0.0, 1.0], but was '1.5'."],
    ['PERCENTILE(k, 0.5)', 'Invalid input arguments. Expected signatures are:'],
    ['APPROX_COUNT_DISTINCT(i)', 'APPROX_COUNT_DISTINCT aggregate function does not support yet for streaming.'],
    ['SINGLE_VALUE(i)', 'SINGLE_VALUE'],
    ['JSON_OBJECTAGG(KEY i VALUE k)', "Cannot apply 'JSON_OBJECTAGG'"],
  ])('%s', (item, reason) => expect(refused(item)).toContain(reason));

  it('what Flink cannot merge, over windows of several slices', () => {
    for (const item of ['LAST_VALUE(i)', 'FIRST_VALUE(i)', 'JSON_ARRAYAGG(k)']) expect(refused(item, HOP)).toContain("Could not find an implementation method 'merge' in class");
    expect(() => planOf(`SELECT LISTAGG(k) ${HOP}`, { tables, sink: ['x STRING'] })).not.toThrow();
  });

  it('aggregates in WHERE', () => {
    expect(refusalOf('SELECT i FROM t WHERE COUNT(*) > 1', { tables, sink: ['x INT'] })).toContain('Aggregate expression is illegal in WHERE clause');
  });
});

/** UNNEST of arrays, maps and multisets: its columns, its rows, and what is refused. */
import { describe, expect, it } from 'vitest';
import { callFunction, columnAt, compileExpression, literal } from '../../lib/core/expression.ts';
import { BOOLEAN, INT, STRING, typeText, type SqlType, type Value } from '../../lib/core/types.ts';
import { planOf, refusalOf } from './plan-support.ts';

const TABLES = { A: { columns: ['id INT', 'arr ARRAY<INT>', 'ar ARRAY<ROW<p INT, q STRING>>', 'm MAP<STRING, INT>', 'ts TIMESTAMP(3)'], watermark: 'ts AS ts' } };
const open = (type: SqlType) => ({ type, nullable: true });

function rowsOf(type: SqlType, value: Value, outer = false, ordinality = false): Value {
  const e = callFunction('ROWS OF', [columnAt(0, type), literal(BOOLEAN, outer), literal(BOOLEAN, ordinality)]);
  if (typeof e === 'string') throw new Error(e);
  return compileExpression(e)([value]);
}

describe('the rows', () => {
  const pairs: SqlType = { kind: 'ARRAY', element: open({ kind: 'ROW', fields: [{ name: 'p', ...open(INT) }, { name: 'q', ...open(STRING) }] }) };

  it('are elements, fields, entries, and as many of a multiset as it counts', () => {
    expect(rowsOf({ kind: 'ARRAY', element: open(INT) }, [3, null])).toEqual([[3], [null]]);
    expect(rowsOf(pairs, [[1, 'a'], null], false, true)).toEqual([[1, 'a', 1], [null, null, 2]]);
    expect(rowsOf({ kind: 'MAP', key: open(STRING), value: open(INT) }, [['k', 1]])).toEqual([['k', 1]]);
    expect(rowsOf({ kind: 'MULTISET', element: open(STRING) }, [['x', 2], ['y', 1]])).toEqual([['x'], ['x'], ['y']]);
  });

  it('are none, or one of NULLs', () => {
    for (const nothing of [null, []]) {
      expect(rowsOf(pairs, nothing)).toEqual([]);
      expect(rowsOf(pairs, nothing, true, true)).toEqual([[null, null, null]]);
    }
  });
});

const columnsOf = (query: string, sink: readonly string[]): string[] =>
  planOf(query, { sink, tables: TABLES }).nodes.at(-1)?.columns.map(({ name, type }) => `${name} ${typeText(type)}`) ?? [];

describe('the plan', () => {
  it.each([
    ['SELECT id, e FROM A CROSS JOIN UNNEST(arr) AS t(e)', ['id INT', 'e INT']],
    ['SELECT id, p, q, o FROM A, UNNEST(ar) WITH ORDINALITY AS t(p, q, o)', ['id INT', 'p INT', 'q STRING', 'o INT']],
    ['SELECT t.v, s.e FROM A LEFT JOIN UNNEST(m) AS t(k, v) ON TRUE INNER JOIN UNNEST(arr) AS s(e) ON TRUE WHERE k = \'a\'', ['v INT', 'e INT']],
    ['SELECT q FROM A CROSS JOIN UNNEST(ar)', ['q STRING']],
  ])('%s', (query, sink) => {
    expect(columnsOf(query, sink)).toEqual(sink);
  });

  it('reads only what is used, and keeps the row time', () => {
    const plan = planOf("SELECT e, COUNT(*) FROM TABLE(TUMBLE(TABLE x, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY e, window_start, window_end".replace('TABLE x', '(SELECT ts, e FROM A CROSS JOIN UNNEST(arr) AS t(e))'), { sink: ['e INT', 'n BIGINT'], tables: TABLES });
    const source = plan.nodes.find((node) => node.kind === 'source');
    expect(source?.columns.map(({ name }) => name)).toEqual(['arr', 'ts']);
    expect(plan.nodes.find((node) => node.kind === 'unnest')).toMatchObject({ columns: [{ name: 'e' }, { name: 'ts' }] });
  });

  it.each([
    ['SELECT id FROM A CROSS JOIN UNNEST(id)', 'no ARRAY, MAP or MULTISET'],
    ['SELECT id FROM A CROSS JOIN UNNEST(arr) AS t(a, b)', 'List of column aliases must have same degree as table'],
    ["SELECT id FROM TABLE(TUMBLE(TABLE A, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) CROSS JOIN UNNEST(arr) AS t(e)", 'UNNEST behind a window table function'],
  ])('%s is refused', (query, message) => {
    expect(refusalOf(query, { sink: ['id INT'], tables: TABLES })).toContain(message);
  });

  it('takes no condition', () => {
    expect(() => planOf('SELECT id FROM A LEFT JOIN UNNEST(arr) AS t(e) ON e > 1', { sink: ['id INT'], tables: TABLES })).toThrow('a condition on UNNEST');
  });
});

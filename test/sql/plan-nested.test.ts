/** Collections in queries: constructors, access to their parts, and names that reach into rows. */
import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../lib/core/expression.ts';
import type { CalcNode } from '../../lib/core/plan.ts';
import { typeText, type Value } from '../../lib/core/types.ts';
import { planOf, refusalOf, type Setting } from './plan-support.ts';

const TABLE = {
  columns: ['id INT', 'arr ARRAY<INT>', 'm MAP<STRING, INT>', 'r ROW<x INT, y STRING, z ROW<w DOUBLE>>', 'ar ARRAY<ROW<p INT, q STRING>>', 's STRING'],
};
const ROW: Value[] = [1, [3, null, 2], [['k1', 1], ['k2', 2]], [1, 'yy', [1.5]], [[7, 'seven']], 'text'];

const setting = (type: string): Setting => ({ sink: [`c ${type}`], tables: { A: TABLE } });

/** The value of an expression on the row; the sink has its type. */
function valueOf(expression: string, type: string, row = ROW): Value {
  const plan = planOf(`SELECT ${expression} FROM A`, setting(type));
  const source = plan.nodes.find((node) => node.kind === 'source');
  const calcs = plan.nodes.filter((node): node is CalcNode => node.kind === 'calc');
  const read = source?.columns.map(({ name }) => row[TABLE.columns.findIndex((text) => text.startsWith(`${name} `))] ?? null) ?? [];
  return calcs.reduce<readonly Value[]>((values, calc) => calc.project.map((e) => compileExpression(e)(values)), read)[0] ?? null;
}

/** The type of an expression, as the message about a wrong sink says it. */
const typeOf = (expression: string): string => /EXPR\$0: (.*)\]/.exec(refusalOf(`SELECT ${expression} FROM A`, setting('TIME')))?.[1] ?? '';

describe('constructors', () => {
  it.each([
    ['ARRAY[1, 2.5]', 'ARRAY<DECIMAL(11, 1) NOT NULL> NOT NULL', [10n, 25n]],
    ["ARRAY['a', 'bcd']", 'ARRAY<VARCHAR(3) NOT NULL> NOT NULL', ['a', 'bcd']],
    ['ARRAY[id, NULL]', 'ARRAY<INT> NOT NULL', [1, null]],
    ['ARRAY[ARRAY[1], ARRAY[2, 3]]', 'ARRAY<ARRAY<INT NOT NULL> NOT NULL> NOT NULL', [[1], [2, 3]]],
    ["MAP['a', 1, 'a', id]", 'MAP<CHAR(1) NOT NULL, INT> NOT NULL', [['a', 1]]],
    ["ROW(id, 'x')", 'ROW<`EXPR$0` INT, `EXPR$1` CHAR(1) NOT NULL> NOT NULL', [1, 'x']],
    ["(id, 'x')", 'ROW<`EXPR$0` INT, `EXPR$1` CHAR(1) NOT NULL> NOT NULL', [1, 'x']],
  ] as const)('%s is a %s', (expression, type, value) => {
    expect(typeOf(expression)).toBe(type);
    expect(valueOf(expression, type.replaceAll('EXPR$', 'f').replace(/ NOT NULL$/, ''))).toEqual(value);
  });

  it.each([
    ['ARRAY[]', 'Require at least 1 argument'],
    ["MAP['a', 1, 'b']", 'Map requires an even number of arguments'],
    ['ARRAY[1, arr]', 'must be of the same type'],
    ['ARRAY[NULL]', "Illegal use of 'NULL'"],
    ['ROW(1, NULL)', "Illegal use of 'NULL'"],
  ])('%s is refused', (expression, message) => {
    expect(refusalOf(`SELECT ${expression} FROM A`, setting('INT'))).toContain(message);
  });
});

describe('access', () => {
  it.each([
    ['arr[1]', 'INT', 3],
    ['arr[id + 1]', 'INT', null],
    ['arr[id - 1]', 'INT', null],
    ['arr[9]', 'INT', null],
    ["m['k2']", 'INT', 2],
    ['m[s]', 'INT', null],
    ['r.x', 'INT', 1],
    ['A.r.y', 'STRING', 'yy'],
    ['`A`.`r`.`z`.`w`', 'DOUBLE', 1.5],
    ['(r).z.w', 'DOUBLE', 1.5],
    ['ar[1].q', 'STRING', 'seven'],
    ['-arr[3] + 1', 'INT', -1],
    ['CARDINALITY(m)', 'INT', 2],
    ['ELEMENT(ARRAY[id])', 'INT', 1],
    ['CAST(arr AS STRING)', 'STRING', '[3, NULL, 2]'],
    ['CAST(r AS ROW<a BIGINT, b STRING, c ROW<d STRING>>).c.d', 'STRING', '1.5'],
  ])('%s', (expression, type, value) => {
    expect(valueOf(expression, type)).toEqual(value);
  });

  it('fails where an array has more than one element', () => {
    expect(() => valueOf('ELEMENT(arr)', 'INT')).toThrow('Array has more than one element.');
    expect(valueOf('ELEMENT(arr)', 'INT', [1, [], null, null, null, null])).toBeNull();
  });

  it.each([
    ['arr[0]', 'Array element access needs an index starting at 1 but was 0.'],
    ['arr[-1]', 'Array element access needs an index starting at 1 but was -1.'],
    ["arr['a']", "Cannot apply 'ITEM' to arguments of type 'ITEM(<INTEGER ARRAY>, <CHAR(1)>)'. Supported form(s): <ARRAY>[<INTEGER>]"],
    ['m[1]', "ITEM(<(VARCHAR(2147483647), INTEGER) MAP>, <INTEGER>)"],
    ['id.a', "Table 'id' not found"],
    ['r.b', "Column 'r.b' not found in table 'A'"],
    ['(r).b', "Unknown field 'b'"],
    ['A.r.* AS c', "Unknown field '*'"],
    ['id.*', "Unknown identifier 'id'"],
  ])('%s is refused', (expression, message) => {
    expect(refusalOf(`SELECT ${expression} FROM A`, setting('INT'))).toContain(message);
  });
});

describe('functions', () => {
  it.each([
    ['ARRAY_CONTAINS(arr, NULL)', 'BOOLEAN', true],
    ['ARRAY_CONTAINS(arr, 7)', 'BOOLEAN', false],
    ['ARRAY_POSITION(arr, 2)', 'INT', 3],
    ['ARRAY_POSITION(arr, NULL)', 'INT', null],
    ['ARRAY_REMOVE(arr, NULL)', 'ARRAY<INT>', [3, 2]],
    ['ARRAY_APPEND(arr, 1)', 'ARRAY<INT>', [3, null, 2, 1]],
    ['ARRAY_PREPEND(arr, NULL)', 'ARRAY<INT>', [null, 3, null, 2]],
    ['ARRAY_SORT(arr)', 'ARRAY<INT>', [null, 2, 3]],
    ['ARRAY_SORT(arr, FALSE)', 'ARRAY<INT>', [3, 2, null]],
    ['ARRAY_SORT(arr, TRUE, FALSE)', 'ARRAY<INT>', [2, 3, null]],
    ['ARRAY_SLICE(arr, -2)', 'ARRAY<INT>', [null, 2]],
    ['ARRAY_SLICE(arr, 2, 2)', 'ARRAY<INT>', [null]],
    ['ARRAY_SLICE(arr, 3, 1)', 'ARRAY<INT>', []],
    ['ARRAY_MAX(arr)', 'INT', 3],
    ['ARRAY_MIN(arr)', 'INT', 2],
    ['ARRAY_DISTINCT(ARRAY[1, NULL, 1, NULL])', 'ARRAY<INT>', [1, null]],
    ['ARRAY_REVERSE(arr)', 'ARRAY<INT>', [2, null, 3]],
    ['ARRAY_UNION(arr, ARRAY[9, 3])', 'ARRAY<INT>', [3, null, 2, 9]],
    ['ARRAY_CONCAT(arr, ARRAY[3], ARRAY[id])', 'ARRAY<INT>', [3, null, 2, 3, 1]],
    ['ARRAY_EXCEPT(arr, ARRAY[3])', 'ARRAY<INT>', [null, 2]],
    ['ARRAY_INTERSECT(arr, ARRAY[2, 2])', 'ARRAY<INT>', [2]],
    ["ARRAY_JOIN(ARRAY['a', NULL], '-', 'N')", 'STRING', 'a-N'],
    ["ARRAY_JOIN(ARRAY['a', NULL], '-')", 'STRING', 'a'],
    ['MAP_KEYS(m)', 'ARRAY<STRING>', ['k1', 'k2']],
    ['MAP_VALUES(m)', 'ARRAY<INT>', [1, 2]],
    ['MAP_ENTRIES(m)[2].`value`', 'INT', 2],
    ["MAP_UNION(m, MAP['k1', 9])", 'MAP<STRING, INT>', [['k1', 9], ['k2', 2]]],
    ["MAP_FROM_ARRAYS(ARRAY['a'], ARRAY[id])", 'MAP<STRING, INT>', [['a', 1]]],
  ])('%s', (expression, type, value) => {
    expect(valueOf(expression, type)).toEqual(value);
  });

  it('are refused where an element does not fit, and fail where arrays do not', () => {
    expect(refusalOf("SELECT ARRAY_CONTAINS(arr, 'x') FROM A", setting('BOOLEAN'))).toContain('Invalid function call: ARRAY_CONTAINS(ARRAY<INT>, CHAR(1))');
    expect(refusalOf('SELECT ARRAY_CONTAINS(arr, CAST(1 AS BIGINT)) FROM A', setting('BOOLEAN'))).toContain('Invalid function call');
    expect(() => valueOf("MAP_FROM_ARRAYS(ARRAY['a', 'b'], ARRAY[id])", 'MAP<STRING, INT>')).toThrow('is not equal to the length of the values array 1');
  });
});

it('a star behind a row stands for its fields', () => {
  const plan = planOf('SELECT r.* FROM A', { sink: ['x INT', 'y STRING', 'z ROW<w DOUBLE>'], tables: { A: TABLE } });
  expect(plan.nodes.at(-1)?.columns.map(({ name, type }) => `${name} ${typeText(type)}`)).toEqual(['x INT', 'y STRING', 'z ROW<`w` DOUBLE>']);
});

it('a sink takes parts that lose nothing', () => {
  expect(valueOf('arr', 'ARRAY<BIGINT>')).toEqual([3n, null, 2n]);
  expect(refusalOf('SELECT arr FROM A', setting('ARRAY<SMALLINT>'))).toContain('Incompatible types for sink column');
  expect(refusalOf('SELECT arr FROM A', setting('ARRAY<INT NOT NULL>'))).toContain('Incompatible types for sink column');
});

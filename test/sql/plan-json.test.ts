/** JSON functions with their clauses, from SQL to values. */
import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../lib/core/expression.ts';
import { compilePath } from '../../lib/core/json-path.ts';
import { parseJson } from '../../lib/core/json-value.ts';
import type { CalcNode } from '../../lib/core/plan.ts';
import type { Value } from '../../lib/core/types.ts';
import { planOf, refusalOf } from './plan-support.ts';

const TABLES = { J: { columns: ['j STRING', 'n INT', 't TIMESTAMP(6)'] } };
const DOCUMENT = '{"a":{"b":1,"c":[1,2,{"d":"x"}]},"s":"str","n":null,"t":true,"f":1.50,"e":1e5,"k.e":"dot","1":0}';

function valueOf(expression: string, type = 'STRING', j: Value = DOCUMENT): Value {
  const plan = planOf(`SELECT ${expression} FROM J`, { sink: [`c ${type}`], tables: TABLES });
  const source = plan.nodes.find((node) => node.kind === 'source');
  const row: Readonly<Record<string, Value>> = { j, n: 7, t: 1_500_000_000n };
  const read = source?.columns.map(({ name }) => row[name] ?? null) ?? [];
  const calcs = plan.nodes.filter((node): node is CalcNode => node.kind === 'calc');
  return calcs.reduce<readonly Value[]>((values, calc) => calc.project.map((e) => compileExpression(e)(values)), read)[0] ?? null;
}

describe('JSON_VALUE', () => {
  it.each([
    ["JSON_VALUE(j, '$.a.b')", 'STRING', '1'],
    ["JSON_VALUE(j, '$.f')", 'STRING', '1.50'],
    ["JSON_VALUE(j, '$.e')", 'STRING', '1E+5'],
    ["JSON_VALUE(j, '$.t' RETURNING BOOLEAN)", 'BOOLEAN', true],
    ["JSON_VALUE(j, '$.a.b' RETURNING INT)", 'INT', 1],
    ["JSON_VALUE(j, '$.f' RETURNING DOUBLE)", 'DOUBLE', 1.5],
    ["JSON_VALUE(j, '$.a.c[-1].d')", 'STRING', 'x'],
    ["JSON_VALUE(j, '$[''k.e'']')", 'STRING', 'dot'],
    ["JSON_VALUE(j, '$.missing' DEFAULT 'd' ON EMPTY)", 'STRING', null],
    ["JSON_VALUE(j, 'lax $.missing' DEFAULT 'd' ON EMPTY)", 'STRING', 'd'],
    ["JSON_VALUE(j, '$.n' DEFAULT 'd' ON EMPTY)", 'STRING', 'd'],
    ["JSON_VALUE(j, 'strict $.missing' DEFAULT 'emp' ON EMPTY DEFAULT 'err' ON ERROR)", 'STRING', 'err'],
    ["JSON_VALUE(j, '$.missing' RETURNING INT DEFAULT -1 ON ERROR)", 'INT', -1],
    ["JSON_VALUE(j, '$.a' DEFAULT 'x' ON ERROR)", 'STRING', 'x'],
    ["JSON_VALUE(j, 'lax $.a' DEFAULT 'x' ON EMPTY)", 'STRING', 'x'],
    ["JSON_VALUE(j, 'nope')", 'STRING', null],
    ["JSON_VALUE(j, '$.[')", 'STRING', null],
    ["JSON_VALUE(j, 's')", 'STRING', 'str'],
    ["JSON_VALUE('{\"a\":1,\"a\":2} rest', '$.a')", 'STRING', '2'],
  ] as const)('%s', (expression, type, expected) => {
    expect(valueOf(expression, type)).toEqual(expected);
  });

  it('fails where it is told to, and on values of another type', () => {
    expect(() => valueOf("JSON_VALUE(j, 'strict $.missing' ERROR ON ERROR)")).toThrow("No results for path: $['missing']");
    expect(() => valueOf("JSON_VALUE(j, '$.n' ERROR ON EMPTY)")).toThrow('Empty result of JSON_VALUE');
    expect(() => valueOf("JSON_VALUE(j, '$.s' RETURNING INT)", 'INT')).toThrow('str is no INT');
    expect(() => valueOf("JSON_VALUE(j, '$.a.b' RETURNING DOUBLE)", 'DOUBLE')).toThrow('1 is no DOUBLE');
  });

  it.each([
    ["JSON_VALUE(j, '$.a' RETURNING BIGINT)", "Unsupported type 'BIGINT'"],
    ["JSON_VALUE(n, '$.a')", 'it takes a JSON string'],
    ["JSON_VALUE(j, '$.a' DEFAULT j ON EMPTY)", 'DEFAULT takes a literal'],
    ["JSON_VALUE(j, '$.a' NULL ON NULL)", 'SQL_PARSE'],
    ["JSON('1')", 'only supported inside JSON_OBJECT'],
    ["JSON_STRING(DATE '2024-01-01')", "Type 'DATE' is not scalar"],
  ])('%s is refused', (expression, message) => {
    expect(refusalMessage(expression)).toContain(message);
  });
});

function refusalMessage(expression: string): string {
  try {
    return refusalOf(`SELECT ${expression} FROM J`, { sink: ['c STRING'], tables: TABLES });
  } catch (error) {
    return error instanceof Error ? `${'code' in error ? String(error.code) : ''} ${error.message}` : '';
  }
}

it.each([
  ["JSON_EXISTS(j, 'lax $.a')", true],
  ["JSON_EXISTS(j, '$.n')", false],
  ["JSON_EXISTS(j, 'strict $.missing')", false],
  ["JSON_EXISTS(j, '$.missing' TRUE ON ERROR)", true],
  ["JSON_EXISTS(j, '$.missing' UNKNOWN ON ERROR)", null],
  ['j IS JSON', true],
  ["'[1]' IS JSON ARRAY", true],
  ["'1' IS JSON SCALAR", true],
  ["'{} x' IS JSON OBJECT", true],
  ["'1x' IS JSON", false],
  ["'' IS NOT JSON VALUE", true],
  ['CAST(NULL AS STRING) IS JSON', false],
] as const)('%s', (expression, expected) => {
  expect(valueOf(expression, 'BOOLEAN')).toBe(expected);
});

it.each([
  ["JSON_QUERY(j, '$.a')", '{"b":1,"c":[1,2,{"d":"x"}]}'],
  ["JSON_QUERY(j, '$.s')", null],
  ["JSON_QUERY(j, '$.s' WITH WRAPPER)", '["str"]'],
  ["JSON_QUERY(j, '$.a.c' WITH CONDITIONAL ARRAY WRAPPER)", '[1,2,{"d":"x"}]'],
  ["JSON_QUERY(j, '$.a.c[*]' WITH UNCONDITIONAL WRAPPER)", '[[1,2,{"d":"x"}]]'],
  ["JSON_QUERY(j, 'lax $.missing' EMPTY ARRAY ON EMPTY)", '[]'],
  ["JSON_QUERY(j, 'strict $.missing' EMPTY OBJECT ON ERROR)", '{}'],
  ["JSON_QUERY('{\"b\":1,\"a\":2.50}', '$')", '{"a":2.50,"b":1}'],
  ["CAST(JSON_QUERY(j, '$.a.c' RETURNING ARRAY<STRING>) AS STRING)", '[1, 2, {"d":"x"}]'],
  ["JSON_OBJECT('k' VALUE n, KEY 'a' VALUE CAST(NULL AS INT))", '{"a":null,"k":7}'],
  ["JSON_OBJECT('k' VALUE CAST(NULL AS INT) ABSENT ON NULL)", '{}'],
  ["JSON_OBJECT('o' VALUE JSON_OBJECT('i' VALUE 1), 'r' VALUE JSON(' {\"z\": 1}'))", '{"o":{"i":1},"r":{"z":1}}'],
  ["JSON_ARRAY(1, 'a', CAST(NULL AS INT), JSON_ARRAY())", '[1,"a",[]]'],
  ['JSON_ARRAY(CAST(NULL AS INT), 1 NULL ON NULL)', '[null,1]'],
  ["JSON_STRING(JSON_OBJECT('a' VALUE 1))", '{"a":1}'],
  ['JSON_STRING(JSON_ARRAY(1, CAST(NULL AS INT) NULL ON NULL))', '[1,null]'],
  ['JSON_STRING(t)', '"1970-01-01T00:00:01.5"'],
  ["JSON_STRING(TIMESTAMP '2024-01-01 10:00:10')", '"2024-01-01T10:00:10"'],
  ["JSON_STRING(MAP['b', ARRAY[1.50], 'a', ARRAY[2]])", '{"a":[2.00],"b":[1.50]}'],
  ["JSON_STRING(ROW(n, 'x'))", '{"EXPR$0":7,"EXPR$1":"x"}'],
  ["JSON_QUOTE('a/\"é')", '"a\\/\\"\\u00e9"'],
  ["JSON_UNQUOTE('\"a\\u0041\"')", 'aA'],
  ["JSON_UNQUOTE('[1]')", '[1]'],
] as const)('%s', (expression, expected) => {
  expect(valueOf(expression)).toBe(expected);
});

describe('paths', () => {
  const read = (path: string) => JSON.stringify(compilePath(path).read(parseJson('{"a":[{"x":1},{"x":2,"y":"q"}],"b":{"x":3}}')), (_, value: unknown) => (typeof value === 'object' && value !== null && 'text' in value ? Number(value.text) : value));

  it.each([
    ['$..x', '[1,2,3]'],
    ['$.a[*].x', '[1,2]'],
    ['$.a[0,1].x', '[1,2]'],
    ['$.a[1:]', '[{"x":2,"y":"q"}]'],
    ['$.a[:-1].x', '[1]'],
    ["$.a[?(@.x > 1 && @.y == 'q')].x", '[2]'],
    ['$.a[?(!@.y)].x', '[1]'],
    ['$.a.length()', '2'],
    ['$.a[*].x.max()', '2'],
    ["$['b']['x']", '3'],
    ['$.*', '[[{"x":1},{"x":2,"y":"q"}],{"x":3}]'],
  ])('%s', (path, expected) => {
    expect(read(path)).toBe(expected);
  });

  it.each(['$.a.x', '$.a[5]', '$.zz.x', '$.', '$.a.none()', '$.a[?(x)]'])('%s has no result', (path) => {
    expect(() => read(path)).toThrow();
  });
});

/** Tables of `'connector' = 'datagen'`: Flink's options, defaults and refusals. */
import { describe, expect, test } from 'vitest';
import { sourcesOf, type SourceNode } from '../../lib/core/plan.ts';
import { planOf, refusalOf, type Setting } from './plan-support.ts';

const table = (columns: readonly string[], options: Record<string, string> = {}): Setting => ({ sink: ['x STRING'], tables: { g: { columns, options: { connector: 'datagen', ...options } } } });

/** The source of a query over a table with these columns and options. */
function sourceOf(columns: readonly string[], options: Record<string, string> = {}, query = 'SELECT CAST(f AS STRING) FROM g'): SourceNode {
  const [source] = sourcesOf(planOf(query, table(columns, options)));
  if (source === undefined) throw new Error('the plan has no source');
  return source;
}

const fieldOf = (type: string, options: Record<string, string> = {}): unknown => sourceOf([`f ${type}`, 'o INT'], prefixed(options), 'SELECT CAST(o AS STRING) FROM g WHERE f IS NOT NULL').generated?.fields[0]?.values;
const prefixed = (options: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(options).map(([key, value]) => [`fields.f.${key}`, value]));
const refusedField = (type: string, options: Record<string, string>): string => refusalOf('SELECT CAST(o AS STRING) FROM g WHERE f IS NOT NULL', table([`f ${type}`, 'o INT'], prefixed(options)));

describe('rows', () => {
  test('10000 a second without end, in one partition', () => {
    const { connector, topics, generated, bounded, format } = sourceOf(['f INT']);
    expect({ connector, topics, bounded, format: format.kind }).toEqual({ connector: 'datagen', topics: ['datagen:source-g'], bounded: undefined, format: 'json' });
    expect(generated).toMatchObject({ rowsPerSecond: 10_000, partitions: 1, count: null });
  });

  test('as many as number-of-rows says, or the shortest sequence, read or not', () => {
    const sequence = { 'fields.s.kind': 'sequence', 'fields.s.start': '5', 'fields.s.end': '14' };
    const source = sourceOf(['f INT', 's BIGINT'], { ...sequence, 'rows-per-second': '5', 'scan.parallelism': '4', 'number-of-rows': '100' });
    expect(source.generated).toMatchObject({ rowsPerSecond: 5, partitions: 4, count: 10 });
    expect(source.generated?.fields.map(({ name }) => name)).toEqual(['f']);
    expect(source.bounded).toEqual({ kind: 'latest-offset' });
    expect(sourceOf(['f INT', 's BIGINT'], { ...sequence, 'number-of-rows': '3' }).generated?.count).toBe(3);
  });

  test.each<[Record<string, string>, string]>([
    [{ 'rows-per-second': '0' }, "a whole number from 1 for 'rows-per-second', not '0'"],
    [{ 'rows-per-second': 'fast' }, "an integer for 'rows-per-second', not 'fast'"],
    [{ 'number-of-rows': '-1' }, "for 'number-of-rows'"],
    [{ 'scan.parallelism': '0' }, "for 'scan.parallelism'"],
    [{ 'row-per-second': '5' }, "Did you mean 'rows-per-second'?"],
    [{ 'fields.other.min': '5' }, "unsupported option 'fields.other.min' (Unsupported options found)"],
    [{ 'scan.watermark.idle-timeout': '5 s' }, 'Unsupported options found'],
  ])('%j is refused', (options, reason) => {
    expect(refusalOf('SELECT CAST(f AS STRING) FROM g', table(['f INT'], options))).toContain(reason);
  });
});

describe('fields', () => {
  test.each<[string, Record<string, string>, unknown]>([
    ['BOOLEAN', { 'null-rate': '0.1' }, { kind: 'boolean', nullRate: 0.1 }],
    ['TINYINT', {}, { kind: 'integer', min: '-128', max: '127' }],
    ['INT', { min: '1' }, { kind: 'integer', min: '1', max: '2147483647' }],
    ['BIGINT', {}, { kind: 'integer', min: '-9223372036854775808', max: '9223372036854775807' }],
    ['DOUBLE', { min: '1.5', max: '2e3' }, { kind: 'double', min: 1.5, max: 2000 }],
    ['DECIMAL(10, 2)', { max: '7' }, { kind: 'decimal', min: Number.MIN_VALUE, max: 7, precision: 10, scale: 2 }],
    ['STRING', {}, { kind: 'text', length: 100 }],
    ['STRING', { length: '5', 'var-len': 'true' }, { kind: 'text', length: 5, varies: true }],
    ['VARCHAR(30)', {}, { kind: 'text', length: 30 }],
    ['CHAR(7)', {}, { kind: 'text', length: 7 }],
    ['BYTES', {}, { kind: 'bytes', length: 100 }],
    ['TIMESTAMP(3)', { 'max-past': '5 min' }, { kind: 'timestamp', precision: 3, isLocal: false, maxPastMs: 300_000 }],
    ['TIMESTAMP_LTZ(3)', {}, { kind: 'timestamp', precision: 3, isLocal: true, maxPastMs: 0 }],
    ['DATE', {}, { kind: 'date' }],
    ['ARRAY<INT>', { length: '2', 'element.max': '3', 'element.min': '0' }, { kind: 'array', length: 2, element: { kind: 'integer', min: '0', max: '3' } }],
    ['MAP<STRING, BOOLEAN>', { 'key.length': '4' }, { kind: 'map', length: 3, key: { kind: 'text', length: 4 }, value: { kind: 'boolean' } }],
    ['ROW<x INT, y DATE>', { 'x.min': '0' }, { kind: 'row', fields: [{ name: 'x', values: { kind: 'integer', min: '0', max: '2147483647' } }, { name: 'y', values: { kind: 'date' } }] }],
    ['BIGINT', { kind: 'sequence', start: '-5', end: '5' }, { kind: 'sequence', start: '-5', as: 'number' }],
    ['TINYINT', { kind: 'sequence', start: '-128', end: '127' }, { kind: 'sequence', start: '-128', as: 'number' }],
    ['INT', { kind: 'sequence', start: '2147483646', end: '2147483647' }, { kind: 'sequence', start: '2147483646', as: 'number' }],
    ['BIGINT', { kind: 'sequence', start: '3000000000', end: '3000000005' }, { kind: 'sequence', start: '3000000000', as: 'number' }],
    ['DECIMAL(5, 2)', { kind: 'sequence', start: '-999', end: '999' }, { kind: 'sequence', start: '-999', as: 'number' }],
    ['FLOAT', { min: '-3.4028235e38', max: '3.4028235e38' }, { kind: 'double', min: -3.4028235e38, max: 3.4028235e38 }],
    ['DOUBLE', { min: '-1e308', max: '1e308' }, { kind: 'double', min: -1e308, max: 1e308 }],
    ['INT NOT NULL', { 'null-rate': '0', max: '5' }, { kind: 'integer', min: '-2147483648', max: '5' }],
    ['STRING', { kind: 'sequence', start: '3000000000', end: '3000000005' }, { kind: 'sequence', start: '3000000000', as: 'text' }],
    ['STRING', { kind: 'sequence', start: '1', end: '5' }, { kind: 'sequence', start: '1', as: 'text' }],
  ])('%s with %j', (type, options, values) => {
    expect(fieldOf(type, options)).toEqual(values);
  });

  test.each<[string, Record<string, string>, string]>([
    ['INT', { kind: 'sequnce' }, 'Unsupported generator kind: sequnce'],
    ['INT', { kind: 'sequence', end: '5' }, "Could not find required property 'fields.f.start' for sequence generator."],
    ['INT', { kind: 'sequence', start: '5' }, "Could not find required property 'fields.f.end' for sequence generator."],
    ['INT', { kind: 'sequence', start: '5', end: '4' }, 'ends before it begins'],
    ['DATE', { kind: 'sequence', start: '5', end: '9' }, 'Unsupported type: DATE'],
    ['INT', { kind: 'sequence', start: '3000000000', end: '3000000001' }, "Could not parse value '3000000000' for key 'fields.f.start'."],
    ['TINYINT', { kind: 'sequence', start: '126', end: '200' }, "Could not parse value '200' for key 'fields.f.end'."],
    ['SMALLINT', { kind: 'sequence', start: '-32769', end: '0' }, "Could not parse value '-32769' for key 'fields.f.start'."],
    ['DOUBLE', { kind: 'sequence', start: '0', end: '2147483648' }, "Could not parse value '2147483648' for key 'fields.f.end'."],
    ['DECIMAL(5, 2)', { kind: 'sequence', start: '0', end: '1000' }, "Could not parse value '1000' for key 'fields.f.end'."],
    ['DECIMAL(20, 0)', { kind: 'sequence', start: '0', end: '2147483648' }, "Could not parse value '2147483648' for key 'fields.f.end'."],
    ['INT', { min: '5', max: '5' }, 'lower bound (5) must be strictly less than upper bound (5)'],
    ['TINYINT', { max: '200' }, "a number from -128 to 127 for 'fields.f.max', not '200'"],
    ['BIGINT', { min: '1.5' }, "an integer for 'fields.f.min', not '1.5'"],
    ['DOUBLE', { min: 'low' }, "a number for 'fields.f.min', not 'low'"],
    ['DOUBLE', { max: '1e400' }, "for 'fields.f.max', not '1e400'"],
    ['DOUBLE', { min: '-1e400' }, "for 'fields.f.min', not '-1e400'"],
    ['DECIMAL(5, 2)', { max: '1e400' }, "for 'fields.f.max', not '1e400'"],
    ['FLOAT', { max: '1e39' }, "for 'fields.f.max', not '1e39'"],
    ['INT NOT NULL', { 'null-rate': '0.1' }, "sets 'fields.f.null-rate' of what is NOT NULL"],
    ['ARRAY<INT NOT NULL>', { 'element.null-rate': '0.1' }, "sets 'fields.f.element.null-rate' of what is NOT NULL"],
    ['ROW<x INT NOT NULL>', { 'x.null-rate': '0.1' }, "sets 'fields.f.x.null-rate' of what is NOT NULL"],
    ['INT', { 'null-rate': '2' }, "a number from 0 to 1 for 'fields.f.null-rate'"],
    ['CHAR(5)', { length: '3' }, "Custom length for fixed-length type (CHAR/BINARY) field 'f' is not supported."],
    ['VARCHAR(5)', { length: '6' }, "Custom length '6' for variable-length type (VARCHAR/STRING/VARBINARY/BYTES) field 'f' should be shorter than '5' defined in the schema."],
    ['INT', { 'var-len': 'true' }, "Only supports specifying 'fields.#.var-len' option for variable-length types (VARCHAR/STRING/VARBINARY/BYTES). The type of field 'f' is not within this range."],
    ['MAP<INT, INT>', {}, "JSON format doesn't support non-string as key type of map."],
    ['INT', { start: '3' }, 'Unsupported options found'],
  ])('%s with %j is refused', (type, options, reason) => {
    expect(refusedField(type, options)).toContain(reason);
  });
});

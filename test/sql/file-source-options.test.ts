/** Tables of `'connector' = 'filesystem'` that are read: Flink's options, defaults and refusals. */
import { expect, test } from 'vitest';
import { sourcesOf, type SourceNode } from '../../lib/core/plan.ts';
import { planJob } from '../../lib/sql/plan-script.ts';
import { planOf, refusalOf, type Setting } from './plan-support.ts';

const table = (options: Record<string, string> = {}, columns: readonly string[] = ['id INT']): Setting => ({ sink: ['x STRING'], tables: { f: { columns, options: { connector: 'filesystem', path: '/in', format: 'json', ...options } } } });
const QUERY = 'SELECT CAST(id AS STRING) FROM f';

/** The source of a query over a table with this definition. */
function sourceOf(definition: string, query: string): SourceNode {
  const script = `CREATE TABLE f ${definition}; CREATE TABLE o (x STRING) WITH ('connector' = 'print'); INSERT INTO o ${query}`;
  const [source] = sourcesOf(planJob([{ name: 'test', text: script }], { warehouse: '/w', resolvePath: (path) => path }).plan);
  if (source === undefined) throw new Error('the plan has no source');
  return source;
}

test('a table is bounded, unless its directory is monitored', () => {
  const [bounded] = sourcesOf(planOf(QUERY, table()));
  expect(bounded).toMatchObject({ connector: 'filesystem', topics: ['files:source-f'], bounded: { kind: 'latest-offset' }, startup: { kind: 'earliest-offset' } });
  expect(bounded?.files).toEqual({ path: '/in', monitorIntervalMs: null, partitionedBy: [], defaultPartition: '__DEFAULT_PARTITION__' });
  const [monitored] = sourcesOf(planOf(QUERY, table({ 'source.monitor-interval': '5 s', 'partition.default-name': 'none' })));
  expect(monitored?.files).toMatchObject({ monitorIntervalMs: 5000, defaultPartition: 'none' });
  expect(monitored?.bounded).toBeUndefined();
});

test('columns of the partition and of metadata come with the key, those that are read', () => {
  const definition = `(id INT, kind STRING, dt DATE, name STRING METADATA FROM 'file.name', \`file.size\` BIGINT METADATA) PARTITIONED BY (dt, kind) WITH ('connector' = 'filesystem', 'path' = '/in', 'format' = 'csv')`;
  const source = sourceOf(definition, 'SELECT name || kind FROM f WHERE id > 1');
  expect(source.columns.map(({ name }) => name)).toEqual(['id', 'kind', 'name']);
  expect(source.key?.columns).toEqual([{ column: 1, field: 'kind' }, { column: 2, field: 'file.name' }]);
  expect(source.format).toMatchObject({ kind: 'csv', fields: ['id'] });
  expect(source.files?.partitionedBy).toEqual(['dt', 'kind']);
  expect(sourceOf(definition, "SELECT 'x' FROM f WHERE id > 1").key).toBeUndefined();
});

test('the options of its sink are no matter', () => {
  const options = { 'sink.rolling-policy.file-size': '1MB', 'sink.partition-commit.policy.kind': 'success-file', 'auto-compaction': 'true', 'partition.time-extractor.kind': 'default' };
  expect(() => planOf(QUERY, table(options))).not.toThrow();
});

test.each<[Record<string, string>, string]>([
  [{ format: 'parquet' }, "has the format 'parquet', which Sluice does not read"],
  [{ format: 'jsno' }, "Could not find any factory for identifier 'jsno' Did you mean 'json'?"],
  [{ path: 's3://b/in' }, "has the path 's3://b/in', and Sluice reads files of a disk alone"],
  [{ 'source.monitor-interval': '0 s' }, "needs an interval greater than 0 for 'source.monitor-interval', not '0 s'"],
  [{ 'source.path.regex-pattern': '/in/.*' }, "has a 'source.path.regex-pattern', which Sluice does not know"],
  [{ 'source.report-statistics': 'SOME' }, "one of NONE, ALL for 'source.report-statistics'"],
  [{ 'source.monitor-intervall': '1 s' }, "Did you mean 'source.monitor-interval'?"],
  [{ 'json.ignore-parse-error': 'true' }, "Did you mean 'json.ignore-parse-errors'?"],
  [{ 'sink.parallelisms': '2' }, 'Unsupported options found'],
])('%j is refused', (options, reason) => {
  expect(refusalOf(QUERY, table(options))).toContain(reason);
});

test('path and format are required', () => {
  const missing = (options: Record<string, string>): string => refusalOf(QUERY, { ...table(), tables: { f: { columns: ['id INT'], options: { connector: 'filesystem', ...options } } } });
  expect(missing({ format: 'json' })).toContain("missing the required option 'path'");
  expect(missing({ path: '/in' })).toContain("missing the required option 'format'");
});

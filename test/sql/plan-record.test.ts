/** Tables of Kafka: columns of keys, values and metadata in the plan. */
import { describe, expect, it } from 'vitest';
import { compileDataflow } from '../../lib/core/dataflow.ts';
import { isError } from '../../lib/core/errors.ts';
import { sourcesOf, type Plan, type SourceNode } from '../../lib/core/plan.ts';
import { explainPlan } from '../../lib/sql/explain.ts';
import { changeCatalogs } from '../../lib/sql/catalog-change.ts';
import { newCatalogs, type Catalogs } from '../../lib/sql/catalog.ts';
import { parseScript } from '../../lib/sql/parse.ts';
import { planContext } from '../../lib/sql/plan-catalog.ts';
import { planInsert } from '../../lib/sql/plan.ts';

const WITH = { connector: 'kafka', topic: 'events', 'properties.bootstrap.servers': 'kafka:29092', format: 'json' };

interface Source {
  readonly columns: string;
  readonly options?: Readonly<Record<string, string>>;
}

/** The plan of a query over the table `events` into a sink with these columns. */
function planOf(source: Source, query: string, sink: string): Plan {
  const options = Object.entries({ ...WITH, ...source.options }).map(([key, value]) => `'${key}' = '${value}'`);
  const script = `CREATE TABLE events (${source.columns}) WITH (${options.join(', ')});
    CREATE TABLE target (${sink}) WITH ('connector' = 'blackhole');
    INSERT INTO target ${query};`;
  let catalogs: Catalogs = newCatalogs();
  for (const statement of parseScript(script)) {
    if (statement.kind === 'create-table') catalogs = changeCatalogs(catalogs, statement);
    if (statement.kind === 'insert') return planInsert(statement, planContext(catalogs, statement.source, { warehouse: '/w', resolvePath: (path) => path }, {}));
  }
  throw new Error('the script inserts');
}

function sourceOf(plan: Plan): SourceNode {
  const [source] = sourcesOf(plan);
  if (source === undefined) throw new Error('the plan has a source');
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  expect(compileDataflow(plan).sources).toHaveLength(1);
  return source;
}

function refusalOf(source: Source, query = 'SELECT 1 FROM events', sink = 'n INT'): string {
  try {
    planOf(source, query, sink);
  } catch (error) {
    if (isError(error)) return `${error.code} ${error.message} ${error.hint ?? ''}`;
    throw error;
  }
  throw new Error('nothing was refused');
}

const ALL = `id STRING, tp STRING METADATA FROM 'topic', \`partition\` INT METADATA VIRTUAL, \`offset\` BIGINT METADATA,
  ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp', kind STRING METADATA FROM 'timestamp-type', epoch INT METADATA FROM 'leader-epoch'`;

describe('metadata columns', () => {
  it('are those of Flink', () => {
    const plan = planOf({ columns: ALL }, 'SELECT * FROM events', 'a STRING, b STRING, c INT, d BIGINT, e TIMESTAMP_LTZ(3), f STRING, g INT');
    const { columns, metadata } = sourceOf(plan);
    expect(columns.map(({ name, nullable }) => `${name} ${nullable}`)).toEqual([
      'id true', 'tp false', 'partition false', 'offset false', 'ts false', 'kind false', 'epoch true',
    ]);
    expect(metadata).toEqual(
      ['topic', 'partition', 'offset', 'timestamp', 'timestamp-type', 'leader-epoch'].map((key, i) => ({ column: i + 1, key })),
    );
  });

  it('are left out where nobody reads them, so that records are read for their values', () => {
    const { metadata, key, columns } = sourceOf(planOf({ columns: ALL }, 'SELECT id FROM events', 'a STRING'));
    expect({ metadata, key, names: columns.map(({ name }) => name) }).toEqual({ metadata: undefined, key: undefined, names: ['id'] });
  });

  it('are cast to the declared type', () => {
    const plan = planOf({ columns: "p BIGINT METADATA FROM 'partition', t STRING METADATA FROM 'offset'" }, 'SELECT p, t FROM events', 'a BIGINT, b STRING');
    expect(sourceOf(plan).columns.map(({ type }) => type.kind)).toEqual(['INT', 'BIGINT']);
    expect(plan.nodes.find(({ kind }) => kind === 'calc')).toMatchObject({ project: [{ op: 'call', fn: 'CAST' }, { op: 'call', fn: 'CAST' }] });
  });

  it('may be the row time, keys of windows, conditions, and parts of computed columns', () => {
    const columns = `v INT, ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp', p INT METADATA FROM 'partition', q AS p + v, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND`;
    const query = `SELECT p, SUM(q) FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) WHERE p > 0 GROUP BY p, window_start, window_end`;
    const plan = planOf({ columns }, query, 'p INT, n INT');
    expect(sourceOf(plan)).toMatchObject({ eventTime: { column: 1 }, metadata: [{ column: 1, key: 'timestamp' }, { column: 2, key: 'partition' }] });
  });

  it('may be a row time without a zone', () => {
    const columns = `v INT, ts TIMESTAMP(3) METADATA FROM 'timestamp', WATERMARK FOR ts AS ts`;
    const query = `SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end`;
    const { eventTime, columns: given } = sourceOf(planOf({ columns }, query, 'n BIGINT'));
    expect(given.map(({ name, type }) => `${name} ${type.kind}`)).toEqual(['ts TIMESTAMP_LTZ']);
    expect(eventTime).toMatchObject({ name: 'ts', time: { fn: 'CAST', type: { kind: 'TIMESTAMP' } }, watermark: { fn: 'CAST' } });
  });

  it.each([
    ["id STRING, h INT METADATA FROM 'headers'", 'SQL_VALIDATE', "as 'headers' is MAP<STRING, BYTES>"],
    ['id STRING, offsets BIGINT METADATA', 'SQL_VALIDATE', "Did you mean 'offset'?"],
    ["id STRING, x BIGINT METADATA FROM 'timestmap'", 'SQL_VALIDATE', "Did you mean 'timestamp'?"],
    ["id STRING, x BIGINT METADATA FROM 'value.ingestion'", 'SQL_VALIDATE', 'The keys are topic, partition'],
    ["id STRING, x BOOLEAN METADATA FROM 'timestamp'", 'SQL_VALIDATE', "cannot be BOOLEAN, as 'timestamp' is TIMESTAMP_LTZ(3)"],
  ])('%s is refused', (columns, code, reason) => {
    const refusal = refusalOf({ columns });
    expect(refusal).toContain(`${code} at line 3`);
    expect(refusal).toContain(reason);
  });
});

describe('keys', () => {
  const keyed = { 'key.format': 'json', 'key.fields': 'k_id;k_n', 'key.fields-prefix': 'k_', 'value.fields-include': 'EXCEPT_KEY' };
  const columns = 'v STRING, k_n INT, k_id STRING';

  it('have columns of their own, with the names of their fields', () => {
    const { key, metadata } = sourceOf(planOf({ columns, options: keyed }, 'SELECT * FROM events', 'v STRING, n INT, id STRING'));
    expect(key?.columns).toEqual([{ column: 2, field: 'id' }, { column: 1, field: 'n' }]);
    expect(metadata).toBeUndefined();
    const one = sourceOf(planOf({ columns, options: keyed }, 'SELECT k_id, v FROM events', 'id STRING, v STRING'));
    expect(one.key?.columns).toEqual([{ column: 1, field: 'id' }]);
  });

  it('are not read where nobody needs them, or where the value has all', () => {
    expect(sourceOf(planOf({ columns, options: keyed }, 'SELECT v FROM events', 'v STRING')).key).toBeUndefined();
    const inValue = { 'key.format': 'raw', 'key.fields': 'k_id' };
    expect(sourceOf(planOf({ columns, options: inValue }, 'SELECT k_id FROM events', 'id STRING')).key).toBeUndefined();
  });

  it('may be raw, next to a raw value', () => {
    const options = { format: 'raw', 'key.format': 'raw', 'key.fields': 'k', 'value.fields-include': 'EXCEPT_KEY' };
    const source = sourceOf(planOf({ columns: 'k STRING, v BYTES', options }, 'SELECT k, v FROM events', 'k STRING, v BYTES'));
    expect(source).toMatchObject({ format: { kind: 'raw' }, key: { format: { kind: 'raw' }, columns: [{ column: 0, field: 'k' }] } });
  });

  it('of csv are read by their place among the fields of key and value', () => {
    const options = { format: 'csv', 'key.format': 'csv', 'key.fields': 'k_b;k_a', 'key.fields-prefix': 'k_', 'value.fields-include': 'EXCEPT_KEY' };
    const source = sourceOf(planOf({ columns: 'k_a STRING, v INT, k_b INT, w INT', options }, 'SELECT k_a, w FROM events', 'k STRING, w INT'));
    expect(source).toMatchObject({ format: { kind: 'csv', fields: ['v', 'w'] }, key: { format: { fields: ['b', 'a'] }, columns: [{ column: 0, field: 'a' }] } });
    expect(source.columns.map(({ name }) => name)).toEqual(['k_a', 'w']);
  });

  it.each<[string, Record<string, string>, string]>([
    ['k STRING, v STRING', { 'key.format': 'json', 'key.fields': 'user' }, "The following columns can be selected in the 'key.fields' option: [k, v]"],
    ["k STRING, t STRING METADATA FROM 'topic'", { 'key.format': 'json', 'key.fields': 't' }, 'A key field must be a regular, physical column.'],
    ['id STRING, v STRING', { ...keyed, 'key.fields': 'id' }, "Rename the column to 'k_id'"],
    ['k STRING, v STRING', { format: 'raw' }, 'exactly one physical column'],
    ['a STRING, b STRING, v INT', { 'key.format': 'raw', 'key.fields': 'a;b' }, 'not 2 (a, b)'],
    ['k STRING, v INT', { format: 'raw', 'key.format': 'raw', 'key.fields': 'k' }, 'not 2 (k, v)'],
    ['v TIMESTAMP(3)', { format: 'raw' }, 'no type TIMESTAMP(3)'],
  ])('%s with %j is refused', (wrong, options, reason) => {
    const refusal = refusalOf({ columns: wrong, options });
    expect(refusal).toContain("OPTION_INVALID table 'default_catalog.default_database.events'");
    expect(refusal).toContain(reason);
  });
});

describe('a source', () => {
  it('keeps its uid, and that of the state above it, whatever the options', () => {
    const columns = `id STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts`;
    const query = `SELECT id, COUNT(*) FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY id, window_start, window_end`;
    const uids = (options: Record<string, string>) => planOf({ columns, options }, query, 'id STRING, n BIGINT').nodes.map(({ uid }) => uid);
    const keyed = { 'key.format': 'raw', 'key.fields': 'id', 'value.fields-include': 'EXCEPT_KEY', 'scan.bounded.mode': 'latest-offset' };
    expect(uids(keyed)).toEqual(uids({}));
    // State written before there were keys and metadata columns is found by these.
    expect(uids({}).slice(0, 2)).toEqual(['source-events', 'tumble-id-d39bb2ceb1a1']);
  });

  it('carries where it ends, and how its windows fire', () => {
    const options = { 'scan.bounded.mode': 'latest-offset', 'scan.watermark.emit.strategy': 'on-event' };
    const source = sourceOf(planOf({ columns: 'id STRING', options }, 'SELECT id FROM events', 'id STRING'));
    expect(source).toMatchObject({ bounded: { kind: 'latest-offset' }, emitStrategy: 'on-event', properties: { 'bootstrap.servers': 'kafka:29092' } });
    const plain = sourceOf(planOf({ columns: 'id STRING' }, 'SELECT id FROM events', 'id STRING'));
    expect(['bounded', 'emitStrategy', 'key', 'metadata'].filter((name) => name in plain)).toEqual([]);
  });
});

it('EXPLAIN shows what comes from the key and from metadata, and where the table ends', () => {
  const columns = "id STRING, v INT, moment TIMESTAMP_LTZ(3) METADATA FROM 'timestamp', `offset` BIGINT METADATA VIRTUAL";
  const options = { 'key.format': 'json', 'key.fields': 'id', 'value.fields-include': 'EXCEPT_KEY', 'scan.bounded.mode': 'specific-offsets', 'scan.bounded.specific-offsets': 'partition:0,offset:9', 'scan.startup.mode': 'earliest-offset' };
  const text = explainPlan(planOf({ columns, options }, 'SELECT id, v, moment, `offset` FROM events', 'id STRING, v INT, moment TIMESTAMP_LTZ(3), o BIGINT'));
  expect(text).toContain('topics events from earliest-offset');
  expect(text).toContain('bounded: ends at partition 0 offset 9, and the job with it');
  expect(text).toContain('from the key (json): id');
  expect(text).toContain('metadata timestamp AS moment, offset AS offset');
});

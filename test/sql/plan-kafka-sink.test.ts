/** Tables of Kafka that are written: what their options make of the columns, and what is refused. */
import { describe, expect, it } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import { sinksOf, type SinkNode } from '../../lib/core/plan.ts';
import { planScript } from '../../lib/sql/plan-script.ts';

const SURROUNDINGS = { warehouse: '/w', resolvePath: (path: string) => path };

interface Sink {
  readonly connector?: string;
  readonly columns?: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly more?: string;
  readonly select?: string;
}

const REQUIRED = { topic: 'out', 'properties.bootstrap.servers': 'k:9092' };

function planned({ connector = 'kafka', columns = 'id STRING, n BIGINT', options = { format: 'json' }, more = '', select = 'id, n' }: Sink): SinkNode {
  const list = Object.entries({ connector, ...REQUIRED, ...options }).filter(([, value]) => value !== '');
  const [sink] = sinksOf(planScript(`
    CREATE TABLE events (id STRING, n BIGINT, t TIMESTAMP_LTZ(3)) WITH ('connector' = 'kafka', 'topic' = 'in', 'properties.bootstrap.servers' = 'k:9092', 'format' = 'json');
    CREATE TABLE target (${columns}) ${more} WITH (${list.map(([key, value]) => `'${key}' = '${value}'`).join(', ')});
    INSERT INTO target SELECT ${select} FROM events`, SURROUNDINGS));
  if (sink === undefined) throw new Error('no sink');
  return sink;
}

function refusal(sink: Sink): string {
  try {
    planned(sink);
  } catch (error) {
    if (isError(error)) return `${error.code} ${error.message} ${error.hint ?? ''}`;
    throw error;
  }
  throw new Error('nothing was refused');
}

const JSON_FORMAT = { kind: 'json', timestampStandard: 'SQL', plainDecimals: false, omitsNulls: false };

describe('connector kafka', () => {
  it("has Flink's defaults: at least once, no key, records in turn", () => {
    expect(planned({}).records).toEqual({
      topic: 'out',
      properties: { 'bootstrap.servers': 'k:9092' },
      key: null,
      value: { format: JSON_FORMAT, columns: [0, 1] },
      timestamp: null,
      partitioner: 'default',
      guarantee: 'at-least-once',
      transactionalIdPrefix: 'sluice',
    });
  });

  it('knows the options of the same table where it is read', () => {
    const options = { format: 'json', 'scan.startup.mode': 'earliest-offset', 'scan.watermark.idle-timeout': '1 min', 'properties.group.id': 'g', 'json.ignore-parse-errors': 'true' };
    expect(planned({ options }).records?.properties).toEqual({ 'bootstrap.servers': 'k:9092', 'group.id': 'g' });
  });

  it('takes columns into the key, out of the value, and by another name', () => {
    const key = { 'key.format': 'raw', 'key.fields': 'k_id' };
    const columns = 'n BIGINT, k_id STRING';
    expect(planned({ columns, select: 'n, id', options: { 'value.format': 'json', ...key } }).records).toMatchObject({
      key: { format: { kind: 'raw' }, columns: [{ column: 1, field: 'k_id' }] },
      value: { columns: [0, 1] },
    });
    const apart = { 'key.format': 'json', 'key.fields': 'k_id', 'key.fields-prefix': 'k_', 'value.fields-include': 'EXCEPT_KEY', 'value.format': 'json', 'value.json.timestamp-format.standard': 'ISO-8601', 'value.json.encode.ignore-null-fields': 'true' };
    expect(planned({ columns, select: 'n, id', options: apart }).records).toMatchObject({
      key: { columns: [{ column: 1, field: 'id' }] },
      value: { columns: [0], format: { timestampStandard: 'ISO-8601', omitsNulls: true } },
    });
  });

  it('writes CSV', () => {
    const options = { 'value.format': 'csv', 'value.csv.field-delimiter': '|', 'value.csv.write-bigdecimal-in-scientific-notation': 'false', 'value.csv.ignore-parse-errors': 'true' };
    expect(planned({ options }).records?.value.format).toEqual({ kind: 'csv', delimiter: '|', quote: '"', escape: null, nullLiteral: '', isScientific: false });
  });

  it('writes the time of a record, and leaves VIRTUAL metadata and computed columns alone', () => {
    const columns = "id STRING, ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp', part INT METADATA FROM 'partition' VIRTUAL, twice AS n * 2, n BIGINT";
    const { records, columns: stored } = planned({ columns, select: 'id, t, n' });
    expect(stored.map(({ name }) => name)).toEqual(['id', 'ts', 'n']);
    expect(records).toMatchObject({ timestamp: 1, value: { columns: [0, 2] } });
  });

  it('writes headers', () => {
    const { records } = planned({ columns: "h MAP<STRING, BYTES> METADATA FROM 'headers', id STRING", select: "MAP['trace', X'01'], id" });
    expect(records).toMatchObject({ headers: 0, timestamp: null, value: { columns: [1] } });
  });

  it('guarantees what is asked for', () => {
    const options = { format: 'json', 'sink.delivery-guarantee': 'Exactly-Once', 'sink.transactional-id-prefix': 'shop', 'sink.transaction-naming-strategy': 'POOLING', 'sink.partitioner': 'fixed' };
    expect(planned({ options }).records).toMatchObject({ guarantee: 'exactly-once', transactionalIdPrefix: 'shop', partitioner: 'fixed' });
    expect(planned({ options: { format: 'json', 'sink.delivery-guarantee': 'none' } }).records).toMatchObject({ guarantee: 'none' });
  });

  it.each<[string, Sink, string]>([
    ['no format', { options: {} }, "needs a 'format' or 'value.format'"],
    ['another format', { options: { format: 'avro' } }, "does not write The formats are 'json', 'csv', 'raw'."],
    ['CSV that cannot be', { options: { 'value.format': 'csv', 'value.csv.field-delimiter': 'ab' } }, "cannot be written as CSV: Option 'csv.field-delimiter' must be a string with single character, but was: ab"],
    ['several topics', { options: { format: 'json', topic: 'a;b' } }, 'Flink Kafka sink currently only supports single topic Make one table per topic.'],
    ['a pattern', { options: { format: 'json', topic: '', 'topic-pattern': 'a.*' } }, "'topic-pattern'"],
    ['a class as partitioner', { options: { format: 'json', 'sink.partitioner': 'org.example.P' } }, "the partitioner class 'org.example.P', which is not Java here"],
    ['turns with a key', { options: { format: 'json', 'key.format': 'json', 'key.fields': 'id', 'sink.partitioner': 'round-robin' } }, "Currently 'round-robin' partitioner only works when option 'key.fields' is not specified."],
    ['exactly once without a prefix', { options: { format: 'json', 'sink.delivery-guarantee': 'exactly-once' } }, "sink.transactional-id-prefix must be specified when using DeliveryGuarantee.EXACTLY_ONCE."],
    ['a guarantee that is none', { options: { format: 'json', 'sink.delivery-guarantee': 'exactly' } }, "one of exactly-once, at-least-once, none for 'sink.delivery-guarantee'"],
    ['the old name of the guarantee', { options: { format: 'json', 'sink.semantic': 'exactly-once' } }, "Use 'sink.delivery-guarantee'."],
    ['a typing error', { options: { format: 'json', 'sink.delivery-guarante': 'none' } }, "Did you mean 'sink.delivery-guarantee'?"],
    ['a primary key', { columns: 'id STRING, n BIGINT, PRIMARY KEY (id) NOT ENFORCED' }, "Use 'connector' = 'upsert-kafka'"],
    ['partitions of columns', { more: 'PARTITIONED BY (id)' }, "Name the columns in 'key.fields'"],
    ['raw with two columns', { options: { format: 'raw' } }, "needs exactly one physical column for the format 'raw'"],
    ['a key column that does not exist', { options: { format: 'json', 'key.format': 'json', 'key.fields': 'ix' } }, "Could not find the field 'ix' in the table schema for usage in the key format."],
    ['headers of another type', { columns: 'id STRING, headers BYTES METADATA' }, 'Declare it as MAP<STRING, BYTES>.'],
    ['the partition', { columns: 'id STRING, p INT METADATA FROM \'partition\'' }, "Only 'timestamp' and 'headers' can be written"],
    ['the time as another type', { columns: 'id STRING, `timestamp` TIMESTAMP(3) METADATA' }, 'Declare it as TIMESTAMP_LTZ(3).'],
  ])('refuses %s', (_, sink, expected) => {
    expect(refusal(sink)).toContain(expected);
  });
});

describe('connector upsert-kafka', () => {
  const KEYED = 'id STRING, n BIGINT, PRIMARY KEY (id) NOT ENFORCED';
  const FORMATS = { 'key.format': 'json', 'value.format': 'json' };
  const upsert = (sink: Sink): Sink => ({ connector: 'upsert-kafka', columns: KEYED, options: FORMATS, ...sink });

  it('makes the primary key the key of its records', () => {
    const sink = planned(upsert({ options: { ...FORMATS, 'sink.buffer-flush.max-rows': '10', 'sink.buffer-flush.interval': '1 s' }, select: "COALESCE(id, ''), n" }));
    expect(sink.primaryKey).toEqual(['id']);
    expect(sink.records).toMatchObject({ key: { format: JSON_FORMAT, columns: [{ column: 0, field: 'id' }] }, value: { columns: [0, 1] }, partitioner: 'default', guarantee: 'at-least-once' });
    const apart = { ...FORMATS, 'value.fields-include': 'EXCEPT_KEY', 'sink.delivery-guarantee': 'exactly-once', 'sink.transactional-id-prefix': 'p' };
    expect(planned(upsert({ options: apart })).records).toMatchObject({ value: { columns: [1] }, guarantee: 'exactly-once' });
  });

  it.each<[string, Sink, string]>([
    ['no primary key', { columns: 'id STRING, n BIGINT' }, 'needs a PRIMARY KEY'],
    ['no format of the key', { options: { 'value.format': 'json' } }, "missing the required option 'key.format'"],
    ['no format of the value', { options: { 'key.format': 'json' } }, "missing the required option 'value.format'"],
    ['a partitioner', { options: { ...FORMATS, 'sink.partitioner': 'fixed' } }, "unsupported option 'sink.partitioner'"],
  ])('refuses %s', (_, sink, expected) => {
    expect(refusal(upsert(sink))).toContain(expected);
  });
});

describe('dead letters', () => {
  const script = (topic: string, servers = 'k:9092'): string => `
    CREATE TABLE events (id STRING) WITH ('connector' = 'kafka', 'topic' = 'in', 'properties.bootstrap.servers' = 'k:9092', 'format' = 'json');
    CREATE TABLE target (id STRING) WITH ('connector' = 'blackhole');
    CREATE TABLE dead (topic STRING, \`partition\` INT, \`offset\` BIGINT, key BYTES, \`value\` BYTES, error STRING, job STRING, \`at\` TIMESTAMP_LTZ(3)) WITH ('connector' = 'kafka', 'topic' = '${topic}',
      'properties.bootstrap.servers' = '${servers}', 'key.format' = 'raw', 'key.fields' = 'key', 'value.format' = 'json', 'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = 'shop');
    SET 'sluice.on-record-error' = 'dlq'; SET 'sluice.dead-letter-table' = 'dead';
    INSERT INTO target SELECT id FROM events`;
  const planned = (text: string): SinkNode | undefined => sinksOf(planScript(text, SURROUNDINGS)).find(({ connector }) => connector === 'kafka');

  it('are taken, with the keys that they had', () => {
    const expected = { uid: 'dead-letters-dead', records: { topic: 'dead', key: { format: { kind: 'raw' }, columns: [{ column: 3, field: 'key' }] }, guarantee: 'exactly-once' } };
    expect(planned(script('dead'))).toMatchObject(expected);
  });

  it('are not written into a topic that the job reads, unless that is on other brokers', () => {
    expect(() => planned(script('in'))).toThrow("writes into the topic 'in', which the job reads as 'default_catalog.default_database.events'");
    expect(() => planned(script('in', 'other:9092, k:9092'))).toThrow('every dead letter would leave another');
    expect(planned(script('in', 'other:9092'))?.records?.topic).toBe('in');
  });
});

import { describe, expect, it } from 'vitest';
import { durationText, parseDuration } from '../../lib/core/duration.ts';
import { isError, SluiceError } from '../../lib/core/errors.ts';
import { kafkaOptions } from '../../lib/sql/options.ts';
import { checkSinkOptions } from '../../lib/sql/sink-options.ts';
import { checkSessionOptions } from '../../lib/sql/session-options.ts';
import { planOf, refusalOf } from './plan-support.ts';

const KAFKA = { connector: 'kafka', topic: 'a', 'properties.bootstrap.servers': 'kafka:29092', format: 'json' };

/** Message and hint of the OPTION_INVALID that is thrown. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isError(error, 'OPTION_INVALID')) return `${error.message} ${error.hint ?? ''}`;
    throw error;
  }
  throw new Error('nothing was refused');
}

const withOptions = (options: Record<string, string>) => kafkaOptions({ ...KAFKA, ...options }, 'c.d.t');

describe('durations', () => {
  it.each([
    ['10s', 10_000],
    ['1 min', 60_000],
    ['500 ms', 500],
    ['1h', 3_600_000],
    ['2 d', 172_800_000],
    ['250', 250],
    ['1500 micros', 1.5],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', 'ten', '10 x', '-1 s', '1.5 s'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it('are shown short', () => {
    expect([0, 1500, 10_000, 60_000, 86_400_000].map(durationText)).toEqual(['0 ms', '1500 ms', '10 s', '1 min', '1 d']);
  });
});

describe('options of a kafka table', () => {
  it('have the defaults of Flink', () => {
    expect(kafkaOptions(KAFKA, 'c.d.t')).toEqual({
      connector: 'kafka',
      topics: ['a'],
      startup: { kind: 'group-offsets', group: 'KafkaSource-c.d.t', reset: 'none' },
      format: { kind: 'json', failOnMissingField: false, ignoreParseErrors: false, timestampStandard: 'SQL' },
      bounded: undefined,
      properties: { 'bootstrap.servers': 'kafka:29092' },
      key: null,
      idleTimeoutMs: null,
      emitStrategy: 'on-periodic',
    });
  });

  it('hand all properties on to the client', () => {
    const options = { 'properties.security.protocol': 'SASL_SSL', 'properties.sasl.jaas.config': 'x = y;', 'properties.auto.offset.reset': 'LATEST' };
    expect(withOptions(options)).toMatchObject({
      properties: { 'bootstrap.servers': 'kafka:29092', 'security.protocol': 'SASL_SSL', 'sasl.jaas.config': 'x = y;', 'auto.offset.reset': 'LATEST' },
      startup: { kind: 'group-offsets', reset: 'latest' },
    });
  });

  it('say where to end', () => {
    const bounded = (options: Record<string, string>) => withOptions(options).bounded;
    expect(bounded({ 'scan.bounded.mode': 'unbounded' })).toBeUndefined();
    expect(bounded({ 'scan.bounded.mode': 'LATEST-OFFSET' })).toEqual({ kind: 'latest-offset' });
    expect(bounded({ 'scan.bounded.mode': 'group-offsets' })).toEqual({ kind: 'group-offsets', group: 'KafkaSource-c.d.t' });
    expect(bounded({ 'scan.bounded.mode': 'timestamp', 'scan.bounded.timestamp-millis': '7' })).toEqual({ kind: 'timestamp', epochMs: 7 });
    expect(bounded({ 'scan.bounded.mode': 'specific-offsets', 'scan.bounded.specific-offsets': 'partition:1,offset:9' })).toEqual({
      kind: 'specific-offsets',
      offsets: { 1: 9 },
    });
  });

  it('read keys and values by formats of their own', () => {
    const { format: _, ...rest } = KAFKA;
    const keyed = { ...rest, 'key.format': 'json', 'key.fields': 'k_id; k_n', 'key.fields-prefix': 'k_', 'key.json.ignore-parse-errors': 'true' };
    const options = kafkaOptions({ ...keyed, 'value.format': 'raw', 'value.raw.endianness': 'little-endian', 'value.fields-include': 'EXCEPT_KEY' }, 't');
    expect(options.format).toEqual({ kind: 'raw', endianness: 'little-endian' });
    expect(options.key).toEqual({
      format: { kind: 'json', failOnMissingField: false, ignoreParseErrors: true, timestampStandard: 'SQL' },
      fields: ['k_id', 'k_n'],
      prefix: 'k_',
      inValue: false,
    });
    expect(withOptions({ 'key.format': 'raw', 'key.fields': 'k' }).key?.inValue).toBe(true);
  });

  it('may be those of a sink as well, and those without an effect', () => {
    const options = {
      'sink.partitioner': 'fixed',
      'sink.parallelism': '2',
      'sink.delivery-guarantee': 'exactly-once',
      'sink.transactional-id-prefix': 'p',
      'scan.topic-partition-discovery.interval': '1 min',
      'scan.parallelism': '3',
      'scan.startup.timestamp-millis': '5',
      'scan.bounded.specific-offsets': 'partition:0,offset:1',
    };
    expect(withOptions(options)).toEqual(withOptions({}));
    expect(withOptions({ 'scan.watermark.emit.strategy': 'on-event' }).emitStrategy).toBe('on-event');
  });

  it('say where to start', () => {
    const startup = (options: Record<string, string>) => withOptions(options).startup;
    expect(startup({ 'scan.startup.mode': 'earliest-offset' })).toEqual({ kind: 'earliest-offset' });
    expect(startup({ 'properties.group.id': 'g', 'properties.auto.offset.reset': 'latest' })).toEqual({ kind: 'group-offsets', group: 'g', reset: 'latest' });
    expect(startup({ 'scan.startup.mode': 'timestamp', 'scan.startup.timestamp-millis': '5' })).toEqual({ kind: 'timestamp', epochMs: 5 });
    expect(startup({ 'scan.startup.mode': 'specific-offsets', 'scan.startup.specific-offsets': 'partition:0,offset:42;partition:1,offset:300' })).toEqual({
      kind: 'specific-offsets',
      offsets: { 0: 42, 1: 300 },
    });
  });

  it('take several topics, value.format and an idle timeout', () => {
    const { format: _, ...rest } = KAFKA;
    const options = kafkaOptions(
      { ...rest, topic: 'a; b', 'value.format': 'json', 'value.json.ignore-parse-errors': 'TRUE', 'scan.watermark.idle-timeout': '1 min' },
      't',
    );
    expect(options.topics).toEqual(['a', 'b']);
    expect(options.format).toMatchObject({ kind: 'json', ignoreParseErrors: true });
    expect(options.idleTimeoutMs).toBe(60_000);
  });

  it.each<[Record<string, string>, string]>([
    [{ 'scan.startup.mod': 'earliest-offset' }, "Did you mean 'scan.startup.mode'?"],
    [{ 'scan.startup.mode': 'earliest' }, 'one of earliest-offset'],
    [{ 'scan.startup.mode': 'timestamp' }, "'scan.startup.timestamp-millis' is required in 'timestamp' startup mode but missing."],
    [{ 'scan.startup.mode': 'specific-offsets' }, 'scan.startup.specific-offsets'],
    [{ format: 'avro' }, "The formats are 'json', 'csv', 'raw'."],
    [{ 'topic-pattern': 'a.*' }, "Option 'topic' and 'topic-pattern' shouldn't be set together."],
    [{ topic: 'a;b', 'scan.startup.mode': 'specific-offsets', 'scan.startup.specific-offsets': 'partition:0,offset:1' }, 'Currently Kafka source only supports specific offset for single topic. Make one table per topic.'],
    [{ 'scan.startup.mode': 'specific-offsets', 'scan.startup.specific-offsets': 'partition:0;offset:1' }, "'partition:0,offset:42;partition:1,offset:300'"],
    [{ 'scan.startup.mode': 'timestamp', 'scan.startup.timestamp-millis': '-1' }, 'milliseconds since 1970'],
    [{ 'scan.bounded.mode': 'latest' }, 'one of unbounded, latest-offset'],
    [{ 'scan.bounded.mode': 'timestamp' }, "'scan.bounded.timestamp-millis'"],
    [{ 'scan.bounded.mode': 'specific-offsets' }, "'scan.bounded.specific-offsets' is required in 'specific-offsets' bounded mode but missing."],
    [{ topic: 'a;b', 'scan.bounded.mode': 'specific-offsets', 'scan.bounded.specific-offsets': 'partition:0,offset:1' }, 'several topics'],
    [{ 'scan.topic-partition-discovery.interval': 'often' }, 'a duration'],
    [{ 'scan.parallelism': 'many' }, 'an integer'],
    [{ 'scan.watermark.emit.strategy': 'sometimes' }, 'on-periodic, on-event'],
    [{ 'key.fields': 'k' }, "Set 'key.format'"],
    [{ 'key.format': 'json' }, "A key format 'json' requires the declaration of one or more of key fields using 'key.fields'."],
    [{ 'key.format': 'avro', 'key.fields': 'k' }, "the key format 'avro'"],
    [{ 'key.format': 'raw', 'key.fields': 'k', 'key.fields-prefix': 'k' }, "to 'EXCEPT_KEY'"],
    [{ 'key.format': 'raw', 'key.fields': 'k', 'key.json.ignore-parse-errors': 'true' }, "'key.json.ignore-parse-errors'"],
    [{ 'value.fields-include': 'SOME' }, 'ALL, EXCEPT_KEY'],
    [{ 'value.json.ignore-parse-errors': 'true' }, "'value.json.ignore-parse-errors'"],
    [{ format: 'raw', 'raw.charset': 'KOI8' }, "Unsupported 'raw.charset' name: KOI8. The charsets are UTF-8, UTF-16"],
    [{ format: 'raw', 'raw.endianness': 'middle' }, 'big-endian, little-endian'],
    [{ topic: ' ; ' }, "'topic'"],
    [{ 'json.ignore-parse-errors': 'maybe' }, 'Unrecognized option for boolean: maybe. Expected either true or false(case insensitive)'],
    [{ 'json.ignore-parse-errors': 'true', 'json.fail-on-missing-field': 'true' }, 'cannot have both'],
    [{ 'scan.watermark.idle-timeout': 'soon' }, 'a duration'],
    [{ format: 'debezium-json' }, "whose records are changes (inserts, updates and deletes), and Sluice takes in inserts only Read such records as 'json'"],
    [{ format: 'jsn' }, "Could not find any factory for identifier 'jsn' Did you mean 'json'?"],
    [{ 'json.timestamp-format.standard': 'iso' }, "Unsupported value 'iso' for timestamp-format.standard. Supported values are [SQL, ISO-8601]."],
    [{ format: 'csv', 'csv.field-delimiter': ';;' }, "Option 'csv.field-delimiter' must be a string with single character, but was: ;;"],
    [{ format: 'csv', 'csv.array-element-delimiter': '' }, "Option 'csv.array-element-delimiter' must be a string with single character"],
    [{ format: 'csv', 'csv.quote-character': "'", 'csv.disable-quote-character': 'true' }, 'Format cannot define a quote character and disabled quote character at the same time.'],
    [{ format: 'csv', 'csv.ignore-errors': 'true' }, "'csv.ignore-errors'"],
    [{ 'scan.watermark.alignment.group': 'g' }, "'scan.watermark.alignment.group' and 'scan.watermark.alignment.max-drift' must be set when configuring watermark alignment"],
    [{ 'scan.watermark.alignment.max-drift': '1 min' }, 'must be set when configuring watermark alignment'],
    [{ 'scan.watermark.alignment.update-interval': '1 s' }, 'must be set when configuring watermark alignment'],
    [{ 'scan.watermark.alignment.group': 'g', 'scan.watermark.alignment.max-drift': 'far' }, 'a duration'],
    [{ 'scan.watermark.emit.on-event.gap': '10' }, 'every record moves the watermark'],
  ])('%j is refused', (options, reason) => {
    expect(refusal(() => withOptions(options))).toContain(reason);
  });

  it('may align watermarks, which has no effect', () => {
    const aligned = { 'scan.watermark.alignment.group': 'g', 'scan.watermark.alignment.max-drift': '1 min', 'scan.watermark.alignment.update-interval': '1 s' };
    expect(withOptions(aligned)).toEqual(withOptions({}));
  });

  it('read CSV with all its options', () => {
    const csv = { format: 'csv', 'csv.field-delimiter': '\\t', 'csv.quote-character': "'", 'csv.escape-character': '\\', 'csv.null-literal': 'n/a', 'csv.array-element-delimiter': '|' };
    const flags = { 'csv.allow-comments': 'true', 'csv.ignore-parse-errors': 'TRUE', 'csv.write-bigdecimal-in-scientific-notation': 'false' };
    expect(withOptions({ ...csv, ...flags }).format).toEqual({
      kind: 'csv', fields: [], delimiter: '\t', quote: "'", escape: '\\', nullLiteral: 'n/a', arrayDelimiter: '|', allowComments: true, ignoreParseErrors: true,
    });
    expect(withOptions({ format: 'csv', 'csv.disable-quote-character': 'true' }).format).toMatchObject({ delimiter: ',', quote: null, escape: null, nullLiteral: null, arrayDelimiter: ';' });
  });

  it('must name the brokers', () => {
    const { 'properties.bootstrap.servers': _, ...rest } = KAFKA;
    expect(refusal(() => kafkaOptions(rest, 't'))).toContain('properties.bootstrap.servers');
  });
});

describe('options of a sink', () => {
  const table = (options: Readonly<Record<string, string>>) => ({ path: 'c.d.t', options, columns: [], primaryKey: [], partitionedBy: [] });

  it('are checked', () => {
    expect(() => checkSinkOptions('filesystem', table({ connector: 'filesystem', path: '/x', format: 'json' }))).not.toThrow();
    expect(refusal(() => checkSinkOptions('filesystem', table({ format: 'json' })))).toContain("'path'");
    expect(refusal(() => checkSinkOptions('blackhole', table({ connector: 'blackhole', path: '/x' })))).toContain("'path'");
  });
});

describe('options of a session', () => {
  it('keep Flink keys, the old names under the new ones', () => {
    const options = { 'execution.savepoint.path': '/s', 'execution.checkpointing.interval': '10s', 'table.optimizer.something': 'x' };
    expect(checkSessionOptions(options)).toEqual({
      'execution.state-recovery.path': '/s',
      'execution.checkpointing.interval': '10s',
      'table.optimizer.something': 'x',
    });
  });

  it.each([
    ['execution.checkpointing.intervall', '10s', "Did you mean 'execution.checkpointing.interval'?"],
    ['execution.checkpointing.interval', 'often', 'a duration'],
    ['execution.runtime-mode', 'lazy', 'one of STREAMING'],
    ['parallelism.default', 'two', 'an integer'],
    ['sluice.batch-size', '0', 'a whole number from 1 to 10000'],
    ['sluice.batch-size', '10001', 'a whole number from 1 to 10000'],
    ['sluice.batch-window-seconds', '-1', 'a whole number from 0 to 300'],
    ['constructor', 'x', 'not an option'],
  ])('%s = %s is refused', (key, value, reason) => {
    expect(refusal(() => checkSessionOptions({ [key]: value }))).toContain(reason);
  });

  it('are refused with an error that is meant', () => {
    expect(() => checkSessionOptions({ x: '1' })).toThrow(SluiceError);
  });
});

describe('connectors', () => {
  const given = (connector: string | undefined) => ({ tables: { other: { columns: ['id STRING'], options: connector === undefined ? { format: 'json' } : { connector } } }, sink: ['id STRING'] });
  const read = (connector: string | undefined): string => refusalOf('SELECT id FROM other', given(connector));
  const written = (connector: string): string => refusalOf('SELECT id FROM events', { sink: ['id STRING'], sinkOptions: { connector } });

  it('that are read are kafka, filesystem and datagen; of others it is said what to do', () => {
    expect(read(undefined)).toContain("SQL_VALIDATE at line 1, column 16: Table 'default_catalog.default_database.other': Table options do not contain an option key 'connector' for discovering a connector.");
    expect(read('filesystem')).toContain("missing the required option 'path'");
    expect(read('iceberg')).toMatch(/SQL_UNSUPPORTED .*of connector 'iceberg' as a stream[^]*`sluice query` reads the table itself/);
    expect(() => planOf('SELECT id FROM other', given('datagen'))).not.toThrow();
    expect(read('print')).toContain("Connector 'print' can only be used as a sink. It cannot be used as a source.");
    expect(read('kafak')).toContain("Could not find any factory for identifier 'kafak'");
    expect(read('kafak')).toContain("Did you mean 'kafka'?");
    expect(read('jdbc')).toContain('SQL_UNSUPPORTED');
  });

  it('that are written have a sink', () => {
    expect(written('datagen')).toContain("Connector 'datagen' can only be used as a source. It cannot be used as a sink.");
    expect(written('prnt')).toContain("Did you mean 'print'?");
    expect(written('jdbc')).toContain('Sinks are filesystem, dynamodb, print');
  });

  it('take their options and no others', () => {
    const plan = (sinkOptions: Record<string, string>) => planOf('SELECT id FROM events', { sink: ['id STRING'], sinkOptions });
    expect(() => plan({ connector: 'print', 'print-identifier': 'x', 'standard-error': 'TRUE', 'sink.parallelism': '2' })).not.toThrow();
    expect(() => plan({ connector: 'blackhole' })).not.toThrow();
    const refused = (sinkOptions: Record<string, string>) => refusalOf('SELECT id FROM events', { sink: ['id STRING'], sinkOptions });
    expect(refused({ connector: 'print', 'standard-err': 'true' })).toContain("unsupported option 'standard-err' (Unsupported options found) Did you mean 'standard-error'?");
    expect(refused({ connector: 'print', 'standard-error': 'yes' })).toContain('Unrecognized option for boolean: yes. Expected either true or false(case insensitive)');
    expect(refused({ connector: 'print', 'sink.parallelism': '0' })).toContain('a whole number from 1');
    expect(refused({ connector: 'blackhole', 'sink.parallelism': '1' })).toContain('Unsupported options found');
  });
});

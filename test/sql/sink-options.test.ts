/** Options of tables that are written to files and to DynamoDB: what is read, what has no effect, and what is refused. */
import { describe, expect, test } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import { Cursor } from '../../lib/sql/parse-cursor.ts';
import { parseType } from '../../lib/sql/parse-type.ts';
import { checkSinkOptions, type WrittenTable } from '../../lib/sql/sink-options.ts';

const SPAN = { start: 0, end: 1 };

/** Columns as `name TYPE`. */
function table(columns: readonly string[], options: Readonly<Record<string, string>>, changes: Partial<WrittenTable> = {}): WrittenTable {
  const definitions = columns.map((text) => {
    const [name = '', ...type] = text.split(' ');
    return { kind: 'physical-column', name: { kind: 'identifier', name, span: SPAN }, type: parseType(new Cursor(type.join(' '))), comment: null, span: SPAN } as const;
  });
  return { path: 'c.d.t', options, columns: definitions, primaryKey: [], partitionedBy: [], ...changes };
}

/** Message and hint of the refusal; null if there is none. */
function refusalOf(check: () => void): string | null {
  try {
    check();
    return null;
  } catch (error) {
    if (!isError(error, 'OPTION_INVALID')) throw error;
    return `${error.message} ${error.hint}`;
  }
}

const FILES = { connector: 'filesystem', path: '/t', format: 'csv' };
const files = (options: Readonly<Record<string, string>>, changes: Partial<WrittenTable> = {}, columns = ['v STRING', 'n INT']): string | null =>
  refusalOf(() => checkSinkOptions('filesystem', table(columns, { ...FILES, ...options }, changes)));

describe('filesystem', () => {
  test.each<Readonly<Record<string, string>>>([
    {},
    { format: 'json', 'json.timestamp-format.standard': 'ISO-8601', 'json.ignore-parse-errors': 'true' },
    { format: 'parquet', 'parquet.compression': 'zstd', 'parquet.utc-timezone': 'true', 'parquet.write.int64.timestamp': 'true' },
    { 'csv.field-delimiter': '\\t', 'csv.quote-character': "'", 'csv.escape-character': '\\', 'csv.null-literal': 'n/a' },
    { 'csv.field-delimiter': '\\u0001', 'csv.disable-quote-character': 'true' },
    { 'sink.rolling-policy.file-size': '1 kb', 'sink.rolling-policy.rollover-interval': '5 min', 'sink.rolling-policy.check-interval': '1 min' },
    { 'sink.partition-commit.trigger': 'partition-time', 'sink.partition-commit.delay': '1 h', 'partition.time-extractor.timestamp-pattern': '$d', 'auto-compaction': 'false' },
    { 'partition.default-name': 'none', 'sink.parallelism': '4', 'source.monitor-interval': '1 s' },
  ])('%j is accepted', (options) => {
    expect(files(options)).toBeNull();
  });

  test.each<[Readonly<Record<string, string>>, string]>([
    [{ format: 'orc' }, "The formats are 'json', 'csv', 'parquet'."],
    [{ 'csv.field-delimiter': ';;' }, "Option 'csv.field-delimiter' must be a string with single character"],
    [{ 'csv.quote-character': "'", 'csv.disable-quote-character': 'true' }, 'Format cannot define a quote character and disabled quote character at the same time.'],
    [{ 'csv.field-delimiter': '"' }, "'csv.field-delimiter' is the quote character as well"],
    [{ 'csv.field-delimiter': '|', 'csv.escape-character': '|' }, 'is the escape character as well'],
    [{ 'csv.null-literal': 'none, really' }, `'csv.null-literal' holds ","`],
    [{ 'csv.null-literal': '"null"' }, "'csv.null-literal' holds"],
    [{ 'csv.field-delimeter': ';' }, "Did you mean 'csv.field-delimiter'?"],
    [{ 'json.encode.ignore-null-fields': 'true' }, 'unsupported option'],
    [{ format: 'json', 'json.encode.ignore-null-fields': 'true' }, 'NULL is written as null'],
    [{ format: 'json', 'json.encode.decimal-as-plain-number': 'true' }, 'DECIMAL is written as text'],
    [{ format: 'json', 'json.timestamp-format.standard': 'SQL' }, 'ISO-8601'],
    [{ format: 'json', 'json.timestamp': 'x' }, 'unsupported option'],
    [{ format: 'parquet', 'parquet.compression': 'LZO' }, 'one of SNAPPY, GZIP, ZSTD, UNCOMPRESSED'],
    [{ format: 'parquet', 'parquet.utc-timezone': 'false' }, 'INT64 in UTC'],
    [{ format: 'parquet', 'parquet.timestamp.time.unit': 'millis' }, 'microseconds'],
    [{ 'sink.rolling-policy.file-size': 'large' }, "a size such as '128MB'"],
    [{ 'sink.rolling-policy.file-size': '0' }, "a size such as '128MB'"],
    [{ 'sink.partition-commit.policy.kind': 'success-file' }, 'Sluice commits no partitions'],
    [{ 'auto-compaction': 'true' }, 'does not do'],
    [{ 'sink.rolling': 'x' }, 'unsupported option'],
  ])('%j is refused', (options, why) => {
    expect(files(options)).toContain(why);
  });

  test('partitions are folders, and files hold what is left', () => {
    expect(files({}, { partitionedBy: ['n'] })).toBeNull();
    expect(files({}, { partitionedBy: ['v', 'n'] })).toContain('its files would be empty');
    expect(files({}, { partitionedBy: ['b'] }, ['v STRING', 'b BYTES'])).toContain("partitioned by 'b' of type BYTES");
  });
});

const DYNAMO = { connector: 'dynamodb', 'table-name': 'results' };
const dynamo = (options: Readonly<Record<string, string>>, changes: Partial<WrittenTable> = {}, columns = ['k STRING', 'at TIMESTAMP(3)', 'n BIGINT']): string | null =>
  refusalOf(() => checkSinkOptions('dynamodb', table(columns, { ...DYNAMO, ...options }, { primaryKey: ['k', 'at'], ...changes })));

describe('dynamodb', () => {
  test.each<Readonly<Record<string, string>>>([
    {},
    { 'aws.region': 'eu-west-1', 'aws.endpoint': 'http://127.0.0.1:8000', 'aws.credentials.provider': 'AUTO' },
    { 'sink.requests.max-inflight': '8', 'sink.batch.max-size': '25', 'sink.fail-on-error': 'true', 'sink.ignore-nulls': 'true' },
    { 'sluice.take-over-from': '0123456789abcdef0123456789abcdef; fedcba9876543210fedcba9876543210' },
  ])('%j is accepted', (options) => {
    expect(dynamo(options)).toBeNull();
  });

  test.each<[Readonly<Record<string, string>>, string]>([
    [{ 'table-name': 'a b' }, "'table-name'"],
    [{ 'aws.endpoint': 'localhost:8000' }, 'an http(s) URL'],
    [{ 'aws.credentials.provider': 'BASIC' }, 'Credentials are those of the function'],
    [{ 'aws.credentials.basic.secretkey': 'x' }, 'unsupported option'],
    [{ 'sink.requests.max-inflight': '0' }, 'a whole number from 1 to 1000'],
    [{ 'sluice.take-over-from': 'job' }, '32 hex digits'],
  ])('%j is refused', (options, why) => {
    expect(dynamo(options)).toContain(why);
  });

  test('the PRIMARY KEY is the key of the table', () => {
    expect(refusalOf(() => checkSinkOptions('dynamodb', table(['k STRING'], { connector: 'dynamodb' }, { primaryKey: ['k'] })))).toContain("'table-name'");
    expect(dynamo({}, { primaryKey: [] })).toContain('PRIMARY KEY (…) NOT ENFORCED');
    expect(dynamo({}, { primaryKey: ['k', 'at', 'n'] })).toContain('at most one sort key');
    expect(dynamo({}, { primaryKey: ['k'] }, ['k DOUBLE'])).toContain('approximate numbers and BOOLEAN cannot be keys');
    expect(dynamo({}, { primaryKey: ['k'] }, ['k STRING', 'sluice_ver BIGINT'])).toContain("the column 'sluice_ver', which Sluice keeps");
    expect(dynamo({}, { partitionedBy: ['k'] })).toContain('leave the clause out');
  });
});

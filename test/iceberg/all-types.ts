/** A table with a column of every type, and rows with the ends of what the types hold. */
import type { NestedField } from '../../lib/adapters/iceberg/metadata.ts';
import { jobId, uid } from '../../lib/core/numbers.ts';
import type { SinkNode } from '../../lib/core/plan.ts';
import { BIGINT, BOOLEAN, type Column, DOUBLE, INT, LENGTH_MAX, type Row, type SqlType, STRING, TIMESTAMP3 } from '../../lib/core/types.ts';
import { field } from './world.ts';

export const JOB = jobId('0123456789abcdef0123456789abcdef');

interface TypeCase {
  readonly name: string;
  readonly sql: SqlType;
  readonly iceberg: string;
  /** In SQL's terms. */
  readonly values: readonly [Row[number], Row[number]];
}

const decimal = (precision: number, scale: number): SqlType => ({ kind: 'DECIMAL', precision, scale });

const CASES: readonly TypeCase[] = [
  { name: 'a_boolean', sql: BOOLEAN, iceberg: 'boolean', values: [true, false] },
  { name: 'a_tinyint', sql: { kind: 'TINYINT' }, iceberg: 'int', values: [-128, 127] },
  { name: 'an_int', sql: INT, iceberg: 'int', values: [-2147483648, 2147483647] },
  { name: 'a_promoted', sql: INT, iceberg: 'long', values: [-1, 2147483647] },
  { name: 'a_bigint', sql: BIGINT, iceberg: 'long', values: [-9223372036854775808n, 9223372036854775807n] },
  { name: 'a_float', sql: { kind: 'FLOAT' }, iceberg: 'float', values: [-0.5, 3.25] },
  { name: 'a_double', sql: DOUBLE, iceberg: 'double', values: [-1e300, 0.1] },
  { name: 'a_decimal5', sql: decimal(5, 2), iceberg: 'decimal(5, 2)', values: [-99999n, 12345n] },
  { name: 'a_decimal18', sql: decimal(18, 4), iceberg: 'decimal(18, 4)', values: [-999999999999999999n, 999999999999999999n] },
  { name: 'a_decimal38', sql: decimal(38, 10), iceberg: 'decimal(38, 10)', values: [-99999999999999999999999999999999999999n, 1n] },
  { name: 'a_date', sql: { kind: 'DATE' }, iceberg: 'date', values: [-1, 19_000] },
  { name: 'a_time', sql: { kind: 'TIME', precision: 3 }, iceberg: 'time', values: [0, 86_399_999] },
  { name: 'a_timestamp3', sql: TIMESTAMP3, iceberg: 'timestamp', values: [-1, 1_700_000_000_123] },
  { name: 'a_timestamp6', sql: { kind: 'TIMESTAMP', precision: 6 }, iceberg: 'timestamp', values: [-1000n, 1_700_000_000_123_456_000n] },
  { name: 'an_ltz', sql: { kind: 'TIMESTAMP_LTZ', precision: 6 }, iceberg: 'timestamptz', values: [-1000n, 1_700_000_000_123_456_000n] },
  { name: 'a_string', sql: STRING, iceberg: 'string', values: ['', 'ä€😀 "quoted", and longer than sixteen'] },
  { name: 'a_fixed', sql: { kind: 'BINARY', length: 3 }, iceberg: 'fixed[3]', values: [Uint8Array.of(0, 1, 2), Uint8Array.of(255, 255, 255)] },
  { name: 'a_uuid', sql: { kind: 'BINARY', length: 16 }, iceberg: 'uuid', values: [new Uint8Array(16), new Uint8Array(16).fill(255)] },
  { name: 'some_bytes', sql: { kind: 'VARBINARY', length: LENGTH_MAX }, iceberg: 'binary', values: [new Uint8Array(0), Uint8Array.of(0, 255)] },
];

export const COLUMNS: readonly Column[] = CASES.map(({ name, sql }): Column => ({ name, type: sql, nullable: true }));

/** One more than the job writes: readers find NULL in it. */
export const FIELDS: readonly NestedField[] = [...CASES.map(({ name, iceberg }, i) => field(i + 1, name, iceberg)), field(CASES.length + 1, 'not_written', 'string')];

/** Both ends of each type, and a row of NULLs. */
export const ROWS: readonly Row[] = [CASES.map(({ values }) => values[0]), CASES.map(({ values }) => values[1]), CASES.map(() => null)];

export const nodeOf = (columns: readonly Column[], name = 'out'): SinkNode => ({
  kind: 'sink',
  uid: uid(name),
  input: uid('in'),
  table: 'c.db.t',
  connector: 'iceberg',
  columns,
  options: {},
});

import { describe, expect, it } from 'vitest';
import { compileRawDecoder } from '../../lib/core/format/raw.ts';
import type { RawFormat } from '../../lib/core/plan.ts';
import { BIGINT, BOOLEAN, DOUBLE, INT, STRING, type SqlType, type Value } from '../../lib/core/types.ts';

const BYTES: SqlType = { kind: 'VARBINARY', length: 10 };

/** What the format makes of one record: its value, or the message of the error. */
function read(type: SqlType, record: readonly number[] | null, endianness: RawFormat['endianness'] = 'big-endian'): Value {
  const records = { bytes: Uint8Array.from([...(record ?? []), 10]), starts: [0], ends: [record === null ? -1 : record.length] };
  const values: Value[] = [];
  const column = { name: 'v', type, nullable: true };
  const error = compileRawDecoder([column], { kind: 'raw', endianness })(records, { from: 0, to: 1 }, '', (row) => values.push(row[0] ?? null));
  if (error !== null) return error.message;
  expect(values).toHaveLength(1);
  return values[0] ?? null;
}

describe('the raw format', () => {
  it.each<[SqlType, number[] | null, Value]>([
    [STRING, [0xc3, 0xa4, 10, 0x62], 'ä\nb'],
    [STRING, [0x61, 0xff], 'a\ufffd'],
    [STRING, [], ''],
    [STRING, null, null],
    [BYTES, [0, 255], Uint8Array.of(0, 255)],
    [BOOLEAN, [2], true],
    [{ kind: 'TINYINT' }, [255], -1],
    [{ kind: 'SMALLINT' }, [1, 0], 256],
    [INT, [0xff, 0xff, 0xff, 0xfe], -2],
    [INT, null, null],
    [BIGINT, [0, 0, 0, 1, 0, 0, 0, 0], 4294967296n],
    [{ kind: 'FLOAT' }, [0x3f, 0xc0, 0, 0], 1.5],
    [DOUBLE, [0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 1.5],
  ])('%o of %j', (type, record, value) => {
    expect(read(type, record)).toEqual(value);
  });

  it('reads either byte order', () => {
    expect(read(INT, [1, 0, 0, 0], 'little-endian')).toBe(1);
    expect(read(INT, [1, 0, 0, 0])).toBe(16777216);
  });

  it('refuses what is not as long as the type', () => {
    expect(read(INT, [1, 2, 3])).toBe("'v': INT has 4 bytes in the raw format, not 3");
    expect(read(BIGINT, [])).toBe("'v': BIGINT has 8 bytes in the raw format, not 0");
  });
});

/** Batches with keys and metadata into rows: what a plan reads of them, what it leaves alone, and what is wrong with a key. */
import { describe, expect, it } from 'vitest';
import { compileDataflow } from '../../lib/core/dataflow.ts';
import { besideOf } from '../../lib/core/format/beside.ts';
import type { RecordBytes } from '../../lib/core/format/record-bytes.ts';
import { offset, uid } from '../../lib/core/numbers.ts';
import type { JsonFormat, JsonValue, Plan, SourceNode } from '../../lib/core/plan.ts';
import { BIGINT, INT, STRING, type Column, type SqlType } from '../../lib/core/types.ts';
import { MIN_WATERMARK } from '../../lib/core/watermark.ts';
import { foldBatch, type FoldedBatch } from '../../lib/engine/writer/fold-batch.ts';
import type { RecordBatch } from '../../lib/ports/source.ts';

const LTZ3: SqlType = { kind: 'TIMESTAMP_LTZ', precision: 3 };
const JSON_FORMAT: JsonFormat = { kind: 'json', failOnMissingField: false, ignoreParseErrors: false, timestampStandard: 'SQL' };
const RAW = { kind: 'raw', endianness: 'big-endian' } as const;
const column = (name: string, type: SqlType): Column => ({ name, type, nullable: true });

/** A plan that writes the rows of its source as they are. */
function planOf(source: Pick<SourceNode, 'columns'> & Partial<SourceNode>): Plan {
  const node: SourceNode = {
    kind: 'source',
    uid: uid('s'),
    table: 'c.d.s',
    connector: 'kafka',
    topics: ['t'],
    startup: { kind: 'earliest-offset' },
    format: JSON_FORMAT,
    eventTime: null,
    idleTimeoutMs: 0,
    options: {},
    ...source,
  };
  const sink = { kind: 'sink', uid: uid('k'), input: node.uid, table: 'c.d.k', connector: 'blackhole', columns: node.columns, options: {} } as const;
  return { formatVersion: 1, name: 'j', sql: '', options: {}, nodes: [node, sink] };
}

function bytesOf(values: readonly (string | null)[]): RecordBytes {
  const encoder = new TextEncoder();
  const parts = values.map((value) => encoder.encode(`${value ?? ''}\n`));
  const starts = parts.map((_, i) => parts.slice(0, i).reduce((sum, part) => sum + part.length, 0));
  const ends = values.map((value, i) => (value === null ? -1 : (starts[i] ?? 0) + (parts[i]?.length ?? 0) - 1));
  return { bytes: Uint8Array.from(parts.flatMap((part) => [...part])), starts, ends };
}

/** Records of key and value; record i has offset 10 + i and the time 1000 * i. */
function batchOf(records: readonly (readonly [key: string | null, value: string | null])[], calls = { metadata: 0 }): RecordBatch {
  return {
    ...bytesOf(records.map(([, value]) => value)),
    offsets: records.map((_, i) => 10 + i),
    next: offset(10 + records.length),
    metadata: () => {
      calls.metadata++;
      return {
        keys: bytesOf(records.map(([key]) => key)),
        timestamps: records.map((_, i) => 1000 * i),
        timestampTypes: records.map((_, i) => (i === 0 ? 'LogAppendTime' : 'CreateTime')),
        headers: records.map(() => []),
        leaderEpochs: records.map((_, i) => i - 1),
      };
    },
  };
}

function fold(plan: Plan, batch: RecordBatch, from = 0): FoldedBatch {
  const dataflow = compileDataflow(plan);
  const [source] = dataflow.sources;
  if (source === undefined) throw new Error('the plan has a source');
  const beside = besideOf(source.node, batch, { topic: 't', partition: 4 });
  return foldBatch(dataflow, source, { batch, beside, from, watermark: MIN_WATERMARK, horizon: Infinity, fired: null, nonce: 'n0nce', onBad: 'end' });
}

const rowsOf = ({ segments }: FoldedBatch): readonly JsonValue[] => segments.flatMap((segment) => segment.rows[uid('k')] ?? []);

const KEYED = { columns: [column('v', INT), column('id', STRING)], key: { format: JSON_FORMAT, columns: [{ column: 1, field: 'key_id' }] } };

describe('metadata', () => {
  const metadata = [
    { column: 0, key: 'topic' },
    { column: 1, key: 'partition' },
    { column: 2, key: 'offset' },
    { column: 3, key: 'timestamp' },
    { column: 4, key: 'timestamp-type' },
    { column: 5, key: 'leader-epoch' },
  ] as const;
  const columns = [STRING, INT, BIGINT, LTZ3, STRING, INT, INT].map((type, i) => column(i === 6 ? 'v' : `m${i}`, type));

  it('is that of the record, also behind a tombstone and for every row of an array', () => {
    const folded = fold(planOf({ columns, metadata }), batchOf([[null, '{"v": 1}'], [null, null], [null, '[{"v": 3}, {"v": 4}]']]));
    expect(rowsOf(folded)).toEqual([
      ['t', 4, 10, 0, 'LogAppendTime', null, 1],
      ['t', 4, 12, 2000, 'CreateTime', 1, 3],
      ['t', 4, 12, 2000, 'CreateTime', 1, 4],
    ]);
    expect(folded).toMatchObject({ records: 3, bad: null });
  });

  it('begins with the first record that the log does not have', () => {
    const offsets = planOf({ columns: [column('o', BIGINT)], metadata: [{ column: 0, key: 'offset' }] });
    expect(rowsOf(fold(offsets, batchOf([[null, '{}'], [null, '{}'], [null, '{}']]), 2))).toEqual([[12]]);
  });

  it('may be the row time', () => {
    const eventTime = { column: 1, watermark: { op: 'column', index: 1, type: LTZ3 } } as const;
    const plan = planOf({ columns: [column('v', INT), column('ts', LTZ3)], metadata: [{ column: 1, key: 'timestamp' }], eventTime });
    expect(fold(plan, batchOf([[null, '{}'], [null, '{}'], [null, '{}']])).segments.at(-1)?.watermark).toBe(2000);
  });

  it('is asked for once, and only by plans that read it', () => {
    const calls = { metadata: 0 };
    const batch = batchOf([['{}', '{"v": 1}']], calls);
    expect(rowsOf(fold(planOf({ columns: [column('v', INT)] }), batch))).toEqual([[1]]);
    fold(planOf({ columns: [column('o', BIGINT)], metadata: [{ column: 0, key: 'offset' }] }), batch);
    expect(calls.metadata).toBe(0);
    fold(planOf(KEYED), batch);
    expect(calls.metadata).toBe(1);
  });

  it('cannot be had from a topic of values only', () => {
    const { metadata: _, ...batch } = batchOf([[null, '{}']]);
    expect(() => fold(planOf(KEYED), batch)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining("topic 't'") }));
    expect(rowsOf(fold(planOf({ columns: [column('p', INT)], metadata: [{ column: 0, key: 'partition' }] }), batch))).toEqual([[4]]);
  });
});

describe('keys', () => {
  it('give columns of their own; a record without a key has NULL there', () => {
    const folded = fold(planOf(KEYED), batchOf([['{"key_id": "a"}', '{"v": 1, "id": "x"}'], [null, '{"v": 2}'], ['{}', '{"v": 3}'], ['{"key_id": "d"}', null]]));
    expect(rowsOf(folded)).toEqual([[1, 'a'], [2, null], [3, null]]);
    expect(folded.records).toBe(4);
  });

  it('may be raw', () => {
    const plan = planOf({ ...KEYED, key: { format: RAW, columns: [{ column: 1, field: 'id' }] } });
    expect(rowsOf(fold(plan, batchOf([['a "b"\n', '{"v": 1}'], [null, '{"v": 2}'], ['', '{"v": 3}']])))).toEqual([[1, 'a "b"\n'], [2, null], [3, '']]);
  });

  it('that are malformed end the batch before their record (W10)', () => {
    const records = batchOf([['{"key_id": "a"}', '{"v": 1}'], ['{"key', '{"v": 2}'], ['{}', '{"v": 3}']]);
    const { bad, records: taken, segments } = fold(planOf(KEYED), records);
    expect(segments.flatMap(({ rows }) => rows[uid('k')])).toEqual([[1, 'a']]);
    expect(taken).toBe(1);
    expect(bad).toMatchObject({ index: 1, error: { code: 'RECORD_MALFORMED', details: { excerpt: '{"key' } } });
    expect(bad?.error.message).toMatch(/^the key: /);
    expect(bad?.error.hint).toContain("'key.json.ignore-parse-errors'");
  });

  it('and values are skipped by the option that their format has', () => {
    const hintOf = (change: Partial<SourceNode>, record: readonly [string | null, string | null]) => fold(planOf({ ...KEYED, ...change }), batchOf([record])).bad?.error.hint;
    expect(hintOf({}, ['{}', '{'])).toContain("set 'json.ignore-parse-errors'");
    expect(hintOf({ options: { 'value.format': 'json' } }, ['{}', '{'])).toContain("set 'value.json.ignore-parse-errors'");
    const raw = { columns: [column('v', INT)], format: RAW };
    expect(fold(planOf(raw), batchOf([[null, 'abc']])).bad?.error.hint).toContain("SET 'sluice.on-record-error' = 'skip'");
  });

  it('are blamed for their record before its value, and behind the values before', () => {
    const bad = (records: Parameters<typeof batchOf>[0]) => fold(planOf(KEYED), batchOf(records)).bad;
    expect(bad([['{', '{'], ['{}', '{}']])?.error.message).toMatch(/^the key: /);
    const value = bad([['{}', '{'], ['{', '{}']]);
    expect(value).toMatchObject({ index: 0 });
    expect(value?.error.message).not.toMatch(/^the key: /);
  });

  it('that are ignored take their record with them', () => {
    const plan = planOf({ ...KEYED, key: { ...KEYED.key, format: { ...JSON_FORMAT, ignoreParseErrors: true } } });
    const folded = fold(plan, batchOf([['{"key', '{"v": 1}'], ['{"key_id": "b"}', '{"v": 2}']]));
    expect(rowsOf(folded)).toEqual([[2, 'b']]);
    expect(folded).toMatchObject({ records: 2, bad: null });
  });

  it('stay with their records in batches of any size', () => {
    const records = Array.from({ length: 1500 }, (_, i): [string | null, string] => [i % 7 === 0 ? null : `{"key_id": "k${i}"}`, `{"v": ${i}}`]);
    const expected = records.map(([key], i) => [i, key === null ? null : `k${i}`]);
    expect(rowsOf(fold(planOf(KEYED), batchOf(records)))).toEqual(expected);
    const broken = records.map(([key, value], i): [string | null, string] => [i === 1100 ? '{' : key, value]);
    const { bad, segments } = fold(planOf(KEYED), batchOf(broken));
    expect(bad?.index).toBe(1100);
    expect(segments.flatMap(({ rows }) => rows[uid('k')])).toEqual(expected.slice(0, 1100));
  });
});

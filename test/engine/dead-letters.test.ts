/** W10 with `dlq`: what fails becomes a row in the entry and leaves with the next FIRE, once, whoever emits and whatever is resumed (I-DLQ). */
import { describe, expect, test } from 'vitest';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { SluiceError } from '../../lib/core/errors.ts';
import { columnAt, literal } from '../../lib/core/expression.ts';
import { ERROR_CHARS_MAX } from '../../lib/core/error-text.ts';
import { failedRecordRow, KEY_BYTES_MAX, VALUE_BYTES_MAX } from '../../lib/core/failed-record.ts';
import { generation, offset, partitionId, seq, uid, wallTime, type Uid } from '../../lib/core/numbers.ts';
import type { Expression, Plan, PlanNode } from '../../lib/core/plan.ts';
import { INT, STRING, TIMESTAMP3, type Column } from '../../lib/core/types.ts';
import { MIN_WATERMARK } from '../../lib/core/watermark.ts';
import { deadLettersOf } from '../../lib/engine/dead-letters.ts';
import { decodePartitionEntry, encodePartitionEntry } from '../../lib/engine/log/codec.ts';
import { NOTHING_PASSED_OVER, type PassedOver } from '../../lib/engine/log/entries.ts';
import type { LogItem } from '../../lib/ports/log.ts';
import { BAD, DEAD_LETTERS, letters, ROWTIME_NULL, texts, withDeadLetters } from './dead-letter-plan.ts';
import { labPlan, labRecord, LAB_START_MS } from './lab-plan.ts';
import { MINUTE, once, P0, Stack, type StackOptions } from './stack.ts';

const PLAN = withDeadLetters(labPlan());
const APPEND = 'log.append P0.0.0';

const TYPE = columnAt(0, STRING);

/** Fails on records whose type, or `text`, is no number. */
function withNumbers(plan: Plan, text: Expression = TYPE): Plan {
  const columns: readonly Column[] = [{ name: 'event_type', type: STRING, nullable: true }];
  const where: Expression = { op: 'call', fn: '>', args: [{ op: 'call', fn: 'CAST', args: [text], type: INT }, literal(INT, 0)], type: { kind: 'BOOLEAN' } };
  const nodes: PlanNode[] = [
    { kind: 'calc', uid: uid('strict'), input: uid('events'), where, project: [TYPE], columns },
    { kind: 'sink', uid: uid('numbers'), input: uid('strict'), table: 'c.d.numbers', connector: 'filesystem', columns, options: {} },
  ];
  return { ...plan, nodes: [...plan.nodes, ...nodes] };
}

const began = (options: StackOptions = {}): Promise<Stack> => Stack.start({ plan: PLAN, ...options });

async function delivered(records: readonly string[], options: StackOptions = {}): Promise<Stack> {
  const stack = await began(options);
  stack.stores.source.produce('events', records);
  await stack.deliver(stack.writer());
  return stack;
}

describe('a record that fails', () => {
  test('is a row of the dead-letter table, and counts for no window and no watermark', async () => {
    const stack = await delivered([BAD, labRecord('click', 10), ROWTIME_NULL, labRecord('click', 20), BAD, labRecord('end', 120)]);
    expect((await stack.partition()).at(-1)).toMatchObject({ records: 3, passedOver: { skipped: 0, deadLetters: 3 }, watermark: LAB_START_MS + 115_000 });
    await stack.firer().step();
    expect(stack.rows()).toEqual([[0, 'click', 2]]);
    expect(letters(stack)).toMatchObject([
      { topic: 'events', partition: 0, offset: 0n, key: null, job: stack.job.id, at: stack.runtime.now(), error: expect.stringMatching(/^RECORD_MALFORMED: /) },
      { offset: 2n, error: "ROWTIME_NULL: 'event_time': RowTime field should not be null, please convert it to a non-null long value." },
      { offset: 4n },
    ]);
    expect(texts(stack)).toEqual([BAD, ROWTIME_NULL, BAD]);
  });

  test('leaves with the next step, although no window closes and none is open', async () => {
    const stack = await delivered([BAD]);
    expect(await stack.firer().step()).toMatchObject({ kind: 'fired', rows: 1 });
    expect(texts(stack)).toEqual([BAD]);
    expect(await stack.kinds()).toEqual(['INIT', 'FIRE', 'ACK']);
    expect(await stack.firer().step()).toEqual({ kind: 'idle' });
  });

  test('leaves the watermark where it was: a late record stays late, one in time in time', async () => {
    const stack = await delivered([labRecord('click', 100), BAD, labRecord('click', 10)]);
    expect((await stack.partition()).at(-1)).toMatchObject({ watermark: LAB_START_MS + 95_000 });
  });

  test('moves no CURRENT_WATERMARK, so that none behind it fails because of it', async () => {
    const watermark: Expression = { op: 'call', fn: 'CURRENT_WATERMARK', args: [columnAt(1, TIMESTAMP3)], type: TIMESTAMP3 };
    const watermarkOrType: Expression = { op: 'call', fn: 'COALESCE', args: [{ op: 'call', fn: 'CAST', args: [watermark], type: STRING }, TYPE], type: STRING };
    const stack = await delivered([labRecord('word', 500), labRecord('1', 1)], { plan: withDeadLetters(withNumbers(labPlan(), watermarkOrType)) });
    expect((await stack.partition()).at(-1)).toMatchObject({ records: 1, passedOver: { deadLetters: 1 }, watermark: LAB_START_MS - 4000 });
  });

  test('is once in the table, however often it is delivered', async () => {
    const stack = await delivered([BAD, labRecord('click', 10)]);
    const again = await stack.stores.source.fetch('events', 0, offset(0), 1e9);
    if (again === null) throw new Error('the topic has records');
    expect(await stack.writer().commit(P0, again)).toMatchObject({ kind: 'duplicate' });
    for (let i = 0; i < 3; i++) await stack.firer().step();
    expect(texts(stack)).toEqual([BAD]);
  });

  test('is emitted by whoever helps, once', async () => {
    const stack = await delivered([BAD]);
    stack.before = once('sink.emit', () => {
      throw new SluiceError('SINK_UNAVAILABLE', { message: 'the table is away' });
    });
    expect(await stack.firer().step()).toMatchObject({ kind: 'waiting', sinks: [DEAD_LETTERS] });
    stack.runtime.advance(stack.job.settings.helpAfterMs);
    await stack.firer().step();
    expect(texts(stack)).toEqual([BAD]);
    expect(stack.stores.sinks.journal(stack.job.id, DEAD_LETTERS)).toMatchObject([{ g: 0, f: 1, pf: null }]);
  });

  test('is cut where it is long, and the row says so', async () => {
    const stack = await delivered([`{"event_type": "${'x'.repeat(100_000)}`]);
    await stack.firer().step();
    const [row] = letters(stack);
    const [value, error] = [row?.['value'], String(row?.['error'])];
    expect(value instanceof Uint8Array && value.length).toBe(VALUE_BYTES_MAX);
    expect(error).toContain(`the first ${VALUE_BYTES_MAX} of 100016 bytes of the value`);
    expect(error.length).toBeLessThan(ERROR_CHARS_MAX + 100);
  });

  test('has its key where records have keys', async () => {
    const stack = await began();
    stack.stores.source.produce('events', [labRecord('click', 10), BAD]);
    const batch = await stack.stores.source.fetch('events', 0, offset(0), 1e9);
    if (batch === null) throw new Error('the topic has records');
    let decoded = 0;
    const key = new Uint8Array(KEY_BYTES_MAX + 1).fill(7);
    const metadata = () => {
      decoded++;
      return { keys: { bytes: key, starts: [0, 0], ends: [-1, key.length] }, timestamps: [0, 0], timestampTypes: [], headers: [], leaderEpochs: [] };
    };
    await stack.writer().commit(P0, { ...batch, metadata });
    await stack.firer().step();
    expect(letters(stack)[0]).toMatchObject({ key: key.subarray(0, KEY_BYTES_MAX), error: expect.stringContaining('bytes of the key') });
    expect(decoded).toBe(1);
  });
});

test('of two sources over one topic each leaves its own letter, which names it; where there is one, nothing does', async () => {
  const plan = labPlan();
  const own = (of: Uid): Uid => uid(`again-${of}`);
  const again = plan.nodes.flatMap((node): PlanNode[] => {
    if (node.kind === 'source') return [{ ...node, uid: own(node.uid) }];
    return node.kind === 'union' || node.kind === 'values' || node.kind === 'failed-records' ? [] : [{ ...node, uid: own(node.uid), input: own(node.input) }];
  });
  const stack = await began({ plan: withDeadLetters({ ...plan, nodes: [...plan.nodes, ...again] }) });
  stack.stores.source.produce('events', [BAD]);
  const batch = await stack.stores.source.fetch('events', 0, offset(0), 1e9);
  if (batch === null) throw new Error('the topic has a record');
  const writer = stack.writer();
  for (const source of [0, 1]) await writer.commit(partitionId(source, 0, 0), batch);
  await stack.firer().step();
  const [table] = plan.nodes.flatMap((node) => (node.kind === 'source' ? [node.table] : []));
  expect(letters(stack).map(({ error }) => String(error).split('; ').slice(1))).toEqual([[`read by events of table ${table}`], [`read by again-events of table ${table}`]]);
  const alone = await delivered([BAD]);
  await alone.firer().step();
  expect(letters(alone).map(({ error }) => String(error).includes('read by'))).toEqual([false]);
});

describe('what people see', () => {
  test('is the last error and how many there were', async () => {
    const stack = await delivered([BAD, ROWTIME_NULL]);
    stack.stores.source.produce('events', [labRecord('click', 10), BAD]);
    await stack.deliver(stack.writer());
    expect(await deadLettersOf(stack.ports, stack.job)).toMatchObject([{ topic: 'events', partition: 0, offset: expect.any(Number), code: 'RECORD_MALFORMED', count: 3 }]);
    expect((await stack.partition()).at(-1)).toMatchObject({ passedOver: { deadLetters: 3 } });
  });

  test('is written every ten seconds by a writer, for each partition, and the newest behind a later batch', async () => {
    const stack = await began({ partitions: 2 });
    const writer = stack.writer();
    const deliver = async (record: string, partition = 0): Promise<void> => {
      stack.stores.source.produce('events', [record], partition);
      await stack.deliver(writer, partition);
    };
    for (let i = 0; i < 5; i++) for (const partition of [0, 1]) await deliver(BAD, partition);
    expect(stack.takeCalls().filter((call) => call.startsWith('control.put DLQ'))).toEqual(['control.put DLQ#g0#0.0.0', 'control.put DLQ#g0#0.0.1']);
    stack.runtime.advance(10_000);
    await deliver(labRecord('click', 10));
    expect((await deadLettersOf(stack.ports, stack.job)).map(({ partition, count }) => [partition, count])).toEqual([[0, 5], [1, 1]]);
    await deliver(labRecord('click', 10));
    expect(stack.takeCalls().filter((call) => call.startsWith('control.put DLQ'))).toHaveLength(1);
  });

  test('is of this generation, in the order of the partitions', async () => {
    const stack = await began({ partitions: 11 });
    for (const partition of [10, 2, 0]) {
      stack.stores.source.produce('events', [BAD], partition);
      await stack.deliver(stack.writer(), partition);
    }
    expect((await deadLettersOf(stack.ports, stack.job)).map(({ partition }) => partition)).toEqual([0, 2, 10]);
    expect(await deadLettersOf(stack.ports, { ...stack.job, g: generation(1) })).toEqual([]);
  });

  test.each(['dlq', 'fail'])('quotes long values in part, in whole characters (%s)', async (policy) => {
    const strict = withNumbers(labPlan());
    const stack = await Stack.start({ plan: policy === 'dlq' ? withDeadLetters(strict) : strict });
    // The cast quotes the whole value.
    stack.stores.source.produce('events', ['😀'.repeat(120_000), `${'x'.repeat(2000)}😀`].map((type) => labRecord(type, 10)));
    await stack.deliver(stack.writer()).catch(() => {});
    const items = await stack.stores.control.list(`J#${stack.job.id}`, policy === 'dlq' ? 'DLQ#' : 'ERR#', { after: '', limit: 10 });
    expect(items.map(({ body }) => body.length < 3 * ERROR_CHARS_MAX && JSON.stringify(JSON.parse(body)).isWellFormed())).toEqual([true]);
    await stack.firer().step();
    const errors = letters(stack).map(({ error }) => String(error));
    expect(errors.filter((error) => error.isWellFormed())).toHaveLength(policy === 'dlq' ? 2 : 0);
  });

  test('may quote what was cut between the halves of a character', () => {
    const error = `${'x'.repeat(ERROR_CHARS_MAX - 1)}😀`;
    const row = failedRecordRow({ topic: 't', partition: 0, offset: 0, key: null, value: null, error, source: null, job: 'j', at: 0 });
    expect(row[5]).toBe(`${'x'.repeat(ERROR_CHARS_MAX - 1)}\ufffd`);
  });

  test('with `fail` is thrown as what it is, also where the store refuses the item', async () => {
    const stack = await Stack.start();
    stack.stores.source.produce('events', [BAD]);
    stack.before = (call) => {
      if (call.startsWith('control.put ERR')) throw new SluiceError('STORE_FAILED', { message: 'full' });
    };
    await expect(stack.deliver(stack.writer())).rejects.toMatchObject({ code: 'RECORD_MALFORMED', details: { offset: 0 } });
  });

  test.each(['STORE_FAILED', 'INVARIANT'] as const)('may lack the newest where the store refuses it (%s): the commit stands', async (code) => {
    const stack = await began();
    stack.stores.source.produce('events', [BAD]);
    stack.before = (call) => {
      if (call.startsWith('control.put DLQ')) throw new SluiceError(code, { message: 'full' });
    };
    expect(await stack.deliver(stack.writer())).toMatchObject({ kind: 'committed' });
    await stack.firer().step();
    expect(texts(stack)).toEqual([BAD]);
  });
});

test('entries say of dead letters only where there are some: those of older ones are read as before', () => {
  const common = { seq: seq(1), id: 'b', prev: 'a', at: wallTime(0), ttl: 1, next: offset(1), watermark: MIN_WATERMARK };
  const entry = (passedOver: PassedOver): LogItem => encodePartitionEntry(nodeCodec, { ...common, kind: 'KEEP', passedOver });
  const [nothing, skipped, letters] = [entry(NOTHING_PASSED_OVER), entry({ ...NOTHING_PASSED_OVER, skipped: 2 }), entry({ ...NOTHING_PASSED_OVER, deadLetters: 3 })];
  expect(nothing.body).not.toContain('over');
  expect(skipped.body).toContain('"over":{"skipped":2,"lost":0,"ahead":0}');
  expect([nothing, skipped, letters].map((item) => decodePartitionEntry(nodeCodec, 'J#1#g0#P0.0.0', item).passedOver)).toMatchObject([{ deadLetters: 0 }, { skipped: 2, deadLetters: 0 }, { skipped: 0, deadLetters: 3 }]);
});

describe('costs (I-COST)', () => {
  test('a batch without a bad record is one append of as many bytes as without a dead-letter table', async () => {
    const bytes = async (plan: StackOptions['plan']): Promise<number[]> => {
      const stack = await Stack.start(plan === undefined ? {} : { plan });
      stack.produce([['click', 10], ['view', 20]]);
      const writer = stack.writer();
      await stack.deliver(writer, 0, 1);
      stack.takeCalls();
      const result = await stack.deliver(writer, 0, 1);
      expect(stack.takeCalls()).toEqual([APPEND]);
      return result.kind === 'committed' ? [result.bytes] : [];
    };
    expect(await bytes(PLAN)).toEqual(await bytes(labPlan()));
  });

  test('one with bad records is one item more, and its entry grows by their rows alone', async () => {
    const stack = await began({ settings: { logTtlMs: Infinity } });
    const good = Array.from({ length: 100 }, (_, i) => labRecord('click', i % 50));
    const committed = async (records: readonly string[]): Promise<number> => {
      stack.stores.source.produce('events', records);
      const result = await stack.deliver(writer);
      return result.kind === 'committed' ? result.bytes : 0;
    };
    const writer = stack.writer();
    const plain = await committed(good);
    stack.takeCalls();
    const poisoned = await committed(good.flatMap((record, i) => (i % 10 === 0 ? [BAD, record] : [record])));
    expect(stack.takeCalls()).toEqual([APPEND, 'control.put DLQ#g0#0.0.0']);
    // Topic, place, value as base64, error, job and time: about 200 bytes a row, and no segment of its own.
    expect((poisoned - plain) / 10).toBeGreaterThan(100);
    expect((poisoned - plain) / 10).toBeLessThan(300);
  });

  test('rows beyond the size of an entry go to an object', async () => {
    const stack = await began();
    stack.stores.source.produce('events', Array.from({ length: 100 }, () => BAD));
    stack.takeCalls();
    await stack.deliver(stack.writer());
    expect(stack.takeCalls()).toContain('blob.put');
    expect((await stack.partition()).at(-1)).toMatchObject({ kind: 'DATA', payload: { kind: 'blob' } });
    await stack.firer().step();
    expect(texts(stack)).toHaveLength(100);
  });
});

test('a plan without a dead-letter table cannot have the policy', () => {
  expect(() => new Stack({ plan: labPlan({ planOptions: { 'sluice.on-record-error': 'dlq' } }) })).toThrow('the plan has no dead-letter table');
});

test('windows over dead letters are refused: no watermark comes with them', () => {
  const nodes = PLAN.nodes.map((node) => (node.kind === 'window-aggregate' ? { ...node, input: uid('failed-records') } : node));
  expect(() => new Stack({ plan: { ...PLAN, nodes } })).toThrow('nothing but sinks');
});

test('of several partitions every one has its own count', async () => {
  const stack = await began({ partitions: 2 });
  for (const p of [0, 1]) {
    stack.stores.source.produce('events', [BAD], p);
    await stack.deliver(stack.writer(), p);
  }
  await stack.firer().step();
  expect(letters(stack).map(({ partition }) => partition)).toEqual([0, 1]);
  expect((await deadLettersOf(stack.ports, stack.job)).map(({ partition, count }) => [partition, count])).toEqual([[0, 1], [1, 1]]);
  stack.runtime.advance(MINUTE);
  expect(await stack.firer().step()).toMatchObject({ kind: 'idle' });
});

/** The transactional Kafka sink on a model of a broker: the laws of sinks, and faults in every step of an emission. */
import { describe, expect, test } from 'vitest';
import { RecordEncoder } from '../../lib/adapters/kafka/sink-records.ts';
import { cursorOf, NO_CURSOR, storedCursor, versionOf } from '../../lib/adapters/kafka/sink-cursor.ts';
import type { Transactions } from '../../lib/adapters/kafka/transactions.ts';
import { isError, StoreError } from '../../lib/core/errors.ts';
import { fireNumber, generation, jobId } from '../../lib/core/numbers.ts';
import type { SinkNode } from '../../lib/core/plan.ts';
import { BYTES, STRING, type Row, type SqlType } from '../../lib/core/types.ts';
import type { EmitResult, Sink } from '../../lib/ports/sink.ts';
import { eachNetwork, type Network } from '../contracts/faults/network.ts';
import { sinkUnderFaults } from '../contracts/faults/sink.ts';
import { emission, sinkContract, sinkNode } from '../contracts/sink.ts';
import { LAYOUT, ModelTopic, modelSink, modelWorld, valuesIn } from './kafka-model.ts';

sinkContract('kafka, transactional, on a model', modelWorld);
sinkUnderFaults('kafka, transactional, on a model', modelWorld);

const JOB = jobId('0123456789abcdef0123456789abcdef');
const FIRES = 12;
const DURABLE = { kind: 'durable' };

/** Every request of the sink, those of its sessions included, goes through the network. */
const behind =
  (network: Network) =>
  (transactions: Transactions): Transactions => {
    const { partitions, committed, init } = network.to(transactions);
    return { partitions, committed, init: async () => network.to(await init()) };
  };

/** As the engine does it: again while the sink is unavailable or fenced by its own generation. */
async function persist(sink: Sink, g: number, f: number, values: readonly string[]): Promise<EmitResult> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      const result = await sink.emit(emission(g, f, f === 1 ? null : f - 1, values));
      if (result.kind === 'durable' || result.by > g) return result;
    } catch (error) {
      if (!isError(error, 'SINK_UNAVAILABLE')) throw error;
    }
  }
  throw new Error(`FIRE ${f} was never confirmed`);
}

const rowsOf = (f: number): string[] => [`f${f}a`, `f${f}b`];
const all = Array.from({ length: FIRES }, (_, i) => i + 1).flatMap(rowsOf);

describe('faults in the steps of an emission', () => {
  test('X1, X2: several emitters, whose requests get lost, land late or go unanswered: every row once, in order', () =>
    eachNetwork(async (network) => {
      const topic = new ModelTopic();
      const emitters = [1, 2, 3].map(() => modelSink(topic, JOB, behind(network)));
      await Promise.all(emitters.map(async (sink) => {
        for (let f = 1; f <= FIRES; f++) expect(await persist(sink, 0, f, rowsOf(f))).toEqual(DURABLE);
      }));
      await network.settle();
      expect(valuesIn(topic.committed)).toEqual(all);
    }), 20_000);

  test('X3: a fence that is answered lets nothing of the old generation through, however late', () =>
    eachNetwork(async (network) => {
      const topic = new ModelTopic();
      const old = modelSink(topic, JOB, behind(network));
      const young = modelSink(topic, JOB, behind(network));
      const emitting = (async () => {
        for (let f = 1; f <= FIRES; f++) if ((await persist(old, 0, f, rowsOf(f))).kind === 'fenced') return;
      })();
      const fence = async (): Promise<number> => {
        for (;;) {
          try {
            return (await young.fence(generation(1)))?.f ?? 0;
          } catch (error) {
            if (!isError(error, 'SINK_UNAVAILABLE')) throw error;
          }
        }
      };
      const newest = await fence();
      for (let f = newest + 1; f <= FIRES; f++) await persist(young, 1, f, rowsOf(f));
      await emitting;
      await network.settle();
      expect(valuesIn(topic.committed)).toEqual(all);
    }), 20_000);

  test('a commit without an answer is looked up, not repeated', async () => {
    const topic = new ModelTopic();
    let lost = 0;
    const sink = modelSink(topic, JOB, (transactions) => ({
      ...transactions,
      init: async () => {
        const session = await transactions.init();
        const commit = async (): Promise<void> => {
          await session.commit();
          if (lost++ === 0) throw new StoreError('maybe', { message: 'no answer' });
        };
        return { ...session, commit };
      },
    }));
    expect(await sink.emit(emission(0, 1, null, ['a']))).toEqual(DURABLE);
    expect(lost).toBe(1);
    expect(valuesIn(topic.committed)).toEqual(['a']);
    expect(topic.aborted).toEqual([]);
  });

  test('F9: who is fenced while another one emits takes over its answer, and opens no session', async () => {
    const topic = new ModelTopic();
    let inits = 0;
    const counted = (transactions: Transactions): Transactions => ({ ...transactions, init: () => (inits++, transactions.init()) });
    const [first, second] = [modelSink(topic, JOB, counted), modelSink(topic, JOB, counted)];
    await first.emit(emission(0, 1, null, ['a']));
    await second.emit(emission(0, 2, 1, ['b']));
    expect(await first.emit(emission(0, 2, 1, ['b']))).toEqual(DURABLE);
    expect(inits).toBe(2);
    expect(valuesIn(topic.committed)).toEqual(['a', 'b']);
  });

  test('a transaction that took too long is gone, and the emission goes back to the log', async () => {
    const topic = new ModelTopic();
    const sink = modelSink(topic, JOB, (transactions) => ({
      ...transactions,
      init: async () => {
        const session = await transactions.init();
        return { ...session, sendCursor: async (cursor) => (topic.timeOut(), session.sendCursor(cursor)) };
      },
    }));
    expect(await sink.emit(emission(0, 1, null, ['a']))).toEqual({ kind: 'fenced', by: 0 });
    expect(valuesIn(topic.aborted)).toEqual(['a']);
    expect(await modelSink(topic, JOB).emit(emission(0, 1, null, ['a']))).toEqual(DURABLE);
    expect(valuesIn(topic.committed)).toEqual(['a']);
  }, 15_000);
});

test('a topic that takes small batches only gets them; a row that is too large says what to do, and holds no transaction open', async () => {
  const topic = new ModelTopic();
  const sink = modelSink(topic, JOB);
  topic.maxBatchBytes = 10;
  const rows = Array.from({ length: 20 }, (_, i) => `row ${i}`);
  expect(await sink.emit(emission(0, 1, null, rows))).toEqual(DURABLE);
  expect(valuesIn(topic.committed)).toEqual(rows);
  const refused = sink.emit(emission(0, 2, 1, ['short', 'much too long a row']));
  await expect(refused).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining('a row is larger than the topic allows'), hint: expect.stringContaining('max.message.bytes') });
  expect(valuesIn(topic.committed)).toEqual(rows);
  topic.maxBatchBytes = Infinity;
  expect(await sink.emit(emission(0, 2, 1, ['short', 'much too long a row']))).toEqual(DURABLE);
});

test('a topic that is gone is SINK_UNAVAILABLE until it is there again', async () => {
  const topic = new ModelTopic();
  const sink = modelSink(topic, JOB);
  topic.exists = false;
  await expect(sink.emit(emission(0, 1, null, ['a']))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', hint: expect.stringContaining('sluice topic create t') });
  topic.exists = true;
  expect(await sink.emit(emission(0, 1, null, ['a']))).toEqual(DURABLE);
});

test('records carry the header of their FIRE', async () => {
  const topic = new ModelTopic();
  await modelSink(topic, JOB).emit(emission(2, 7, null, ['a', 'b']));
  expect(topic.committed.map(({ headers }) => headers)).toEqual([[['sluice-fire', `${JOB}:2:7:0`]], [['sluice-fire', `${JOB}:2:7:1`]]]);
});

test('records carry headers of their own in front of it, but for those that are NULL', () => {
  const headers: SqlType = { kind: 'MAP', key: { type: STRING, nullable: true }, value: { type: BYTES, nullable: true } };
  const node: SinkNode = { ...sinkNode('kafka', {}), columns: [...sinkNode('kafka', {}).columns.slice(0, 1), { name: 'h', type: headers, nullable: true }] };
  const encoder = new RecordEncoder(JOB, node, { ...LAYOUT, headers: 1 });
  const rows: Row[] = [['a', [['trace', Uint8Array.of(1)], [null, Uint8Array.of(2)], ['none', null]]], ['b', null]];
  const [piece = []] = encoder.pieces({ ...emission(2, 7, null, []), rows }, 1, 0, 1000);
  expect(piece.map((record) => record.headers)).toEqual([[['trace', Uint8Array.of(1)], ['sluice-fire', `${JOB}:2:7:0`]], [['sluice-fire', `${JOB}:2:7:1`]]]);
});

describe('the cursor', () => {
  const at = { g: generation(3), f: fireNumber(41) };

  test('keeps owner, position and digest; the offset alone tells the position', () => {
    const cursor = { owner: generation(5), at, digest: 'ab', writtenAt: 7 };
    expect(cursorOf(storedCursor(cursor))).toEqual(cursor);
    expect(storedCursor(cursor).offset).toBe(3n * 2n ** 40n + 41n);
    expect(cursorOf({ offset: storedCursor(cursor).offset, metadata: '' })).toEqual({ owner: 3, at, digest: '', writtenAt: 0 });
    expect(cursorOf({ ...storedCursor(cursor), offset: BigInt(versionOf({ g: generation(3), f: fireNumber(40) })) })).toEqual({ owner: 3, at: { g: 3, f: 40 }, digest: '', writtenAt: 0 });
    expect(cursorOf(storedCursor({ ...NO_CURSOR, owner: generation(2) }))).toEqual({ ...NO_CURSOR, owner: 2 });
    expect(cursorOf(null)).toEqual(NO_CURSOR);
  });

  test('is written again by the tick when it is a day old, once, and by no older generation', async () => {
    const topic = new ModelTopic();
    const clock = { now: 1_000_000_000 };
    const [sink, other] = [modelSink(topic, JOB, (t) => t, LAYOUT, () => clock.now), modelSink(topic, JOB, (t) => t, LAYOUT, () => clock.now)];
    const writtenAt = (): number => cursorOf(topic.cursorOf(`sluice-${JOB}-out`)).writtenAt;
    await sink.keep(generation(1));
    expect(topic.cursorOf(`sluice-${JOB}-out`)).toBeNull();
    await sink.emit(emission(1, 1, null, ['a']));
    clock.now += 80_000_000;
    await other.keep(generation(1));
    expect(writtenAt()).toBe(1_000_000_000);
    clock.now += 80_000_000;
    await other.keep(generation(0));
    expect(writtenAt()).toBe(1_000_000_000);
    await other.keep(generation(1));
    expect(writtenAt()).toBe(1_160_000_000);
    expect(await sink.emit(emission(1, 1, null, ['a']))).toEqual(DURABLE);
    expect(await sink.emit(emission(1, 2, 1, ['b']))).toEqual({ kind: 'fenced', by: 1 });
    expect(await sink.emit(emission(1, 2, 1, ['b']))).toEqual(DURABLE);
    expect(valuesIn(topic.committed)).toEqual(['a', 'b']);
  });

  test('that Kafka has forgotten stops nothing: ACK is the lower bound', async () => {
    const topic = new ModelTopic();
    await modelSink(topic, JOB).emit(emission(0, 1, null, ['a']));
    topic.expireCursors();
    expect(await modelSink(topic, JOB).emit(emission(0, 2, 1, ['b']))).toEqual(DURABLE);
    expect(valuesIn(topic.committed)).toEqual(['a', 'b']);
  });
});

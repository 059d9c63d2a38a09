/** Functions over source partitions as programs write them. */
import { expect, test } from 'vitest';
import { listState, operatorListState, operatorUnionState, sum, table, tumbling, type JobBuilder, type Stream } from '../../lib/api/index.ts';
import { compileDataflow } from '../../lib/core/dataflow.ts';
import { partitionId } from '../../lib/core/numbers.ts';
import { STREAM_ROW } from '../../lib/core/process/rows.ts';
import { openStageFold } from '../../lib/core/stages.ts';
import { build, nodeOf, payments, refusal, streamRow, type Payment } from './jobs.ts';

const out = table({ columns: { total: 'DOUBLE' }, with: { connector: 'print' } });

const totals = (stream: Stream<Payment>): Stream<{ total: number }> =>
  stream.processPartition('totals', {
    state: { sums: operatorListState<number>({ name: 'amounts', version: 1 }), all: operatorUnionState<string>() },
    previous: 'sums',
    initialize({ state, isRestored, partition }) {
      const [restored = 0] = isRestored ? state.sums.get() : [];
      let total = restored + partition.partition;
      return {
        onEvent({ amount }) {
          total += amount;
          return [{ total }];
        },
        snapshot: () => state.sums.update([total]),
      };
    },
  });

const job = (define: (stream: Stream<Payment>, builder: JobBuilder) => Stream<{ total: number }>) =>
  build((builder) => define(builder.from('payments', payments()), builder).to('out', out));

test('the plan says that the function has state of partitions, which states, and how they are redistributed', () => {
  const node = nodeOf(job(totals), 'totals', 'process');
  expect(node).toMatchObject({ scope: 'partition', previous: 'sums' });
  expect(node.states).toEqual([
    { name: 'amounts', kind: 'list', version: 1, redistribution: 'list' },
    { name: 'all', kind: 'list', version: 1, redistribution: 'union' },
    { name: 'initialized', kind: 'value', version: 1 },
  ]);
});

test('what a source gives goes in as it is, under the partition that it comes from', () => {
  const { plan, code } = job((stream) => totals(stream.filter(({ amount }) => amount > 1)));
  const { stages, sources } = compileDataflow(plan, code);
  const [flow] = stages;
  if (flow === undefined) throw new Error('there is a stage');
  expect(nodeOf({ plan, code, warnings: [] }, sources[0]?.node.uid ?? '', 'source').columns).toEqual(STREAM_ROW);
  const fold = openStageFold(flow, undefined, partitionId(0, 0, 7));
  const [path] = sources[0]?.paths ?? [];
  const take = path?.into((row) => fold.add(row));
  take?.(streamRow({ account: 'a', amount: 1, at: 0 }, 5));
  take?.(streamRow({ account: 'b', amount: 2, at: 0 }, 6));
  expect(fold.columns()).toMatchObject([{ keys: ['{"source":"payments","topic":"payments","partition":7}'], accumulators: [[{ account: 'b', amount: 2, at: 0 }], [6], [0]] }]);
});

test('below a union of sources their partitions are apart', () => {
  const built = build((builder) => {
    const both = builder.from('a', payments()).union(builder.from('b', payments()));
    totals(both).to('out', out);
  });
  const [flow] = compileDataflow(built.plan, built.code).functions;
  expect([partitionId(0, 0, 1), partitionId(1, 0, 1)].map((p) => JSON.parse(String(flow?.partitionKeyOf?.(p))))).toEqual([
    { source: 'a', topic: 'payments', partition: 1 },
    { source: 'b', topic: 'payments', partition: 1 },
  ]);
});

test('below a window or another function there are no partitions', () => {
  const keyed = (stream: Stream<Payment>) => stream.keyBy(({ account }) => account);
  const windowed = refusal(() => job((stream) => totals(keyed(stream).window(tumbling('1 min')).aggregate('sum', sum(({ amount }) => amount)).map((amount) => ({ account: '', amount: amount ?? 0, at: 0 })))));
  expect(windowed).toMatchObject({ code: 'JOB_DEFINITION', message: expect.stringMatching(/processPartition totals: its events come from window-aggregate sum/), hint: expect.stringMatching(/keyBy/) });
  const processed = refusal(() => job((stream) => totals(stream.union(keyed(stream).process('same', { onEvent: (payment) => [payment] })))));
  expect(processed.message).toMatch(/come from process same/);
});

test('names of states, uids and what is no function are refused as for functions over keys', () => {
  const instance = { initialize: () => ({ onEvent: (): { total: number }[] => [] }) };
  expect(refusal(() => job((stream) => stream.processPartition('p', { ...instance, state: { timers: operatorListState<number>() } }))).code).toBe('JOB_DEFINITION');
  expect(refusal(() => job((stream) => stream.processPartition('no uid', instance))).message).toMatch(/is no uid/);
  expect(refusal(() => job((stream) => stream.processPartition('p', { ...instance, previous: 'no uid' }))).message).toMatch(/previous of process p/);
});

test('what the compiler refuses of them', () => {
  const define = (stream: Stream<Payment>): void => {
    const batches = stream.processPartition('good', {
      state: { held: operatorListState<Payment>() },
      initialize({ state, partition }) {
        let buffer = state.held.get();
        // @ts-expect-error: the state holds payments
        state.held.add(12);
        // @ts-expect-error: no such state
        state.other.clear();
        // @ts-expect-error: a partition is a number
        partition.partition.trim();
        return {
          *onEvent(payment, { timers, timestamp }) {
            buffer.push(payment);
            // @ts-expect-error: timers belong to keys
            timers.registerEventTimeTimer(1);
            yield { batch: buffer, timestamp, at: timers.currentProcessingTime() };
            buffer = [];
          },
          snapshot: () => state.held.update(buffer),
        };
      },
    });
    batches.map(({ batch, timestamp, at }) => [batch.at(0)?.amount, timestamp?.toFixed(), at.toFixed()]);
    // @ts-expect-error: there is no such field in a batch
    batches.map(({ amount }) => amount);
    // @ts-expect-error: a state of keys
    stream.processPartition('keyed', { state: { held: listState<Payment>() }, initialize: () => ({ onEvent() {} }) });
    // @ts-expect-error: a state of partitions
    stream.keyBy(({ account }) => account).process('partitioned', { state: { held: operatorListState<Payment>() }, onEvent() {} });
    // @ts-expect-error: nothing of a partition expires
    operatorListState<number>({ ttl: { ttl: '1 h' } });
    // @ts-expect-error: it makes an instance
    stream.processPartition('empty', { initialize: () => {} });
  };
  expect(define).toBeTypeOf('function');
});

/** Functions that run in the writer give what they give behind a shuffle, through stops, kills, failures and drains. */
import { describe, expect, test } from 'vitest';
import { defineJob, kafka, reducingState, sideOutput, table, valueState, type JobDefinition, type JobOptions } from '../../lib/api/index.ts';
import { runJob, type JobRun } from '../../lib/testing/index.ts';

interface Payment {
  readonly account: string;
  readonly amount: number;
  readonly at: string;
}

const MODES = ['keyBy', 'reinterpretAsKeyed'] as const;
type Mode = (typeof MODES)[number];

const SECOND = 1000;
const BALANCES = table({ columns: { account: 'STRING', balance: 'INT' }, with: { connector: 'print' } });
const COUNTS = table({ columns: { account: 'STRING', payments: 'INT' }, with: { connector: 'print' } });
const LARGE = sideOutput<Payment>('large');

/** The balance with every payment; how many there have been, ten seconds behind the first. */
function balances(mode: Mode, options: JobOptions = {}): JobDefinition {
  return defineJob('balances', options, (job) => {
    const payments = job.from('payments', kafka<Payment>({ topic: 'payments', servers: 'localhost:9092', eventTime: ({ at }) => Date.parse(at) }));
    const keyed = mode === 'keyBy' ? payments.keyBy(({ account }) => account) : payments.reinterpretAsKeyed(({ account }) => account);
    const found = keyed.process('balance', {
      state: { balance: valueState({ initial: 0 }), payments: reducingState<number>({ reduce: (a, b) => a + b }), due: valueState<number>() },
      onEvent({ account, amount, at }, { state, timers, output }) {
        if (amount === 13) throw new Error('no such amount');
        state.balance.update(state.balance.value() + amount);
        state.payments.add(1);
        const due = state.due.value();
        const next = Date.parse(at) + 10 * SECOND;
        if (due === null) timers.registerEventTimeTimer(next);
        if (due === null) state.due.update(next);
        if (amount > 100) output(LARGE, { account, amount, at });
        return [{ account, balance: state.balance.value(), payments: 0 }];
      },
      onTimer({ domain }, { key, state }) {
        const payments = state.payments.get() ?? 0;
        state.payments.clear();
        state.due.clear();
        return domain === 'event' ? [{ account: key, balance: -1, payments }] : [];
      },
    });
    found.filter(({ balance }) => balance >= 0).to('balances', BALANCES);
    found.filter(({ balance }) => balance < 0).to('counts', COUNTS);
    found.sideOutput(LARGE).map(({ account, amount }) => ({ account, balance: amount })).to('large', BALANCES);
  });
}

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * SECOND).toISOString();
const pay = (account: string, amount: number, second: number, partition = account === 'a' ? 0 : 1) => ({ topic: 'payments', partition, value: { account, amount, at: at(second) } });

const PAYMENTS = [pay('a', 10, 0), pay('b', 5, 1), pay('a', 20, 2), pay('b', 300, 3), pay('a', 1, 14), pay('b', 2, 15), pay('a', 3, 40), pay('b', 4, 41), pay('a', 7, 60), pay('b', 7, 60)];

const byAccount = (run: JobRun, sink: string): Record<string, unknown[]> => Object.groupBy(run.rows(sink), ({ account }) => String(account)) as Record<string, unknown[]>;
const results = (run: JobRun): unknown => ['balances', 'counts', 'large'].map((sink) => byAccount(run, sink));

async function expected(): Promise<unknown> {
  return results(await runJob(balances('keyBy'), { partitions: 2, records: PAYMENTS }));
}

describe('the rows are those of keyBy', () => {
  test('undisturbed', async () => {
    const run = await runJob(balances('reinterpretAsKeyed'), { partitions: 2, records: PAYMENTS });
    expect(results(run)).toEqual(await expected());
    expect(run.rows('counts')).toContainEqual({ account: 'a', payments: 3 });
    expect(run.rows('balances').at(-1)).toEqual({ account: 'b', balance: 318 });
  });

  test.each(PAYMENTS.map((_, i) => i))('stopped and resumed, and killed, behind %i records', async (i) => {
    for (const disturbed of [{ savepointAfter: i }, { killAfter: i }]) {
      expect(results(await runJob(balances('reinterpretAsKeyed'), { partitions: 2, records: PAYMENTS, ...disturbed }))).toEqual(await expected());
    }
  });

  test('killed ahead of every call', { timeout: 60_000 }, async () => {
    const wanted = await expected();
    for (let beforeCall = 1; ; beforeCall++) {
      const run = await runJob(balances('reinterpretAsKeyed'), { partitions: 2 });
      run.kill({ beforeCall });
      for (const payment of PAYMENTS) await run.process([payment]);
      expect(results(run)).toEqual(wanted);
      if (run.kills === 0) break;
    }
  });

  test('from a savepoint that a running job took, and drained', async () => {
    const runs = await Promise.all(
      MODES.map(async (mode) => {
        const run = await runJob(balances(mode), { partitions: 2, records: PAYMENTS.slice(0, 5) });
        const savepoint = await run.savepoint();
        await run.process(PAYMENTS.slice(5, 7));
        await run.resume({ savepoint });
        await run.process(PAYMENTS.slice(7));
        await run.stop({ drain: true });
        return results(run);
      }),
    );
    expect(runs[1]).toEqual(runs[0]);
  });

  test('also where the job goes on with keyBy', async () => {
    const run = await runJob(balances('reinterpretAsKeyed'), { partitions: 2, records: PAYMENTS.slice(0, 5) });
    await run.stop();
    await run.resume({ definition: balances('keyBy') });
    for (const payment of PAYMENTS.slice(5)) await run.process([payment]);
    expect(results(run)).toEqual(await expected());
  });

  test('with a record that fails and is skipped', async () => {
    const records = PAYMENTS.toSpliced(4, 0, pay('a', 13, 5));
    const runOf = (mode: Mode): Promise<JobRun> => runJob(balances(mode, { options: { 'sluice.on-record-error': 'skip' } }), { partitions: 2, records });
    expect(results(await runOf('reinterpretAsKeyed'))).toEqual(results(await runOf('keyBy')));
  });
});

test('a record that fails holds its partition up, and is named', async () => {
  const run = await runJob(balances('reinterpretAsKeyed'), { partitions: 2, records: PAYMENTS.slice(0, 2) });
  await expect(run.process([pay('a', 1, 3), pay('a', 13, 4), pay('a', 2, 5)])).rejects.toMatchObject({ code: 'FUNCTION_THREW', details: { topic: 'payments', partition: 0, offset: 2 } });
  await expect(run.process()).rejects.toMatchObject({ code: 'FUNCTION_THREW', details: { offset: 2 } });
});

test('a key that comes in two partitions is an error that names them', async () => {
  const run = await runJob(balances('reinterpretAsKeyed'), { partitions: 2, records: PAYMENTS.slice(0, 2) });
  await expect(run.process([pay('a', 1, 3, 1)])).rejects.toMatchObject({ code: 'RECORDS_NOT_PARTITIONED', message: expect.stringContaining('payments-0 and payments-1') });
});

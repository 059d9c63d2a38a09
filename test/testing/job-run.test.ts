/** Jobs of programs in memory, by the engine itself. */
import { expect, test } from 'vitest';
import { defineJob, kafka, processFunction, table, tumbling, count, valueState, type JobDefinition } from 'sluice/api';
import { runJob } from 'sluice/testing';

interface Click {
  readonly user: string;
  readonly at: number;
}

const clicks = kafka<Click>({ topic: 'clicks', servers: 'broker:9092', eventTime: ({ at }) => at });
const out = table({ columns: { user: 'STRING', n: 'BIGINT' }, with: { connector: 'print' } });

const countOfUser = processFunction<string, Click>()({
  state: { n: valueState<number>({ initial: 0 }) },
  *onEvent({ user }, { state }) {
    state.n.update(state.n.value() + 1);
    yield { user, n: state.n.value() };
  },
});

const counting: JobDefinition = defineJob('counting', (job) => {
  job
    .from('clicks', clicks)
    .keyBy(({ user }) => user)
    .process('count', countOfUser)
    .to('out', out);
});

/** The state has another form, which a migration makes. */
const next: JobDefinition = defineJob('counting', (job) => {
  job
    .from('clicks', clicks)
    .keyBy(({ user }) => user)
    .process('count', {
      state: { n: valueState<{ clicks: number }>({ initial: { clicks: 0 }, version: 2, migrations: { 1: (clicks) => ({ clicks }) } }) },
      *onEvent({ user }, { state }) {
        const n = state.n.value().clicks + 10;
        state.n.update({ clicks: n });
        yield { user, n };
      },
    })
    .to('out', out);
});

const records = { clicks: ['a', 'b', 'a'].map((user, i) => ({ user, at: 1000 * i })) };
const COUNTED = [{ user: 'a', n: 1n }, { user: 'b', n: 1n }, { user: 'a', n: 2n }];

test('records go through the job, and rows have the columns of their sink', async () => {
  const run = await runJob(counting, { records });
  expect(run.rows('out')).toEqual(COUNTED);
  expect(() => run.rows('nowhere')).toThrow(expect.objectContaining({ code: 'JOB_DEFINITION' }));
});

test('a savepoint or a kill, wherever it comes, changes no row', async () => {
  for (let i = 0; i <= 3; i++) {
    expect((await runJob(counting, { records, savepointAfter: i })).rows('out')).toEqual(COUNTED);
    expect((await runJob(counting, { records, killAfter: i })).rows('out')).toEqual(COUNTED);
  }
});

test('a kill forgets what was in memory, and records that come again count once', async () => {
  const run = await runJob(counting, { records });
  run.kill();
  await run.process();
  expect(run.rows('out')).toEqual(COUNTED);
  await run.process([{ topic: 'clicks', value: { user: 'a', at: 9000 } }]);
  expect(run.rows('out').at(-1)).toEqual({ user: 'a', n: 3n });
});

test('a kill ahead of any call to a store, topic or sink changes no row', async () => {
  let calls = 0;
  for (let kills = 1; kills > 0; calls++) {
    const run = await runJob(counting);
    run.kill({ beforeCall: calls + 1 });
    for (const value of records.clicks) await run.process([{ topic: 'clicks', value }]);
    expect(run.rows('out')).toEqual(COUNTED);
    ({ kills } = run);
  }
  expect(calls).toBeGreaterThan(10);
});

test('a function that keeps something beside its state is found out', async () => {
  const impure = defineJob('impure', (job) => {
    let n = 0;
    job
      .from('clicks', clicks)
      .keyBy(({ user }) => user)
      .process('count', {
        *onEvent({ user }) {
          yield { user, n: ++n };
        },
      })
      .to('out', out);
  });
  expect((await runJob(impure, { records })).rows('out').map(({ n }) => n)).toEqual([1n, 2n, 3n]);
  await expect(runJob(impure, { records, killAfter: 2 })).rejects.toMatchObject({ code: 'REPLAY_DIFFERS' });
});

test('another definition goes on with the state, through its migrations', async () => {
  const run = await runJob(counting, { records });
  await run.stop();
  await run.resume({ definition: next });
  await run.process([{ topic: 'clicks', value: { user: 'a', at: 9000 } }]);
  expect(run.rows('out').at(-1)).toEqual({ user: 'a', n: 12n });
});

test('a definition that reads a topic more goes on, and reads it from its beginning', async () => {
  const wider = defineJob('counting', (job) => {
    const taps = job.from('taps', kafka<Click>({ topic: 'taps', servers: 'broker:9092', eventTime: ({ at }) => at }));
    job
      .from('clicks', clicks)
      .union(taps)
      .keyBy(({ user }) => user)
      .process('count', countOfUser)
      .to('out', out);
  });
  const run = await runJob(counting, { records });
  await run.resume({ definition: wider, allowNonRestored: true });
  await run.process([{ topic: 'taps', value: { user: 'b', at: 1 } }]);
  expect(run.rows('out')).toEqual([...COUNTED, { user: 'b', n: 2n }]);
});

test('a job that was stopped says so', async () => {
  const run = await runJob(counting, { records });
  await run.stop();
  await expect(run.process()).rejects.toMatchObject({ code: 'JOB_STATE' });
  await expect(run.savepoint()).rejects.toMatchObject({ code: 'JOB_STATE' });
});

test('a running job that is resumed from a savepoint goes back to it', async () => {
  const run = await runJob(counting, { records: { clicks: records.clicks.slice(0, 1) } });
  const savepoint = await run.savepoint();
  await run.process([{ topic: 'clicks', value: { user: 'a', at: 1 } }]);
  await run.resume({ savepoint });
  expect(run.rows('out').map(({ n }) => n)).toEqual([1n, 2n, 2n]);
});

test('windows of event time wait for the watermark of all partitions, and the end of input fires them', async () => {
  const perMinute = defineJob('minutes', (job) => {
    job
      .from('clicks', clicks)
      .keyBy(({ user }) => user)
      .window(tumbling('1 min'))
      .aggregate('minute', count(), (user, n) => ({ user, n }))
      .to('out', out);
  });
  const run = await runJob(perMinute, { partitions: 2 });
  await run.process([{ topic: 'clicks', value: { user: 'a', at: 0 } }, { topic: 'clicks', value: { user: 'a', at: 70_000 } }]);
  expect(run.rows('out')).toEqual([]);
  await run.process([{ topic: 'clicks', partition: 1, value: { user: 'a', at: 60_000 } }]);
  expect(run.rows('out')).toEqual([{ user: 'a', n: 1n }]);
  await run.stop({ drain: true });
  expect(run.rows('out').map(({ n }) => n)).toEqual([1n, 2n]);
});

test('time passes only where the test says so', async () => {
  const delayed = defineJob('delayed', (job) => {
    job
      .from('clicks', clicks)
      .keyBy(({ user }) => user)
      .process('delay', {
        onEvent(_click, { timers }) {
          timers.registerProcessingTimeTimer(timers.currentProcessingTime() + 1000);
        },
        *onTimer({ time }, { key }) {
          yield { user: key, n: time };
        },
      })
      .to('out', out);
  });
  const run = await runJob(delayed, { records: { clicks: [{ user: 'a', at: 0 }] }, processingTime: 5000 });
  await run.advanceProcessingTime(999);
  expect(run.rows('out')).toEqual([]);
  await run.advanceProcessingTime(1);
  expect([run.rows('out'), run.processingTime]).toEqual([[{ user: 'a', n: 6000n }], 6000]);
});

test('a record that the job cannot read fails the run', async () => {
  await expect(runJob(counting, { records: { clicks: ['no json'] } })).rejects.toMatchObject({ code: 'RECORD_MALFORMED' });
});

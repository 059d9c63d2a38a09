/** Event time of stages that have nothing but rows of the statement above them: it does not come from the sources of the rest of the job (protocol F5). */
import { expect, test } from 'vitest';
import { defineJob, kafka, table, tumbling, count } from '../../lib/api/index.ts';
import { MAX_WATERMARK, MIN_WATERMARK } from '../../lib/core/watermark.ts';
import { watermarkOf } from '../../lib/engine/firer/progress.ts';
import { Stack } from './stack.ts';

const ROWS = "SELECT CAST(n AS INT) AS n, CAST(ts AS TIMESTAMP(3)) AS ts FROM (VALUES (1, TIMESTAMP '2030-01-01 00:00:00'), (2, TIMESTAMP '2030-01-01 00:00:01'), (3, TIMESTAMP '2031-01-01 00:00:00')) AS v (n, ts)";
const printed = (path: string) => table({ columns: { text: 'STRING' }, with: { connector: 'filesystem', path, format: 'json' } });

/** Rows of the statement, and records of the lab, each through timers and windows of their own. */
const job = defineJob('values', (b) => {
  const records = b.from('lab', kafka<{ event_time: string }>({ topic: 'events', servers: 'x', eventTime: ({ event_time }) => Date.parse(`${event_time.replace(' ', 'T')}Z`) }));
  records.keyBy(() => 'all').window(tumbling('1 min')).aggregate('of-records', count(), (_, n) => ({ text: `records ${n}` })).to('records', printed('/records'));
  const rows = b.query<{ n: number }>(ROWS, { time: 'ts' });
  rows.keyBy(({ n }) => n % 2).window(tumbling('1 min')).aggregate('of-rows', count(), (key, n) => ({ text: `${key}: ${n}` })).to('rows', printed('/rows'));
  rows
    .keyBy(() => 'all')
    .process('alarms', {
      onEvent: (_row, { timers }) => {
        timers.registerEventTimeTimer(Date.UTC(2040, 0, 1));
        return [];
      },
      onTimer: ({ time }) => [{ text: new Date(time).toISOString() }],
    })
    .to('alarms-out', printed('/alarms'));
});

const textsIn = (stack: Stack, sink: string): unknown[] => stack.stores.sinks.rows(`default_catalog.default_database.${sink}`).map(([text]) => text);

async function begun(settings = {}): Promise<Stack> {
  const { plan, code } = job.build();
  return Stack.create({ plan, code, settings });
}

/** All FIREs that there are. */
async function fireAll(stack: Stack): Promise<void> {
  const firer = stack.firer();
  for (let n = 0; n < 20 && (await firer.step()).kind === 'fired'; n++);
}

test('the rows are all there with the first FIRE, and so are the ends of their windows and their timers; no record has come', async () => {
  const stack = await begun();
  await fireAll(stack);
  expect(textsIn(stack, 'rows').toSorted()).toEqual(['0: 1', '1: 1', '1: 1']);
  expect(textsIn(stack, 'alarms-out')).toEqual(['2040-01-01T00:00:00.000Z']);
  expect(textsIn(stack, 'records')).toEqual([]);
});

test('what sources have come to is nothing to them, nor what they have come to anything to others', async () => {
  const stack = await begun();
  const { stages } = stack.job.dataflow;
  const [ofRecords, ofRows, alarms] = ['of-records', 'of-rows', 'alarms'].map((uid) => stages.find((stage) => stage.uid === uid) ?? expect.fail(uid));
  if (ofRecords === undefined || ofRows === undefined || alarms === undefined) return expect.fail('three stages');
  const position = (await stack.firer().load())?.position ?? expect.fail('the job has begun');
  const late = { ...position, watermarks: position.watermarks.map(() => MAX_WATERMARK) };
  expect([ofRecords, ofRows, alarms].map((flow) => watermarkOf(flow, late))).toEqual([MAX_WATERMARK, MIN_WATERMARK, MIN_WATERMARK]);
  await fireAll(stack);
  const after = (await stack.firer().load())?.position ?? expect.fail('the job has begun');
  expect([ofRecords, ofRows, alarms].map((flow) => watermarkOf(flow, after))).toEqual([MIN_WATERMARK, MAX_WATERMARK, MAX_WATERMARK]);
});

test('where a FIRE has room for few rows they come one after the other, also behind a savepoint', async () => {
  const stack = await begun({ fireMaxRows: 1 });
  await stack.firer().step();
  // Whole windows: two keys have the first one.
  expect(textsIn(stack, 'rows').toSorted()).toEqual(['0: 1', '1: 1']);
  expect(textsIn(stack, 'alarms-out')).toEqual([]);
  await stack.resume(await stack.stop());
  await fireAll(stack);
  expect(textsIn(stack, 'rows').toSorted()).toEqual(['0: 1', '1: 1', '1: 1']);
  expect(textsIn(stack, 'alarms-out')).toEqual(['2040-01-01T00:00:00.000Z']);
});

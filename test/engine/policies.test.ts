/** What a job does where records are bad, gone or stalled: the policies of W7, W10 and F6. */
import { describe, expect, test } from 'vitest';
import { offset } from '../../lib/core/numbers.ts';
import { keepAfterMs } from '../../lib/engine/settings.ts';
import { LAB_START_MS, labPlan, labRecord } from './lab-plan.ts';
import { MINUTE, P0, Stack, type StackOptions } from './stack.ts';

const planOf = (planOptions: Record<string, string>): StackOptions => ({ plan: labPlan({ planOptions }) });

/** A log that ends at 1; the next record of its topic is at 4. */
async function withMarkers(options: Record<string, string>): Promise<Stack> {
  const stack = await Stack.start(planOf(options));
  stack.produce([['click', 1]]);
  await stack.deliver(stack.writer());
  stack.stores.source.skip('events', 0, 3);
  stack.produce([['click', 2], ['click', 3]]);
  return stack;
}

describe('W7: offsets without a record', () => {
  test('are passed over by default, once the topic has been asked', async () => {
    const stack = await withMarkers({});
    expect(await stack.deliver(stack.writer())).toMatchObject({ kind: 'committed', next: 6 });
    expect((await stack.partition()).at(-1)).toMatchObject({ first: 1, gap: null, passedOver: { lost: 0 } });
  });

  test('are an error with strict', async () => {
    const stack = await withMarkers({ 'sluice.gap-policy': 'STRICT' });
    await expect(stack.deliver(stack.writer())).rejects.toMatchObject({ code: 'OFFSET_GAP' });
  });

  test.each([['verify', 'GAP'], ['strict', 'GAP'], ['trust', null]])('a batch in front of which records are still to be read, with %s: %s', async (policy, code) => {
    const stack = await withMarkers({ 'sluice.gap-policy': policy });
    const later = await stack.stores.source.fetch('events', 0, offset(5), 1);
    if (later === null) throw new Error('a record is at 5');
    const commit = stack.writer().commit(P0, later);
    if (code === null) expect(await commit).toMatchObject({ kind: 'committed', next: 6 });
    else await expect(commit).rejects.toMatchObject({ code });
  });
});

describe('W7: records that the topic removed before they were read', () => {
  const removed = async (options: Record<string, string>): Promise<Stack> => {
    const stack = await Stack.start(planOf(options));
    stack.produce([['click', 1], ['click', 2], ['click', 3], ['click', 4]]);
    await stack.deliver(stack.writer(), 0, 1);
    stack.stores.source.retain('events', 0, 3);
    return stack;
  };
  const deliverRest = async (stack: Stack): Promise<unknown> => {
    const rest = await stack.stores.source.fetch('events', 0, offset(3), 1000);
    if (rest === null) throw new Error('a record is at 3');
    return stack.writer().commit(P0, rest);
  };

  test('are an error by default', async () => {
    await expect(deliverRest(await removed({}))).rejects.toMatchObject({ code: 'OFFSET_GAP', details: { next: 1, earliest: 3 } });
  });

  test('are in the log as a gap with continue, and in the count of every entry behind it', async () => {
    const stack = await removed({ 'sluice.data-loss-policy': 'continue' });
    expect(await deliverRest(stack)).toMatchObject({ kind: 'committed', next: 4 });
    stack.runtime.advance(keepAfterMs(stack.job.settings) + 1);
    await stack.firer().step();
    expect((await stack.partition()).slice(-2)).toMatchObject([
      { kind: 'DATA', first: 1, next: 4, gap: [1, 3], passedOver: { skipped: 0, lost: 2 } },
      { kind: 'KEEP', next: 4, passedOver: { skipped: 0, lost: 2 } },
    ]);
  });
});

test('W7: records that were removed behind a batch that has them already are not lost', async () => {
  const stack = await Stack.start(planOf({ 'sluice.data-loss-policy': 'continue' }));
  stack.produce([['click', 1], ['click', 2], ['click', 3], ['click', 4]]);
  await stack.deliver(stack.writer(), 0, 1);
  const inHand = await stack.stores.source.fetch('events', 0, offset(2), 1000);
  if (inHand === null) throw new Error('records are at 2 and 3');
  stack.stores.source.retain('events', 0, 3);
  expect(await stack.writer().commit(P0, inHand)).toMatchObject({ kind: 'committed', records: 2 });
  expect((await stack.partition()).at(-1)).toMatchObject({ gap: [1, 2], passedOver: { lost: 1 } });
});

describe('W10: records that fail', () => {
  const BAD = '{"event_type": ';
  const rowTimeNull = JSON.stringify({ event_type: 'click', event_time: null });

  test('are left out with skip, and counted', async () => {
    const stack = await Stack.start(planOf({ 'sluice.on-record-error': 'skip' }));
    stack.stores.source.produce('events', [BAD, labRecord('click', 10), rowTimeNull, labRecord('click', 20), BAD, labRecord('end', 120)]);
    expect(await stack.deliver(stack.writer())).toMatchObject({ kind: 'committed', records: 3 });
    expect((await stack.partition()).at(-1)).toMatchObject({ next: (await stack.stores.source.topic('events'))?.partitions[0]?.end, passedOver: { skipped: 3, lost: 0 } });
    await stack.firer().step();
    expect(stack.rows()).toEqual([[0, 'click', 2]]);
  });

  test('the watermark of what stands before a bad one stays', async () => {
    const stack = await Stack.start(planOf({ 'sluice.on-record-error': 'skip' }));
    stack.stores.source.produce('events', [labRecord('click', 100), BAD, labRecord('click', 10)]);
    await stack.deliver(stack.writer());
    expect((await stack.partition()).at(-1)).toMatchObject({ watermark: LAB_START_MS + 95_000 });
  });

  test('a batch of nothing else is committed as well', async () => {
    const stack = await Stack.start(planOf({ 'sluice.on-record-error': 'skip' }));
    stack.stores.source.produce('events', [BAD, BAD]);
    expect(await stack.deliver(stack.writer())).toMatchObject({ kind: 'committed', records: 0 });
    stack.stores.source.produce('events', [BAD]);
    await stack.deliver(stack.writer());
    expect((await stack.partition()).at(-1)).toMatchObject({ passedOver: { skipped: 3 } });
  });

  test('hold their partition up by default', async () => {
    const stack = await Stack.start();
    stack.stores.source.produce('events', [labRecord('click', 10), BAD]);
    await expect(stack.deliver(stack.writer())).rejects.toMatchObject({ code: 'RECORD_MALFORMED' });
    expect((await stack.partition()).at(-1)).toMatchObject({ records: 1, passedOver: { skipped: 0 } });
  });
});

test.each([[{}, []], [{ 'sluice.idle-with-lag-timeout': '10 min' }, [[0, 'click', 1]]]])('F6: a stalled partition with %o', async (planOptions, rows) => {
  const stack = await Stack.start({ partitions: 2, plan: labPlan({ idleTimeoutMs: MINUTE, planOptions }), settings: { logTtlMs: Infinity } });
  stack.produce([['click', 10], ['click', 120]]);
  stack.produce([['click', 20]], 1);
  await stack.deliver(stack.writer());
  stack.runtime.advance(9 * MINUTE);
  await stack.firer().step();
  expect(stack.rows()).toEqual([]);
  stack.runtime.advance(2 * MINUTE);
  await stack.firer().step();
  expect(stack.rows()).toEqual(rows);
});

test.each([
  ['sluice.gap-policy', 'maybe'],
  ['sluice.data-loss-policy', 'ignore'],
  ['sluice.on-record-error', 'ignore'],
  ['sluice.idle-with-lag-timeout', 'soon'],
])('a value that means nothing is refused: %s = %s', (key, value) => {
  expect(() => new Stack(planOf({ [key]: value }))).toThrow(key);
});

/** Rows that the writer leaves out because the firer would drop them anyway (protocol W8): less to store, never another result. */
import { describe, expect, test } from 'vitest';
import { eventTime, fireNumber, uid, wallTime } from '../../lib/core/numbers.ts';
import { writeHint } from '../../lib/engine/hint.ts';
import { lateOf } from '../../lib/engine/position.ts';
import { labPlan, LAB_START_MS } from './lab-plan.ts';
import { Stack } from './stack.ts';

const OPERATOR = uid('tumble-event_type');

/** One window has fired; a late row and one in time are still to come. */
async function fired(): Promise<Stack> {
  const stack = await Stack.start({ plan: labPlan() });
  stack.produce([['click', 10], ['end', 70]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  expect(stack.rows()).toEqual([[0, 'click', 1]]);
  stack.produce([['late', 20], ['view', 80]]);
  return stack;
}

async function lateRows(stack: Stack): Promise<{ counted: number; payload: string }> {
  const firer = stack.firer();
  stack.produce([['end', 200]]);
  await stack.deliver(stack.writer());
  await firer.step();
  const entry = (await stack.partition()).flatMap((e) => (e.kind === 'DATA' ? [e] : []))[1];
  const payload = entry?.payload.kind === 'inline' ? new TextDecoder().decode(entry.payload.bytes) : '';
  return { counted: firer.replica === null ? -1 : lateOf(firer.replica.position, OPERATOR), payload };
}

describe('a late row', () => {
  test('is counted by the writer and not stored where the hint knows of the FIRE', async () => {
    const stack = await fired();
    await stack.deliver(stack.writer());
    const { counted, payload } = await lateRows(stack);
    expect(counted).toBe(1);
    expect(payload).toContain(`"late":{"${OPERATOR}":1}`);
    expect(payload).toContain('"keys":["view"]');
  });

  test('is dropped by the firer, with the same count and rows, where the hint is old (F12)', async () => {
    const stack = await fired();
    const old = { f: fireNumber(0), watermarks: [eventTime(LAB_START_MS)], operatorWatermarks: {}, procTime: wallTime(0), nextDue: null, full: [], checkpointAt: stack.runtime.wall, safeUntil: 0 };
    await writeHint(stack.stores, stack.job, old);
    await stack.deliver(stack.writer());
    const { counted, payload } = await lateRows(stack);
    expect(counted).toBe(1);
    expect(payload).toContain('"late":{}');
    expect(stack.rows()).toEqual([[0, 'click', 1], [1, 'end', 1], [1, 'view', 1]]);
  });

  test('behind a resume the new generation knows nothing of the hint of the old one', async () => {
    const stack = await Stack.create();
    stack.produce([['click', 10], ['end', 70]]);
    await stack.deliver(stack.writer());
    await stack.firer().step();
    const savepoint = await stack.stop();
    await stack.resume(savepoint);
    stack.produce([['late', 20], ['view', 80]]);
    await stack.deliver(stack.writer());
    const entry = (await stack.partition()).at(-1);
    expect(entry?.kind === 'DATA' && entry.payload.kind === 'inline' && new TextDecoder().decode(entry.payload.bytes)).toContain('"late":{}');
  });
});

/** An upgrade on a store: stop with savepoint, resume with the new plan, and the old plan again where that does not come to run. */
import { describe, expect, test } from 'vitest';
import { storeOperations } from '../../lib/control/operations.ts';
import { SluiceError } from '../../lib/core/errors.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { planHashOf, readControl, type JobControl, type Workshop } from '../../lib/engine/lifecycle/job-control.ts';
import { checkUpgrade } from '../../lib/engine/lifecycle/upgrade.ts';
import type { Sink, Sinks } from '../../lib/ports/sink.ts';
import { planScript } from '../../lib/sql/plan-script.ts';
import { labPlan } from '../engine/lab-plan.ts';
import { Stack } from '../engine/stack.ts';

const RENAMED: Plan = { ...labPlan(), name: 'another name' };
const OPTIONS = { directory: '/savepoints', allowNonRestored: false };

const controlOf = async (stack: Stack): Promise<JobControl> => (await readControl(stack.stores, stack.job.id)).control;

/** Sinks that these generations cannot take over. */
function unfenced({ ports, place }: Workshop, ...generations: readonly number[]): Workshop {
  const open: Sinks['open'] = async (job, node) => {
    const sink = await ports.sinks.open(job, node);
    const fence: Sink['fence'] = async (g) => {
      if (generations.includes(g)) throw new SluiceError('FILE_UNREADABLE', { message: 'the directory of the sink is a file', hint: 'name another one' });
      return sink.fence(g);
    };
    return { fences: sink.fences, emit: (emission) => sink.emit(emission), fence };
  };
  return { ports: { ...ports, sinks: { open } }, place };
}

test('the job runs the new plan as the next generation, from a savepoint', async () => {
  const stack = await Stack.create();
  const upgraded = await storeOperations(stack.workshop).upgrade(stack.job.id, RENAMED, OPTIONS);
  expect(upgraded).toEqual({ kind: 'upgrade', savepoint: expect.stringMatching(/^\/savepoints\/savepoint-/), dropped: [] });
  expect(await controlOf(stack)).toMatchObject({ status: 'RUNNING', gen: 1, name: 'another name', restored: { from: upgraded.savepoint } });
});

test('the plan that runs already changes nothing', async () => {
  const stack = await Stack.create();
  const before = await controlOf(stack);
  expect(await storeOperations(stack.workshop).upgrade(stack.job.id, labPlan(), OPTIONS)).toEqual({ kind: 'same', savepoint: null, dropped: [] });
  expect(await controlOf(stack)).toEqual(before);
});

test('a job that has ended goes on from its last state', async () => {
  const stack = await Stack.create();
  const operations = storeOperations(stack.workshop);
  await operations.cancel(stack.job.id);
  expect(await operations.upgrade(stack.job.id, RENAMED, OPTIONS)).toEqual({ kind: 'restart', savepoint: null, dropped: [] });
  expect(await controlOf(stack)).toMatchObject({ status: 'RUNNING', gen: 1, name: 'another name' });
});

test('a plan that does not come to run leaves the old one running, and says why', async () => {
  const stack = await Stack.create();
  const { ports } = stack.workshop;
  const failed = storeOperations(unfenced(stack.workshop, 1)).upgrade(stack.job.id, RENAMED, OPTIONS);
  await expect(failed).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    message: `job ${stack.job.id} was not upgraded, the old plan goes on: the directory of the sink is a file`,
    hint: 'name another one',
  });
  expect(await controlOf(stack)).toMatchObject({ status: 'RUNNING', gen: 2, planHash: planHashOf(ports, labPlan()) });
});

test('where neither plan runs, the error says how to go on from the savepoint', async () => {
  const stack = await Stack.create();
  const failed = storeOperations(unfenced(stack.workshop, 1, 2)).upgrade(stack.job.id, RENAMED, OPTIONS);
  await expect(failed).rejects.toMatchObject({
    message: `job ${stack.job.id} was not upgraded: the directory of the sink is a file; nor does the old plan run: the directory of the sink is a file`,
    hint: expect.stringMatching(new RegExp(`^sluice resume ${stack.job.id} --from /savepoints/savepoint-\\S+, once the cause is gone$`)),
  });
  expect(await controlOf(stack)).toMatchObject({ status: 'FAILED' });
});

test('the way back from an upgrade that dropped state is told, not gone', async () => {
  const stack = await Stack.create();
  const operations = storeOperations(stack.workshop);
  const uid = labPlan().nodes.find((node) => node.kind === 'window-aggregate')?.uid ?? 'none';
  const dropping: Plan = JSON.parse(JSON.stringify(labPlan()).replaceAll(uid, 'other-windows').replaceAll('"sizeMs":60000', '"sizeMs":120000'));
  const { savepoint } = await operations.upgrade(stack.job.id, dropping, { ...OPTIONS, allowNonRestored: true });
  await expect(operations.upgrade(stack.job.id, labPlan(), OPTIONS)).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE', hint: expect.stringContaining(`--from ${savepoint}`) });
  expect(await controlOf(stack)).toMatchObject({ status: 'RUNNING', gen: 1 });
});

describe('a statement set whose queries have changed places', () => {
  const KAFKA = "'connector' = 'kafka', 'topic' = 'events', 'properties.bootstrap.servers' = 'k:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json'";
  const counting = (table: string, id: number): string =>
    `INSERT INTO ${table} SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) WHERE id = ${id} GROUP BY window_start, window_end;`;
  const setOf = (...inserts: readonly string[]): Plan => {
    const sinks = ['a', 'b', 'c'].map((table) => `CREATE TABLE ${table} (n BIGINT) WITH ('connector' = 'blackhole');`).join(' ');
    const script = `CREATE TABLE events (id INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (${KAFKA}); ${sinks} EXECUTE STATEMENT SET BEGIN ${inserts.join(' ')} END;`;
    return planScript(script, { warehouse: '/w', resolvePath: (path) => path });
  };
  const [A, B, C] = [counting('a', 1), counting('b', 2), counting('c', 3)];

  test('is upgraded once: its queries have the uids of those before, and are known by them', async () => {
    const stack = await Stack.create({ plan: setOf(A, B) });
    const operations = storeOperations(stack.workshop);
    expect(await operations.upgrade(stack.job.id, setOf(B, A), OPTIONS)).toMatchObject({ kind: 'upgrade', dropped: [] });
    const before = await controlOf(stack);
    expect(await operations.upgrade(stack.job.id, setOf(B, A), OPTIONS)).toMatchObject({ kind: 'same' });
    expect(await controlOf(stack)).toEqual(before);
  });

  test('is gone back to when a deployment is taken back', async () => {
    const stack = await Stack.create({ plan: setOf(A, B) });
    const operations = storeOperations(stack.workshop);
    await operations.upgrade(stack.job.id, setOf(B, A), OPTIONS);
    const { savepoint } = await operations.upgrade(stack.job.id, setOf(C), { ...OPTIONS, allowNonRestored: true });
    const check = await checkUpgrade(stack.workshop, stack.job.id, setOf(B, A), { allowNonRestored: false, mayRevert: true });
    expect(check).toEqual({ kind: 'revert', savepoint });
  });
});

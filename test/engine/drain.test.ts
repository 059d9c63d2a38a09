/** Stopping with and without --drain (protocol 11.3): what a drained job has emitted is final, what a stopped one has open stays open. */
import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../lib/core/errors.ts';
import { MAX_WATERMARK } from '../../lib/core/watermark.ts';
import { readSavepoint } from '../../lib/engine/lifecycle/base.ts';
import { readControl, type Workshop } from '../../lib/engine/lifecycle/job-control.ts';
import { requestCancel, requestStop } from '../../lib/engine/lifecycle/stop.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import type { Blob } from '../../lib/ports/blob.ts';
import { once, Stack } from './stack.ts';

const LATE = { 'tumble-event_type': 1 };

/** A job that has emitted one window, dropped one late row and has two windows open; the newest entry is not covered yet. */
async function running(): Promise<Stack> {
  const stack = await Stack.create();
  const writer = stack.writer();
  for (const [type, seconds] of [['click', 10], ['click', 70], ['late', 20], ['view', 130]] as const) {
    stack.produce([[type, seconds]]);
    await stack.deliver(writer);
    if (seconds !== 130) await stack.firer().step();
  }
  expect(stack.rows()).toEqual([[0, 'click', 1]]);
  return stack;
}

describe('stop without drain', () => {
  test('emits what is due and keeps open windows open, with the late rows counted', async () => {
    const stack = await running();
    const content = await readSavepoint(stack.ports, await stack.stop());
    expect(stack.rows()).toEqual([[0, 'click', 1], [1, 'click', 1]]);
    expect(content).toMatchObject({ drained: false, position: { late: LATE } });
    expect(content.operators.flatMap((o) => o.panes.flatMap((p) => p.keys))).toEqual(['view']);
  });

  test('ends every log: FROZEN in the partitions, CLOSE directly behind the checkpoint', async () => {
    const stack = await running();
    await stack.stop();
    expect((await stack.partition()).at(-1)?.kind).toBe('FROZEN');
    expect((await stack.kinds()).slice(-2)).toEqual(['CHECKPOINT', 'CLOSE']);
    stack.produce([['click', 140]]);
    await expect(stack.deliver(stack.writer())).rejects.toMatchObject({ code: 'FROZEN' });
    expect(await stack.firer().step()).toEqual({ kind: 'closed' });
  });

  test('the next generation goes on as if nothing had been', async () => {
    const stack = await running();
    await stack.resume(await stack.stop());
    stack.produce([['late', 80], ['view', 140], ['end', 200]]);
    await stack.deliver(stack.writer());
    const firer = stack.firer();
    await firer.step();
    expect(stack.rows().slice(2)).toEqual([[2, 'view', 2]]);
    expect(firer.replica?.position.late).toEqual({ 'tumble-event_type': 2 });
  });
});

describe('stop with drain', () => {
  test('fires every window, and says so', async () => {
    const stack = await running();
    const content = await readSavepoint(stack.ports, await stack.stop({ drain: true }));
    expect(stack.rows()).toEqual([[0, 'click', 1], [1, 'click', 1], [2, 'view', 1]]);
    expect(content).toMatchObject({ drained: true, position: { late: LATE } });
    expect(content.operators.flatMap((o) => o.panes)).toEqual([]);
  });

  test('fires in bounded steps, the barrier behind the last of them', async () => {
    const stack = await Stack.create({ settings: { fireMaxRows: 1 } });
    stack.produce([['a', 10], ['b', 70], ['c', 130], ['d', 190]]);
    await stack.deliver(stack.writer());
    await stack.stop({ drain: true });
    expect(stack.rows()).toEqual([[0, 'a', 1], [1, 'b', 1], [2, 'c', 1], [3, 'd', 1]]);
    const barriers = (await stack.coordinator()).flatMap((e) => (e.kind === 'FIRE' ? [e.barrier !== null] : []));
    expect(barriers.indexOf(true)).toBe(barriers.length - 1);
  });

  test('has no way back once its first bounded FIRE has moved the watermark', async () => {
    const stack = await Stack.create({ settings: { fireMaxRows: 1 } });
    stack.produce([['a', 10], ['b', 70], ['c', 130], ['d', 190]]);
    await stack.deliver(stack.writer());
    for (let i = 0; i < 4; i++) await stack.firer().step();
    expect(stack.rows()).toHaveLength(3);
    stack.produce([['e', 200], ['f', 260]]);
    await stack.deliver(stack.writer());
    await requestStop(stack.workshop, stack.job.id, { directory: '/savepoints', drain: true });
    stack.before = (call) => {
      if (call === 'sink.emit') throw new SluiceError('SINK_UNAVAILABLE', { message: 'the sink is down' });
    };
    await expect(runOperation(stack.workshop, stack.job.id)).rejects.toMatchObject({ kind: 'retry' });
    const fires = (await stack.coordinator()).flatMap((e) => (e.kind === 'FIRE' ? [e.position] : []));
    expect(fires.at(-1)).toMatchObject({ drained: true });
    expect(fires.at(-1)?.watermarks).not.toContain(MAX_WATERMARK);
    await requestCancel(stack.workshop, stack.job.id);
    expect(await runOperation(stack.workshop, stack.job.id)).toMatchObject({ status: 'CANCELED' });
    await expect(stack.resume(null)).rejects.toMatchObject({ code: 'SAVEPOINT_DRAINED' });
  });

  test('of a job without state is a savepoint all the same', async () => {
    const stack = await Stack.create();
    const content = await readSavepoint(stack.ports, await stack.stop({ drain: true }));
    expect(content.drained).toBe(true);
  });

  test('its savepoint is refused on resume, and so is its last state', async () => {
    const stack = await running();
    const path = await stack.stop({ drain: true });
    await expect(stack.resume(path)).rejects.toMatchObject({ code: 'SAVEPOINT_DRAINED' });
    await expect(stack.resume(null)).rejects.toMatchObject({ code: 'SAVEPOINT_DRAINED' });
    expect((await readControl(stack.stores, stack.job.id)).control).toMatchObject({ status: 'FINISHED', gen: 0, operation: null });
  });
});

/** The job's workshop with a disk that became full. */
function withFullDisk(stack: Stack): Workshop {
  const openDirectory = (url: string): Blob => {
    const directory = stack.stores.openDirectory(url);
    directory.put = refuse;
    return directory;
  };
  return { ...stack.workshop, ports: { ...stack.ports, openDirectory } };
}

describe('a savepoint that cannot be written', () => {
  test('is found out before anything changes', async () => {
    const stack = await running();
    const request = requestStop(withFullDisk(stack), stack.job.id, { directory: '/full', drain: false });
    await expect(request).rejects.toMatchObject({ code: 'SAVEPOINT_UNWRITABLE' });
    expect((await readControl(stack.stores, stack.job.id)).control).toMatchObject({ status: 'RUNNING', operation: null });
  });

  test('behind CLOSE leaves a running job, in the next generation', async () => {
    const stack = await running();
    await requestStop(stack.workshop, stack.job.id, { directory: '/full', drain: false });
    expect(await runOperation(withFullDisk(stack), stack.job.id)).toMatchObject({ status: 'RUNNING', gen: 1, failure: { code: 'SAVEPOINT_UNWRITABLE' } });
    await stack.reopen();
    stack.produce([['view', 140], ['end', 200]]);
    await stack.deliver(stack.writer());
    await stack.firer().step();
    expect(stack.rows()).toEqual([[0, 'click', 1], [1, 'click', 1], [2, 'view', 2]]);
  });

  test('behind a drain ends the job: going on would drop every row as late', async () => {
    const stack = await running();
    await requestStop(stack.workshop, stack.job.id, { directory: '/full', drain: true });
    expect(await runOperation(withFullDisk(stack), stack.job.id)).toMatchObject({ status: 'FAILED', gen: 0, failure: { code: 'SAVEPOINT_UNWRITABLE' } });
  });
});

test('a stop that was killed anywhere is finished by whoever comes next', async () => {
  const probe = await running();
  probe.takeCalls();
  await probe.stop();
  const calls = probe.takeCalls().filter((call) => /append|put/.test(call)).length;
  for (let at = 1; at < calls; at += 2) {
    const stack = await running();
    await requestStop(stack.workshop, stack.job.id, { directory: '/savepoints', drain: false });
    let left = at;
    stack.after = (call) => {
      if (/append|put/.test(call) && --left === 0) throw new Error('killed');
    };
    await runOperation(stack.workshop, stack.job.id).catch(() => {});
    stack.after = once('', () => {});
    stack.runtime.advance(stack.job.settings.helpAfterMs);
    expect((await runOperation(stack.workshop, stack.job.id)).status).toBe('FINISHED');
    expect(stack.rows()).toEqual([[0, 'click', 1], [1, 'click', 1]]);
  }
});

async function refuse(): Promise<never> {
  throw new SluiceError('SAVEPOINT_UNWRITABLE', { message: 'the disk is full' });
}

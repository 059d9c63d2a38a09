/**
 * A sink that is down at a savepoint or a stop (protocol F14): FIRE f itself is the barrier, the savepoint keeps its rows, and whoever goes
 * on from there hands them over once.
 */
import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../lib/core/errors.ts';
import { fireNumber, offset, uid, type JobId } from '../../lib/core/numbers.ts';
import { sinksOf, type Plan, type SinkNode } from '../../lib/core/plan.ts';
import { readSavepoint } from '../../lib/engine/lifecycle/base.ts';
import { readControl } from '../../lib/engine/lifecycle/job-control.ts';
import { advanceSavepoint, requestSavepoint } from '../../lib/engine/lifecycle/savepoint.ts';
import { requestCreate, requestResume } from '../../lib/engine/lifecycle/start.ts';
import { requestCancel, requestStop } from '../../lib/engine/lifecycle/stop.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import { MemorySinks } from '../../lib/adapters/memory/sink.ts';
import type { Emission, EmitResult, Sink, Sinks } from '../../lib/ports/sink.ts';
import { labPlan } from './lab-plan.ts';
import { MINUTE, P0, Stack, type Hook, type StackOptions } from './stack.ts';

const DOWN: Hook = (call) => {
  if (call === 'sink.emit') throw new SluiceError('SINK_UNAVAILABLE', { message: 'the sink is down' });
};
const FIRST = [0, 'click', 1];
const SECOND = [1, 'view', 1];

/** A job with FIRE 1 waiting for its sink since before the time after which it is given up; one window is open. */
async function blocked(options: StackOptions & { deaf?: boolean } = {}): Promise<Stack> {
  const stack = await Stack.create(options);
  stack.produce([['click', 10], ['view', 70]]);
  await stack.deliver(stack.writer());
  // Behind its effect: the rows are there, but nobody hears of it.
  if (options.deaf === true) stack.after = DOWN;
  else stack.before = DOWN;
  expect(await stack.firer().step()).toMatchObject({ kind: 'waiting', sinks: ['out'] });
  stack.runtime.advance(stack.job.settings.sinkGiveUpMs + 1);
  return stack;
}

function up(stack: Stack): void {
  stack.before = () => {};
  stack.after = () => {};
}

/** Closes the open window and emits everything. */
async function goOn(stack: Stack): Promise<void> {
  stack.produce([['end', 200]]);
  await stack.deliver(stack.writer());
  stack.runtime.advance(stack.job.settings.helpAfterMs);
  for (let i = 0; i < 3; i++) await stack.firer().step();
}

/** The topic from its beginning: what the generation has is passed over. */
async function redeliver(stack: Stack, maxBytes = 1e9): Promise<void> {
  const batch = await stack.stores.source.fetch('events', 0, offset(0), maxBytes);
  if (batch !== null) await stack.writer().commit(P0, batch);
}

async function savepoint(stack: Stack): Promise<string> {
  const trigger = await requestSavepoint(stack.workshop, stack.job.id, '/savepoints');
  const { location, failure } = await advanceSavepoint(stack.workshop, stack.job.id, trigger, null);
  if (location === null) throw new Error(`no savepoint: ${failure?.message}`);
  return location;
}

async function fork(stack: Stack, path: string): Promise<void> {
  const id = await requestCreate(stack.workshop, labPlan(), { savepoint: path, allowNonRestored: false });
  expect(await runOperation(stack.workshop, id)).toMatchObject({ status: 'RUNNING' });
  await stack.reopen(id);
}

const positions = (stack: Stack, job = stack.job.id): string[] => stack.stores.sinks.journal(job, uid('out')).map(({ g, f }) => `${g}:${f}`);

describe('a live savepoint', () => {
  test('holds the rows that the sink lacks; the job goes on and emits them once', async () => {
    const stack = await blocked();
    const content = await readSavepoint(stack.ports, await savepoint(stack));
    expect(content.sinks).toMatchObject([{ uid: 'out', position: null, pending: true, pendingOf: { job: stack.job.id, g: 0, f: 1 } }]);
    expect(content.sinks[0]?.pendingRows).toHaveLength(1);
    expect((await stack.coordinator()).at(-1)).toMatchObject({ kind: 'CHECKPOINT', pending: ['out'], position: { f: 1 } });
    up(stack);
    await goOn(stack);
    expect(stack.rows()).toEqual([FIRST, SECOND]);
    expect(await stack.kinds()).toEqual(['INIT', 'FIRE', 'CHECKPOINT', 'ACK', 'CHECKPOINT', 'FIRE', 'ACK']);
  });

  test('waits before the sink is given up, and is an ordinary one if the sink comes back', async () => {
    const stack = await blocked();
    stack.runtime.advance(-2);
    const trigger = await requestSavepoint(stack.workshop, stack.job.id, '/savepoints');
    // Not even the pause before the next attempt is over when the sink would be given up.
    stack.runtime.sleep = async () => {
      stack.runtime.advance(2);
      up(stack);
    };
    const { location } = await advanceSavepoint(stack.workshop, stack.job.id, trigger, null);
    expect((await readSavepoint(stack.ports, location ?? '')).sinks).toMatchObject([{ pending: false, position: { g: 0, f: 1 } }]);
  });

  test('a second one is taken of the same FIRE, and neither counts as a checkpoint to the writers (T5)', async () => {
    const stack = await blocked();
    const hint = async (): Promise<unknown> => JSON.parse((await stack.stores.control.get({ pk: `J#${stack.job.id}#HINT#g0`, sk: '0' }))?.body ?? '{}').checkpointAt;
    const before = await hint();
    for (const path of [await savepoint(stack), await savepoint(stack)]) {
      expect((await readSavepoint(stack.ports, path)).sinks).toMatchObject([{ pending: true }]);
    }
    expect(await hint()).toBe(before);
    up(stack);
    await goOn(stack);
    expect(await hint()).not.toBe(before);
  });

  test('nor does it count to a firer that reads of it', async () => {
    const stack = await blocked();
    const other = stack.firer();
    await other.load();
    const before = other.replica?.checkpoint.at;
    await savepoint(stack);
    await other.load();
    expect(other.replica?.checkpoint).toMatchObject({ pending: true, at: before });
  });

  test('a barrier whose own FIRE is not confirmed ends the same way', async () => {
    const stack = await Stack.create();
    stack.produce([['click', 10], ['view', 70]]);
    await stack.deliver(stack.writer());
    stack.before = DOWN;
    const trigger = await requestSavepoint(stack.workshop, stack.job.id, '/savepoints');
    await expect(advanceSavepoint(stack.workshop, stack.job.id, trigger, null)).rejects.toMatchObject({ code: 'CONTENTION' });
    stack.runtime.advance(stack.job.settings.sinkGiveUpMs);
    await advanceSavepoint(stack.workshop, stack.job.id, trigger, null);
    const fires = (await stack.coordinator()).filter((e) => e.kind === 'FIRE');
    expect(fires).toMatchObject([{ barrier: trigger }]);
    expect((await stack.coordinator()).at(-1)).toMatchObject({ kind: 'CHECKPOINT', pending: ['out'], barrier: trigger });
  });

  test('a cold firer finds the FIRE behind the checkpoint and emits it', async () => {
    const stack = await blocked();
    await savepoint(stack);
    const cold = stack.firer();
    expect(await cold.load()).toMatchObject({ acked: 0, lastFire: { position: { f: 1 } }, checkpoint: { f: 1, pending: true } });
    up(stack);
    await cold.step();
    expect(stack.rows()).toEqual([FIRST]);
    expect(cold.replica?.checkpoint).toMatchObject({ pending: false });
  });
});

describe('a stop', () => {
  test('ends at FIRE f, and the records behind its cut are read again', async () => {
    const stack = await blocked();
    stack.produce([['view', 80]]);
    await stack.deliver(stack.writer());
    const content = await readSavepoint(stack.ports, await stack.stop());
    expect((await stack.kinds()).slice(-2)).toEqual(['CHECKPOINT', 'CLOSE']);
    expect(content.sources[0]?.partitions).toMatchObject([{ next: 2 }]);
    expect(content.sinks).toMatchObject([{ pending: true }]);
  });

  test('resumed: the sink that lacks the rows gets them as FIRE f+1, on the same cut', async () => {
    const stack = await blocked();
    const path = await stack.stop();
    up(stack);
    await stack.resume(path);
    const [init, fire, checkpoint] = await stack.coordinator();
    expect(fire).toMatchObject({ kind: 'FIRE', position: { f: 2 }, result: { rows: { out: 1 }, repeats: { g: 0, f: 1 } } });
    expect(checkpoint).toMatchObject({ kind: 'CHECKPOINT', pending: ['out'], position: { f: 2 } });
    expect(init).toMatchObject({ kind: 'INIT', position: { f: 1 } });
    await goOn(stack);
    expect(stack.rows()).toEqual([FIRST, SECOND]);
    expect(positions(stack)).toEqual(['1:2', '1:3']);
  });

  test('resumed: the sink that has the rows is known by its fence, and gets nothing twice', async () => {
    const stack = await blocked({ deaf: true });
    const path = await stack.stop();
    up(stack);
    await stack.resume(path);
    expect(await stack.kinds()).toEqual(['INIT', 'CHECKPOINT']);
    await goOn(stack);
    expect(stack.rows()).toEqual([FIRST, SECOND]);
    expect(positions(stack)).toEqual(['0:1', '1:2']);
  });

  test('resumed twice: the second time it is an older savepoint, and everything behind it comes again, these rows first', async () => {
    const stack = await blocked();
    const path = await stack.stop();
    up(stack);
    await stack.resume(path);
    await goOn(stack);
    await stack.resume(path);
    await redeliver(stack);
    stack.runtime.advance(stack.job.settings.helpAfterMs);
    for (let i = 0; i < 3; i++) await stack.firer().step();
    expect(stack.rows()).toEqual([FIRST, SECOND, FIRST, SECOND]);
    expect(positions(stack)).toEqual(['1:2', '1:3', '2:2', '2:3']);
  });

  test('resumed behind a generation that ran from an older savepoint: what that one emitted says nothing of these rows', async () => {
    const stack = await Stack.create();
    const older = await savepoint(stack);
    stack.produce([['click', 10], ['view', 70], ['end', 200]]);
    await stack.deliver(stack.writer());
    stack.before = DOWN;
    await stack.firer().step();
    stack.runtime.advance(stack.job.settings.sinkGiveUpMs + 1);
    const path = await stack.stop();
    up(stack);
    await stack.resume(older);
    await redeliver(stack, 100);
    await stack.firer().step();
    expect(stack.rows()).toEqual([FIRST]);
    await stack.resume(path);
    stack.runtime.advance(stack.job.settings.helpAfterMs);
    await stack.firer().step();
    expect(stack.rows()).toEqual([FIRST, FIRST, SECOND]);
  });

  test('resumed while the sink is down still: the rows are kept once more', async () => {
    const stack = await blocked();
    const path = await stack.stop();
    await stack.resume(path);
    stack.runtime.advance(stack.job.settings.sinkGiveUpMs + 1);
    const next = await readSavepoint(stack.ports, await stack.stop());
    expect(next.sinks).toMatchObject([{ pending: true, pendingOf: { g: 0, f: 1 } }]);
    up(stack);
    await stack.resume(null);
    await goOn(stack);
    expect(stack.rows()).toEqual([FIRST, SECOND]);
    expect(positions(stack)).toEqual(['2:3', '2:4']);
  });

  test('with --drain is refused, and the job goes on', async () => {
    const stack = await blocked();
    await requestStop(stack.workshop, stack.job.id, { directory: '/savepoints', drain: true });
    const control = await runOperation(stack.workshop, stack.job.id);
    expect(control).toMatchObject({ status: 'RUNNING', gen: 1, failure: { code: 'SINK_UNAVAILABLE' } });
    await stack.reopen();
    up(stack);
    await goOn(stack);
    expect(stack.rows()).toEqual([FIRST, SECOND]);
  });

  test('whose drained FIRE is not confirmed waits for the sink: there is no way back', async () => {
    const stack = await Stack.create();
    stack.produce([['click', 10]]);
    await stack.deliver(stack.writer());
    await requestStop(stack.workshop, stack.job.id, { directory: '/savepoints', drain: true });
    stack.before = DOWN;
    stack.runtime.advance(stack.job.settings.sinkGiveUpMs);
    await expect(runOperation(stack.workshop, stack.job.id)).rejects.toMatchObject({ kind: 'retry' });
    stack.runtime.advance(stack.job.settings.sinkGiveUpMs);
    await expect(runOperation(stack.workshop, stack.job.id)).rejects.toMatchObject({ kind: 'retry', hint: expect.stringContaining('its last rows') });
    // Nor does a tick that knows nothing of the stop take the FIRE for its barrier.
    expect(await stack.firer().step()).toMatchObject({ kind: 'waiting', sinks: ['out'] });
    expect((await stack.coordinator()).flatMap((e) => (e.kind === 'CHECKPOINT' ? e.pending : []))).toEqual([]);
    up(stack);
    expect(await runOperation(stack.workshop, stack.job.id)).toMatchObject({ status: 'FINISHED' });
    expect(stack.rows()).toEqual([FIRST]);
  });
});

test('a stop that waits for a sink says so', async () => {
  const stack = await blocked();
  stack.runtime.advance(-MINUTE);
  await requestStop(stack.workshop, stack.job.id, { directory: '/savepoints', drain: false });
  await expect(runOperation(stack.workshop, stack.job.id)).rejects.toMatchObject({ code: 'CONTENTION', message: expect.stringContaining('the sink is down') });
});

describe('the last state', () => {
  test.each([false, true])('of a cancelled job with a FIRE that waits (the sink has it: %s)', async (deaf) => {
    const stack = await blocked({ deaf });
    await requestCancel(stack.workshop, stack.job.id);
    expect(await runOperation(stack.workshop, stack.job.id)).toMatchObject({ status: 'CANCELED' });
    up(stack);
    await stack.resume(null);
    await goOn(stack);
    expect(stack.rows()).toEqual([FIRST, SECOND]);
    expect(positions(stack)).toEqual(deaf ? ['0:1', '1:2'] : ['1:2', '1:3']);
  });
});

describe('a fork', () => {
  test('of a job that has ended shuts it out of its sinks first (11.6), and hands over what they lack', async () => {
    const stack = await blocked();
    const parent = stack.job;
    const path = await stack.stop();
    up(stack);
    await fork(stack, path);
    const zombie = await stack.stores.sinks.open(parent.id, parent.dataflow.sinks[0] as SinkNode);
    expect(await zombie.emit({ g: parent.g, f: fireNumber(9), pf: null, rows: [] })).toMatchObject({ kind: 'fenced' });
    await goOn(stack);
    expect(positions(stack, parent.id)).toEqual([]);
    expect(stack.rows()).toEqual([FIRST, SECOND]);
  });

  test('of a job that has ended repeats nothing that its sinks have', async () => {
    const stack = await blocked({ deaf: true });
    const path = await stack.stop();
    up(stack);
    await fork(stack, path);
    await goOn(stack);
    expect(stack.rows()).toEqual([FIRST, SECOND]);
  });

  test('of a running job: both emit the rows, like every later one', async () => {
    const stack = await blocked();
    const parent = stack.job;
    const path = await savepoint(stack);
    up(stack);
    await stack.firer().step();
    await fork(stack, path);
    await goOn(stack);
    expect(positions(stack, parent.id)).toEqual(['0:1']);
    expect(positions(stack)).toEqual(['1:2', '1:3']);
    expect(stack.rows()).toEqual([FIRST, FIRST, SECOND]);
  });
});

/** Like items of a table: each is its newest owner's, who may be forked from the one before, and nobody else may write it. */
class Items implements Sinks {
  readonly items = new Map<string, { job: JobId; g: number; f: number }>();

  async open(job: JobId, _node: SinkNode, lineage: readonly JobId[] = []): Promise<Sink> {
    const emit = async ({ g, f, rows }: Emission): Promise<EmitResult> => {
      for (const row of rows) {
        const key = String(row[2]);
        const met = this.items.get(key);
        if (met !== undefined && met.job !== job && !lineage.includes(met.job)) throw new SluiceError('SINK_UNAVAILABLE', { message: `${key} belongs to job ${met.job}` });
        if (met === undefined || met.job !== job || met.g < g || (met.g === g && met.f <= f)) this.items.set(key, { job, g, f });
      }
      return { kind: 'durable' };
    };
    return { fences: false, upserts: true, emit, fence: async () => null };
  }
}

test.each([false, true])('a fork upserts the rows under its own name, so that a late repetition meets nobody else (the sink has them: %s)', async (deaf) => {
  const sinks = new Items();
  const stack = await blocked({ deaf, sinks });
  const path = await stack.stop();
  up(stack);
  await fork(stack, path);
  await goOn(stack);
  expect(sinks.items.get('click')).toEqual({ job: stack.job.id, g: 1, f: 2 });
});

/** A sink without a fence: like files, one name per position, and a name is written once. */
class Names implements Sinks {
  readonly written = new Map<string, Emission>();

  async open(job: JobId, node: SinkNode): Promise<Sink> {
    const emit = async (emission: Emission): Promise<EmitResult> => {
      const name = `${job}-${node.uid}-g${emission.g}-f${emission.f}`;
      if (!this.written.has(name)) this.written.set(name, emission);
      return { kind: 'durable' };
    };
    return { fences: false, emit, fence: async () => null };
  }

  get rows(): unknown[] {
    return [...this.written.values()].flatMap((e) => e.rows.map((row) => [row[2], Number(row[3])]));
  }
}

describe('a sink without a fence', () => {
  test.each([false, true])('gets the rows under their old name, which it may have (%s)', async (deaf) => {
    const sinks = new Names();
    const stack = await blocked({ deaf, sinks });
    expect(sinks.written.size).toBe(deaf ? 1 : 0);
    const path = await stack.stop();
    up(stack);
    await stack.resume(path);
    await goOn(stack);
    expect([...sinks.written.keys()].map((name) => name.slice(33))).toEqual(['out-g0-f1', 'out-g1-f3']);
    expect(sinks.rows).toEqual([['click', 1], ['view', 1]]);
  });

  test('over two generations that both stopped, and by a fork', async () => {
    const sinks = new Names();
    const stack = await blocked({ deaf: true, sinks });
    await stack.resume(await stack.stop());
    stack.runtime.advance(stack.job.settings.sinkGiveUpMs + 1);
    const path = await stack.stop();
    up(stack);
    await fork(stack, path);
    await goOn(stack);
    expect(sinks.rows).toEqual([['click', 1], ['view', 1]]);
  });
});

test('of two sinks only the one that lacks the rows gets them', async () => {
  const stores = new MemorySinks();
  const down = new Set<string>(['other']);
  const sinks: Sinks = {
    open: async (job, node) => {
      const sink = await stores.open(job, node);
      const emit = (emission: Emission): Promise<EmitResult> => {
        if (down.has(node.uid)) throw new SluiceError('SINK_UNAVAILABLE', { message: 'the other sink is down' });
        return sink.emit(emission);
      };
      return { fences: true, emit, fence: (g) => sink.fence(g) };
    },
  };
  const lab = labPlan();
  const other = lab.nodes.flatMap((node) => (node.kind === 'sink' ? [{ ...node, uid: uid('other') }] : []));
  const stack = await Stack.create({ plan: { ...lab, nodes: [...lab.nodes, ...other] }, sinks });
  stack.produce([['click', 10], ['view', 70]]);
  await stack.deliver(stack.writer());
  expect(await stack.firer().step()).toMatchObject({ kind: 'waiting', sinks: ['other'] });
  stack.runtime.advance(stack.job.settings.sinkGiveUpMs + 1);
  const path = await stack.stop();
  expect((await readSavepoint(stack.ports, path)).sinks).toMatchObject([
    { uid: 'out', pending: false, position: { g: 0, f: 1 } },
    { uid: 'other', pending: true, position: null },
  ]);
  down.clear();
  await stack.resume(path);
  expect((await stack.coordinator())[1]).toMatchObject({ kind: 'FIRE', result: { rows: { other: 1 }, previous: { out: 1 } }, position: { lastEmitted: { out: 1, other: 2 } } });
  await goOn(stack);
  const emitted = (sink: string): string[] => stores.journal(stack.job.id, uid(sink)).map(({ g, f, pf }) => `${g}:${f} behind ${pf}`);
  expect(emitted('out')).toEqual(['0:1 behind null', '1:3 behind 1']);
  expect(emitted('other')).toEqual(['1:2 behind null', '1:3 behind 2']);
});

describe('a plan that cannot take the rows', () => {
  test('is refused before anything changes; a sink that is gone, unless that is allowed', async () => {
    const stack = await blocked();
    const path = await stack.stop();
    const renamed = labPlan();
    const plan = { ...renamed, nodes: renamed.nodes.map((node) => (node.kind === 'sink' ? { ...node, uid: uid('other') } : node)) };
    const options = { savepoint: path, plan, allowNonRestored: false, allowOffsetGap: false };
    await expect(requestResume(stack.workshop, stack.job.id, options)).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE' });
    up(stack);
    await stack.resume(path, { ...options, allowNonRestored: true });
    expect((await readControl(stack.stores, stack.job.id)).control.restored).toMatchObject({ dropped: ['out.pending'] });
    expect(await stack.kinds()).toEqual(['INIT', 'CHECKPOINT']);
  });
});

describe('rows that wait for one table', () => {
  const named = (plan: Plan, table: string): Plan => ({ ...plan, nodes: plan.nodes.map((node) => (node.kind === 'sink' && node.table === 'c.d.out' ? { ...node, table } : node)) });

  test('are not given to another of the same name, which shuts nobody out of the first', async () => {
    const stack = await blocked({ deaf: true });
    const path = await stack.stop();
    up(stack);
    const moved = { savepoint: path, plan: named(labPlan(), 'other.d.out'), allowNonRestored: false, allowOffsetGap: false };
    await expect(requestResume(stack.workshop, stack.job.id, moved)).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE', details: { changed: ['out'] } });
    await stack.resume(path);
    await goOn(stack);
    expect(stack.rows()).toEqual([FIRST, SECOND]);
  });

  test('do not keep one from another table that lacks nothing', async () => {
    const stack = await Stack.create();
    stack.produce([['click', 10], ['view', 70]]);
    await stack.deliver(stack.writer());
    await stack.firer().step();
    await stack.resume(await stack.stop(), { plan: named(labPlan(), 'other.d.out') });
    await goOn(stack);
    expect(positions(stack)).toEqual(['0:1', '1:3']);
  });
});

describe('a plan that would write the rows otherwise', () => {
  const changed = (changes: Partial<SinkNode>): Plan => {
    const lab = labPlan();
    return { ...lab, nodes: lab.nodes.map((node) => (node.kind === 'sink' ? { ...node, ...changes } : node)) };
  };
  const options = (more: Record<string, string>): Partial<SinkNode> => ({ options: { path: '/out', ...more } });

  test.each<[string, Partial<SinkNode>]>([
    ['another path', options({ path: '/other' })],
    ['another format', options({ format: 'csv' })],
    ['options of the format', options({ 'csv.field-delimiter': ';' })],
    ['another file size', options({ 'sink.rolling-policy.file-size': '10kb' })],
    ['another partition of NULL', options({ 'partition.default-name': 'none' })],
    ['partitions', { partitionedBy: ['event_type'] }],
    ['other names', { columns: sinksOf(labPlan()).flatMap(({ columns }) => columns.map((column) => ({ ...column, name: `${column.name}2` }))) }],
  ])('%s: is refused, since the files that are there count as well', async (_what, changes) => {
    const stack = await blocked({ deaf: true });
    const path = await stack.stop();
    const request = { savepoint: path, plan: changed(changes), allowNonRestored: true, allowOffsetGap: false };
    await expect(requestResume(stack.workshop, stack.job.id, request)).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE', message: expect.stringContaining('out'), hint: expect.stringContaining('old statement') });
  });

  test('what does not show in the files may change; so may everything once the rows are written', async () => {
    const stack = await blocked();
    const path = await stack.stop();
    up(stack);
    await stack.resume(path, { plan: changed(options({ 'sink.parallelism': '2' })) });
    await redeliver(stack);
    await goOn(stack);
    expect(stack.rows()).toEqual([FIRST, SECOND]);
    const written = await stack.stop();
    await stack.resume(written, { plan: changed(options({ path: '/other' })) });
  });
});

test.each(['stop and resume', 'last state', 'fork'])('killed at any call of %s, it is finished by whoever comes next', async (what) => {
  const start = async (): Promise<{ stack: Stack; id: JobId }> => {
    const stack = await blocked();
    if (what === 'last state') await requestCancel(stack.workshop, stack.job.id);
    else await requestStop(stack.workshop, stack.job.id, { directory: '/savepoints', drain: false });
    return { stack, id: stack.job.id };
  };
  const next = async ({ stack, id }: { stack: Stack; id: JobId }): Promise<JobId> => {
    const { savepoints } = (await readControl(stack.stores, id)).control;
    const path = savepoints[0]?.path ?? null;
    if (what === 'fork') return requestCreate(stack.workshop, labPlan(), { savepoint: path, allowNonRestored: false });
    await requestResume(stack.workshop, id, { savepoint: path, plan: null, allowNonRestored: false, allowOffsetGap: false });
    return id;
  };
  const probe = await start();
  probe.stack.takeCalls();
  await runOperation(probe.stack.workshop, probe.id);
  const ending = probe.stack.takeCalls().length;
  up(probe.stack);
  const probed = await next(probe);
  probe.stack.takeCalls();
  await runOperation(probe.stack.workshop, probed);
  const starting = probe.stack.takeCalls().length;

  const killAt = (stack: Stack, at: number): void => {
    const { before } = stack;
    let left = at;
    stack.after = () => {
      if (--left === 0) throw new Error('killed');
    };
    stack.before = before;
  };
  // A cancel asks the sink for a minute: most of its calls are alike.
  const stride = Math.max(3, Math.ceil((ending + starting) / 40));
  for (let at = 1; at <= ending + starting; at += stride) {
    const world = await start();
    killAt(world.stack, at <= ending ? at : 0);
    await runOperation(world.stack.workshop, world.id).catch(() => {});
    world.stack.after = () => {};
    await runOperation(world.stack.workshop, world.id);
    up(world.stack);
    const id = await next(world);
    killAt(world.stack, at > ending ? at - ending : 0);
    await runOperation(world.stack.workshop, id).catch(() => {});
    up(world.stack);
    world.stack.runtime.advance(MINUTE);
    expect(await runOperation(world.stack.workshop, id)).toMatchObject({ status: 'RUNNING' });
    await world.stack.reopen(id);
    await goOn(world.stack);
    expect(world.stack.rows(), `killed at call ${at}`).toEqual([FIRST, SECOND]);
  }
});

/** The writer function: what it answers, what it commits, and when it wakes the firer. */
import { describe, expect, test } from 'vitest';
import { generation, partitionId, uid } from '../../lib/core/numbers.ts';
import { aliasOf, localArn } from '../../lib/lambda/alias.ts';
import type { Handler } from '../../lib/lambda/context.ts';
import { writerHandler, type WriterEvent } from '../../lib/lambda/writer-handler.ts';
import { requestCreate } from '../../lib/engine/lifecycle/start.ts';
import { requestStop } from '../../lib/engine/lifecycle/stop.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import { Stack } from '../engine/stack.ts';
import { labPlan } from '../engine/lab-plan.ts';
import { ALIAS, contextFor, Invoked, kafkaEvent, Told } from './kit.ts';

interface World {
  readonly stack: Stack;
  readonly told: Told;
  readonly invoked: Invoked;
  readonly handler: Handler<WriterEvent, void>;
}

async function world(partitions = 2): Promise<World> {
  const stack = await Stack.create({ partitions });
  const [told, invoked] = [new Told(), new Invoked()];
  return { stack, told, invoked, handler: writerHandler(stack.workshop, told.open, invoked.invoke) };
}

const context = ({ stack }: World, remainingMs?: () => number): ReturnType<typeof contextFor> =>
  contextFor('sluice-writer', { job: stack.job.id, g: stack.job.g }, remainingMs);

/** Offsets and kinds of what a partition log holds. */
const entries = async (stack: Stack, partition: number): Promise<unknown[]> =>
  (await stack.partition(partitionId(0, 0, partition))).map((e) => [e.kind, e.next]);

const BATCH = { partition: 0, offset: 0, records: [['click', 1], ['click', 2]] } as const;

test.each([false, true])('commits every partition of an event, self-managed: %s', async (selfManaged) => {
  const w = await world();
  const event = kafkaEvent([BATCH, { partition: 1, offset: 0, records: [['view', 3]] }], { selfManaged });
  await expect(w.handler(event, context(w))).resolves.toBeUndefined();
  expect(await entries(w.stack, 0)).toEqual([['INIT', 0], ['DATA', 2]]);
  expect(await entries(w.stack, 1)).toEqual([['INIT', 0], ['DATA', 1]]);
  expect(w.told.committed).toMatchObject([
    { job: w.stack.job.id, source: 0, topic: 'events', partition: 0, first: 0, next: 2, records: 2, lateRows: 0, duplicate: false },
    { topic: 'events', partition: 1, first: 0, next: 1, records: 1, duplicate: false },
  ]);
  expect(w.told.committed[0]?.commitBytes).toBeGreaterThan(0);
  expect(w.told.committed[0]?.lagMs).toBeGreaterThanOrEqual(0);
  expect(w.told.flushes).toBe(1);
});

test('succeeds for what was committed before, and says so', async () => {
  const w = await world();
  await w.handler(kafkaEvent([BATCH]), context(w));
  await w.handler(kafkaEvent([BATCH]), context(w));
  expect(await entries(w.stack, 0)).toEqual([['INIT', 0], ['DATA', 2]]);
  expect(w.told.committed.map((line) => [line.duplicate, line.records])).toEqual([[false, 2], [true, 0]]);
});

test('fails the event if one partition fails, behind the commits of the others', async () => {
  const w = await world();
  const event = kafkaEvent([{ partition: 0, offset: 0, records: ['no json'] }, { partition: 1, offset: 0, records: [['view', 3]] }]);
  await expect(w.handler(event, context(w))).rejects.toMatchObject({ code: 'RECORD_MALFORMED' });
  expect(await entries(w.stack, 0)).toEqual([['INIT', 0]]);
  expect(await entries(w.stack, 1)).toEqual([['INIT', 0], ['DATA', 1]]);
  expect(w.told.failed).toMatchObject([{ topic: 'events', partition: 0, error: { code: 'RECORD_MALFORMED' } }]);
  expect(w.told.flushes).toBe(1);
});

test('never acknowledges a frozen log (W9)', async () => {
  const w = await world();
  await requestStop(w.stack.workshop, w.stack.job.id, { directory: '/savepoints', drain: false });
  await runOperation(w.stack.workshop, w.stack.job.id);
  await expect(w.handler(kafkaEvent([BATCH]), context(w))).rejects.toMatchObject({ code: 'FROZEN' });
});

test('begins no attempt when less than five seconds are left', async () => {
  const w = await world();
  w.stack.takeCalls();
  await expect(w.handler(kafkaEvent([BATCH]), context(w, () => 4999))).rejects.toMatchObject({ code: 'CONTENTION' });
  expect(w.stack.takeCalls().filter((call) => call.startsWith('log.'))).toEqual([]);
  await expect(w.handler(kafkaEvent([BATCH]), context(w, () => 5000))).resolves.toBeUndefined();
});

test('appends a batch to the log of every source that reads the topic', async () => {
  const plan = labPlan();
  const [source] = plan.nodes;
  const nodes = plan.nodes.flatMap((node) => (node === source && node?.kind === 'source' ? [node, { ...node, uid: uid('second') }] : [node]));
  const stack = await Stack.create({ plan: { ...plan, nodes } });
  const told = new Told();
  await writerHandler(stack.workshop, told.open, new Invoked().invoke)(kafkaEvent([BATCH]), contextFor('sluice-writer', { job: stack.job.id, g: stack.job.g }));
  expect((await stack.partition(partitionId(0, 0, 0))).map((e) => e.next)).toEqual([0, 2]);
  expect((await stack.partition(partitionId(1, 0, 0))).map((e) => e.next)).toEqual([0, 2]);
  expect(told.committed.map((line) => line.source)).toEqual([0, 1]);
});

test('serves two jobs and keeps them apart', async () => {
  const w = await world();
  const other = await requestCreate(w.stack.workshop, labPlan(), { savepoint: null, allowNonRestored: false });
  await runOperation(w.stack.workshop, other);
  await w.handler(kafkaEvent([BATCH]), context(w));
  await w.handler(kafkaEvent([{ partition: 0, offset: 0, records: [['click', 1]] }]), contextFor('sluice-writer', { job: other, g: generation(0) }));
  await w.handler(kafkaEvent([{ partition: 0, offset: 2, records: [['click', 4]] }]), context(w));
  expect(await entries(w.stack, 0)).toEqual([['INIT', 0], ['DATA', 2], ['DATA', 3]]);
  await w.stack.reopen(other);
  expect(await entries(w.stack, 0)).toEqual([['INIT', 0], ['DATA', 1]]);
});

test('reads what a generation runs once per sandbox', async () => {
  const w = await world();
  await w.handler(kafkaEvent([BATCH]), context(w));
  w.stack.takeCalls();
  await w.handler(kafkaEvent([{ partition: 0, offset: 2, records: [['click', 4]] }]), context(w));
  expect(w.stack.takeCalls()).toEqual(['log.append P0.0.0']);
});

describe('an invocation that names no generation', () => {
  test.each([
    ['without an alias', localArn('sluice-writer', null)],
    ['by a version', `${localArn('sluice-writer', null)}:7`],
    ['by an alias of another kind', `${localArn('sluice-writer', null)}:live`],
    ['by a generation that cannot be', `${localArn('sluice-writer', null)}:${'a'.repeat(32)}-g9000`],
  ])('is refused: %s', async (_, invokedFunctionArn) => {
    const w = await world();
    w.stack.takeCalls();
    await expect(w.handler(kafkaEvent([BATCH]), { ...context(w), invokedFunctionArn })).rejects.toMatchObject({ code: 'USAGE' });
    expect(w.stack.takeCalls()).toEqual([]);
  });

  test('and one that does is read', () => {
    expect(aliasOf(`arn:aws-cn:lambda:cn-north-1:123456789012:function:my-writer:${'a'.repeat(32)}-g12`)).toEqual({ job: ALIAS.job, g: 12 });
  });

  test('is refused where the generation never began', async () => {
    const w = await world();
    await expect(w.handler(kafkaEvent([BATCH]), contextFor('sluice-writer', ALIAS))).rejects.toMatchObject({ code: 'JOB_UNKNOWN' });
  });
});

describe('the firer', () => {
  const minute = (n: number): number => n * 60 + 6; // the watermark is 5 s behind

  test('is woken by its alias, once, when the watermark passes the end of a window with rows', async () => {
    const w = await world(1);
    await w.handler(kafkaEvent([BATCH]), context(w)); // the first watermark of all, and no hint: somebody should look
    w.invoked.calls.length = 0;
    await w.handler(kafkaEvent([{ partition: 0, offset: 2, records: [['click', 30]] }]), context(w));
    expect(w.invoked.calls).toEqual([]);
    await w.handler(kafkaEvent([{ partition: 0, offset: 3, records: [['click', minute(1)], ['click', minute(1)]] }]), context(w));
    expect(w.invoked.calls).toEqual([{ name: 'sluice-firer', job: w.stack.job.id, g: 0, payload: { once: true } }]);
    await w.handler(kafkaEvent([{ partition: 0, offset: 5, records: [['click', minute(1) + 1]] }]), context(w));
    expect(w.invoked.calls).toHaveLength(1);
  });

  test('that cannot be woken fails nothing', async () => {
    const w = await world(1);
    w.invoked.fails = true;
    await w.handler(kafkaEvent([{ partition: 0, offset: 0, records: [['click', 1], ['click', minute(1)]] }]), context(w));
    expect(w.told.problems).toHaveLength(1);
    expect(await entries(w.stack, 0)).toEqual([['INIT', 0], ['DATA', 2]]);
  });

  test('is woken although another partition of the event failed', async () => {
    const w = await world();
    const event = kafkaEvent([{ partition: 0, offset: 0, records: [['click', 1], ['click', minute(1)]] }, { partition: 1, offset: 0, records: ['no json'] }]);
    await expect(w.handler(event, context(w))).rejects.toMatchObject({ code: 'RECORD_MALFORMED' });
    expect(w.invoked.calls).toHaveLength(1);
  });
});

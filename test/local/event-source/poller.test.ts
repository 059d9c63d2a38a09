/** What a poller delivers and commits, whatever becomes of its invocations and partitions. */
import { afterEach, expect, test } from 'vitest';
import { nodeRuntime } from '../../../lib/adapters/node/runtime.ts';
import type { BatchLimits } from '../../../lib/local/event-source/batcher.ts';
import { NO_FAULTS, type FaultKind, type Faults } from '../../../lib/local/event-source/faults.ts';
import { PACE, Poller, type Pace, type PollerEvent } from '../../../lib/local/event-source/poller.ts';
import { untilTrue } from './deliveries.ts';
import { FakeGroup } from './fake-group.ts';
import { FakeTarget } from './fake-target.ts';

interface Setting {
  readonly limits?: Partial<BatchLimits>;
  readonly pace?: Partial<Pace>;
  readonly faults?: Faults;
}

const started: { poller: Poller; target: FakeTarget }[] = [];

afterEach(async () => {
  for (const { poller, target } of started.splice(0)) {
    const stopped = poller.stop();
    target.isEager = true;
    while (target.pending.length > 0) target.next.ok();
    await stopped;
  }
});

function start({ limits, pace, faults = NO_FAULTS }: Setting = {}) {
  const group = new FakeGroup();
  const target = new FakeTarget();
  const events: PollerEvent[] = [];
  const poller = new Poller({
    subscription: { brokers: ['b:1'], topic: 't', group: 'g', position: 'TRIM_HORIZON', timestamp: null },
    origin: { topic: 't', eventSourceArn: null, bootstrapServers: 'b:1' },
    limits: { batchSize: 10, windowMs: 0, payloadBytesMax: 10_000, ...limits },
    pace: { ...PACE, retryMs: 1, retryMaxMs: 5, ...pace },
    functionArn: 'arn:f',
    target,
    open: group.open,
    runtime: nodeRuntime,
    faults,
    onEvent: (event) => events.push(event),
  });
  poller.start();
  started.push({ poller, target });
  return { poller, group, target, events, member: group.only };
}

/** These strike once each, nothing else does. */
function once(...kinds: FaultKind[]): Faults {
  const left = [...kinds];
  return {
    strikes: (kind) => {
      const at = left.indexOf(kind);
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    },
    below: () => 2,
  };
}

const becomes = (what: () => unknown, expected: unknown): Promise<void> =>
  untilTrue(() => JSON.stringify(what()) === JSON.stringify(expected), `${JSON.stringify(expected)}, got ${JSON.stringify(what())}`, 3000);

test('commits after success only, and takes the next records of a partition after the answer', async () => {
  const { member, target, group } = start();
  member.assign(0);
  member.deliver(0, 0, 15);
  await becomes(() => target.invoked, ['0:0-9']);
  expect(group.commits).toEqual([]);
  target.next.ok();
  await becomes(() => target.invoked, ['0:0-9', '0:10-14']);
  expect(group.commits).toEqual(['0@10']);
  target.next.ok();
  await becomes(() => group.commits, ['0@10', '0@15']);
});

test('invokes for different partitions at once, up to the bound', async () => {
  const { member, target } = start({ pace: { invocationsMax: 2 } });
  member.assign(0, 1, 2);
  for (const partition of [0, 1, 2]) member.deliver(partition, 0, 10);
  await becomes(() => target.invoked, ['0:0-9', '1:0-9']);
  target.next.ok();
  await becomes(() => target.invoked, ['0:0-9', '1:0-9', '2:0-9']);
});

test('repeats the whole event until it succeeds; an error, a timeout and a target that is gone are all the same', async () => {
  const { member, target, group, events } = start();
  member.assign(0, 1);
  member.deliver(0, 0, 3);
  member.deliver(1, 0, 2);
  await becomes(() => target.pending.length, 1);
  target.next.fail('TypeError');
  await becomes(() => target.invoked.length, 2);
  target.next.fail('Sandbox.Timedout');
  await becomes(() => target.invoked.length, 3);
  target.next.break();
  await becomes(() => target.invoked.length, 4);
  expect(group.commits).toEqual([]);
  target.next.ok();
  await becomes(() => group.commits, ['0@3', '1@2']);
  expect(new Set(target.invoked)).toEqual(new Set(['0:0-2 1:0-1']));
  expect(events.flatMap((e) => (e.kind === 'failed' ? [[e.errorType, e.attempt]] : []))).toEqual([['TypeError', 1], ['Sandbox.Timedout', 2], ['Error', 3]]);
});

test('with splitsFailed a failed event comes again partition by partition, and only the bad one waits', async () => {
  const { member, target, group } = start({ pace: { splitsFailed: true } });
  member.assign(0, 1);
  member.deliver(0, 0, 3);
  member.deliver(1, 0, 2);
  await becomes(() => target.pending.length, 1);
  target.next.fail('RECORD_MALFORMED');
  await becomes(() => target.pending.length, 2);
  expect(target.invoked.slice(1)).toEqual(['0:0-2', '1:0-1']);
  target.next.fail('RECORD_MALFORMED');
  target.next.ok();
  await becomes(() => group.commits, ['1@2']);
});

test('events that wait behind a failure hold no slot: other partitions go on', async () => {
  const { member, target, group } = start({ limits: { batchSize: 1 }, pace: { invocationsMax: 2, retryMs: 60_000, retryMaxMs: 60_000 } });
  member.assign(0, 1, 2);
  for (const partition of [0, 1, 2]) member.deliver(partition, 0, 1);
  await becomes(() => target.pending.length, 2);
  target.next.fail('RECORD_MALFORMED');
  target.next.fail('RECORD_MALFORMED');
  await becomes(() => target.pending.length, 1);
  target.next.ok();
  await becomes(() => group.commits, ['2@1']);
});

test('after an assignment the records come anew: nothing of the old one is committed, and nothing overlaps', async () => {
  const { member, target, group } = start();
  member.assign(0);
  member.deliver(0, 0, 15);
  await becomes(() => target.pending.length, 1);
  member.assign(0);
  member.deliver(0, 0, 7);
  await nodeRuntime.sleep(50);
  expect(target.invoked).toEqual(['0:0-9']);
  target.next.ok();
  await becomes(() => target.invoked, ['0:0-9', '0:0-6']);
  expect(group.commits).toEqual([]);
  target.next.ok();
  await becomes(() => group.commits, ['0@7']);
});

test('an event that fails is given up when its partitions are assigned anew', async () => {
  const { member, target } = start({ pace: { retryMs: 30, retryMaxMs: 30 } });
  member.assign(0);
  member.deliver(0, 0, 3);
  await becomes(() => target.pending.length, 1);
  target.next.fail();
  member.assign(1);
  await nodeRuntime.sleep(100);
  expect(target.invoked).toEqual(['0:0-2']);
});

test('a commit that is refused is repeated, and none is lost behind it', async () => {
  const { member, target, group, events } = start();
  target.isEager = true;
  group.refusals.push(new Error('REQUEST_TIMED_OUT'));
  member.assign(0, 1);
  member.deliver(0, 0, 10);
  await becomes(() => events.filter((e) => e.kind === 'commitFailed').length, 1);
  expect(group.commits).toEqual([]);
  member.deliver(1, 0, 10);
  await becomes(() => group.commits.toSorted(), ['0@10', '1@10']);
});

test('a partition that is enough is resumed when there is room again', async () => {
  const { member, target } = start();
  member.assign(0);
  expect(member.deliver(0, 0, 10)).toBe(true);
  expect(member.deliver(0, 10, 30)).toBe(false);
  expect(member.resumed).toEqual([]);
  await becomes(() => target.pending.length, 1);
  target.next.ok();
  await becomes(() => member.resumed, [0]);
});

test('stops without cutting another event, and commits what ends', async () => {
  const { poller, member, target, group } = start();
  member.assign(0);
  member.deliver(0, 0, 15);
  await becomes(() => target.pending.length, 1);
  const stopped = poller.stop();
  await nodeRuntime.sleep(30);
  expect(member.isRunning).toBe(true);
  target.next.ok();
  await stopped;
  expect(target.invoked).toEqual(['0:0-9']);
  expect(group.commits).toEqual(['0@10']);
  expect(member.isRunning).toBe(false);
});

test('stops without repeating an event that fails', async () => {
  const { poller, member, target, group } = start();
  member.assign(0);
  member.deliver(0, 0, 3);
  await becomes(() => target.pending.length, 1);
  const stopped = poller.stop();
  target.next.fail();
  await stopped;
  expect(target.invoked).toEqual(['0:0-2']);
  expect(group.commits).toEqual([]);
});

test('a record larger than an event is passed over, and told', async () => {
  const { member, target, group, events } = start();
  target.isEager = true;
  member.assign(0);
  member.deliver(0, 0, 1, 20_000);
  await becomes(() => group.commits, ['0@1']);
  expect(target.invoked).toEqual([]);
  expect(events).toContainEqual(expect.objectContaining({ kind: 'passedOver', partition: 0, offset: 0 }));
});

test('faults: an event comes twice after its success, or twice at once', async () => {
  const { member, target, group } = start({ faults: once('duplicate', 'overlap') });
  member.assign(0);
  member.deliver(0, 0, 3);
  await becomes(() => target.pending.map((p) => p.what), ['0:0-2', '0:0-2']);
  target.next.ok();
  target.next.ok();
  await becomes(() => target.invoked.length, 3);
  expect(group.commits).toEqual([]);
  target.next.ok();
  await becomes(() => group.commits, ['0@3']);
});

test('faults: a commit is lost, the next one covers it; a late one sets the group back', async () => {
  const { member, target, group } = start({ faults: once('lostCommit') });
  target.isEager = true;
  member.assign(0);
  member.deliver(0, 0, 10);
  await becomes(() => target.invoked.length, 1);
  member.deliver(0, 10, 20);
  await becomes(() => group.commits, ['0@20']);

  const late = start({ faults: { ...once('lateCommit'), below: () => 60 } });
  late.target.isEager = true;
  late.member.assign(0);
  late.member.deliver(0, 0, 20);
  await becomes(() => late.group.commits, ['0@20', '0@10']);
});

test('faults: the answer is lost and the records are cut differently', async () => {
  const { member, target, group } = start({ faults: once('recut') });
  target.isEager = true;
  member.assign(0);
  member.deliver(0, 0, 10);
  await becomes(() => target.invoked, ['0:0-9', '0:0-2', '0:3-9']);
  await becomes(() => group.commits, ['0@3', '0@10']);
});

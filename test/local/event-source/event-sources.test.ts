/** Mappings, their states, and when they are polled. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { nodeRuntime } from '../../../lib/adapters/node/runtime.ts';
import { openEventSources, type EventSources, type EventSourcesParts } from '../../../lib/local/event-source/event-sources.ts';
import { exceptionOf } from '../../../lib/local/event-source/exceptions.ts';
import { everyDelay } from '../../../lib/local/event-source/lifecycle.ts';
import { mappingFile } from '../../../lib/local/event-source/mapping-file.ts';
import { parseUpdate } from '../../../lib/local/event-source/validation.ts';
import { untilTrue } from './deliveries.ts';
import { FakeGroup } from './fake-group.ts';
import { FakeTarget } from './fake-target.ts';
import { request } from './mapping.ts';

const opened: EventSources[] = [];
const dir = mkdtempSync(join(tmpdir(), 'mappings-'));

afterEach(async () => {
  for (const sources of opened.splice(0)) await sources.close();
  rmSync(dir, { recursive: true, force: true });
});

function open(more: Partial<EventSourcesParts> = {}) {
  const group = new FakeGroup();
  const target = new FakeTarget();
  target.isEager = true;
  const sources = openEventSources({ target, open: group.open, runtime: nodeRuntime, delays: everyDelay(30), ...more });
  opened.push(sources);
  const becomes = (uuid: string, state: string): Promise<void> => untilTrue(async () => (await sources.get(uuid)).State === state, `the mapping is ${state}`, 3000);
  return { sources, group, target, becomes };
}

/** The name of the exception that it is refused with. */
async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return exceptionOf(error)?.name ?? String(error);
  }
  return 'none';
}

describe('states', () => {
  test('a mapping is polled from Enabled until Disabled or gone, and tells its states on the way', async () => {
    const { sources, group, becomes } = open();
    const created = await sources.create(request());
    expect(created).toMatchObject({
      State: 'Creating',
      BatchSize: 100,
      FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:sluice-writer:job-g0',
      EventSourceMappingArn: `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${created.UUID}`,
      LastProcessingResult: 'No records processed',
      Topics: ['events'],
    });
    expect(created.UUID).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(group.members).toHaveLength(0);
    await becomes(created.UUID, 'Enabled');
    expect(group.only.subscription).toMatchObject({ topic: 'events', group: 'sluice-job-g0-0.events', brokers: ['127.0.0.1:9092'] });

    expect((await sources.update(created.UUID, { Enabled: false })).State).toBe('Disabling');
    expect(group.only.isRunning).toBe(true);
    await becomes(created.UUID, 'Disabled');
    await untilTrue(() => group.members.every((m) => !m.isRunning), 'polling ends', 3000);

    expect((await sources.update(created.UUID, { Enabled: true })).State).toBe('Enabling');
    await becomes(created.UUID, 'Enabled');
    expect(group.only.isRunning).toBe(true);

    expect((await sources.delete(created.UUID)).State).toBe('Deleting');
    await untilTrue(async () => (await sources.list()).length === 0, 'the mapping is gone', 3000);
    await untilTrue(() => group.members.every((m) => !m.isRunning), 'polling ends', 3000);
    expect(await refusalOf(sources.get(created.UUID))).toBe('ResourceNotFoundException');
  });

  test('a mapping that is created disabled is not polled', async () => {
    const { sources, group, becomes } = open();
    const { UUID } = await sources.create(request({ Enabled: false }));
    await becomes(UUID, 'Disabled');
    expect(group.members).toHaveLength(0);
  });

  test('a change is refused while another is under way', async () => {
    const { sources, becomes } = open();
    const { UUID } = await sources.create(request());
    expect(await refusalOf(sources.update(UUID, { Enabled: false }))).toBe('ResourceInUseException');
    expect(await refusalOf(sources.delete(UUID))).toBe('ResourceInUseException');
    await becomes(UUID, 'Enabled');
    await sources.delete(UUID);
    expect(await refusalOf(sources.update(UUID, { Enabled: false }))).toBe('ResourceInUseException');
    expect(await refusalOf(sources.delete('unknown'))).toBe('ResourceNotFoundException');
  });

  test('settings take effect with Updating, for pollers that begin anew', async () => {
    const { sources, group, target, becomes } = open();
    const { UUID } = await sources.create(request({ MaximumBatchingWindowInSeconds: 0 }));
    await becomes(UUID, 'Enabled');
    const old = group.only;
    expect(await sources.update(UUID, { BatchSize: 2, FunctionName: 'other' })).toMatchObject({ State: 'Updating', BatchSize: 2 });
    await becomes(UUID, 'Enabled');
    await untilTrue(() => !old.isRunning, 'the old poller ends', 3000);
    group.only.assign(0);
    group.only.deliver(0, 0, 4);
    await untilTrue(() => target.invoked.length === 2, 'the records are delivered', 3000);
    expect(target.invoked).toEqual(['0:0-1', '0:2-3']);
    expect((await sources.get(UUID)).FunctionArn).toBe('arn:aws:lambda:us-east-1:000000000000:function:other');
  });

  test('LastProcessingResult tells what became of the last event', async () => {
    const { sources, group, becomes } = open();
    const { UUID } = await sources.create(request({ MaximumBatchingWindowInSeconds: 0 }));
    await becomes(UUID, 'Enabled');
    group.only.trouble('connect ECONNREFUSED');
    expect((await sources.get(UUID)).LastProcessingResult).toBe('PROBLEM: Connection error: connect ECONNREFUSED');
    group.only.assign(0);
    group.only.deliver(0, 0, 1);
    await untilTrue(async () => (await sources.get(UUID)).LastProcessingResult === 'OK', 'the event is processed', 3000);
  });

  test('several pollers are members of one group', async () => {
    const { sources, group, becomes } = open({ pollers: 3 });
    const { UUID } = await sources.create(request());
    await becomes(UUID, 'Enabled');
    expect(group.members.map((m) => m.subscription.group)).toEqual(['sluice-job-g0-0.events', 'sluice-job-g0-0.events', 'sluice-job-g0-0.events']);
  });

  test('the group of a mapping without one is its UUID, and brokers of the event source stand for those of an ARN', async () => {
    const { sources, group, becomes } = open({ brokers: ['b-1:9092', 'b-2:9092'] });
    const { UUID } = await sources.create({ FunctionName: 'f', EventSourceArn: 'arn:aws:kafka:us-east-1:000000000000:cluster/c/1', Topics: ['events'], StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: 12 });
    await becomes(UUID, 'Enabled');
    expect(group.only.subscription).toEqual({ brokers: ['b-1:9092', 'b-2:9092'], topic: 'events', group: UUID, position: 'AT_TIMESTAMP', timestamp: 12_000 });
  });
});

describe('refusals', () => {
  test('one mapping per function and topic, and one per consumer group', async () => {
    const { sources } = open();
    await sources.create(request());
    const other = { SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'other' } };
    expect(await refusalOf(sources.create(request(other)))).toBe('ResourceConflictException');
    expect(await refusalOf(sources.create(request({ FunctionName: 'sluice-writer:job-g1' })))).toBe('ResourceConflictException');
    expect(await refusalOf(sources.create(request({ ...other, FunctionName: 'sluice-writer:job-g1' })))).toBe('none');
  });

  test.each([
    ['no topic', { Topics: [] }],
    ['two topics', { Topics: ['aa', 'bb'] }],
    ['too large a batch', { BatchSize: 10_001 }],
    ['an empty batch', { BatchSize: 0 }],
    ['too long a window', { MaximumBatchingWindowInSeconds: 301 }],
    ['half a second', { MaximumBatchingWindowInSeconds: 0.5 }],
    ['a timestamp without AT_TIMESTAMP', { StartingPositionTimestamp: 1 }],
    ['AT_TIMESTAMP without a timestamp', { StartingPosition: 'AT_TIMESTAMP' }],
    ['two kinds of brokers', { EventSourceArn: 'arn:aws:kafka:us-east-1:000000000000:cluster/c/1' }],
    ['brokers without a port', { SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ['kafka'] } } }],
    ['a group with a blank', { SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'a b' } }],
    ['a function with a blank', { FunctionName: 'a b' }],
  ] as const)('create: %s', async (_, wrong) => {
    const { sources } = open();
    expect(await refusalOf(sources.create(request(wrong)))).toBe('InvalidParameterValueException');
    expect(await sources.list()).toEqual([]);
  });

  test.each([
    ['Topics', { Topics: ['other'] }],
    ['StartingPosition', { StartingPosition: 'LATEST' }],
    ['the group', { SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'other' } }],
    ['filters', { FilterCriteria: { Filters: [{ Pattern: '{}' }] } }],
    ['a destination', { DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:q' } } }],
    ['partial answers', { FunctionResponseTypes: ['ReportBatchItemFailures'] }],
    ['bounded retries', { MaximumRetryAttempts: 3 }],
    ['bisection', { BisectBatchOnFunctionError: true }],
  ])('update: %s', async (_, wrong) => {
    expect(await refusalOf((async () => parseUpdate(wrong))())).toBe('InvalidParameterValueException');
  });

  test('fields that hold the default of Lambda, or say nothing of the delivery, are passed over', () => {
    const change = { FilterCriteria: { Filters: [] }, DestinationConfig: { OnFailure: {} }, FunctionResponseTypes: [], MaximumRetryAttempts: -1, ProvisionedPollerConfig: { MinimumPollers: 1 } };
    expect(parseUpdate({ ...change, BatchSize: 7 })).toEqual({ BatchSize: 7 });
  });
});

describe('a file', () => {
  test('keeps mappings: what was enabled is polled again, what was under way goes on', async () => {
    const file = mappingFile(join(dir, 'deep', 'mappings.json'));
    const first = open({ file });
    const [one, two] = [await first.sources.create(request()), await first.sources.create(request({ FunctionName: 'f', SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'g' } }))];
    await first.becomes(one.UUID, 'Enabled');
    await first.becomes(two.UUID, 'Enabled');
    await first.sources.update(two.UUID, { Enabled: false });
    await first.sources.close();

    const second = open({ file });
    expect((await second.sources.list()).map((m) => [m.UUID, m.State])).toEqual([[one.UUID, 'Enabled'], [two.UUID, 'Disabling']]);
    expect(second.group.only.subscription.group).toBe('sluice-job-g0-0.events');
    await second.becomes(two.UUID, 'Disabled');
    expect(JSON.parse(readFileSync(join(dir, 'deep', 'mappings.json'), 'utf8'))).toMatchObject({ version: 1 });
  });

  test('that holds something else is refused, and stays', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'mappings-')), 'mappings.json');
    writeFileSync(path, '{"version":2}');
    expect(() => open({ file: mappingFile(path) })).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
    expect(readFileSync(path, 'utf8')).toBe('{"version":2}');
    rmSync(join(path, '..'), { recursive: true });
  });
});

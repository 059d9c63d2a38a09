/** Consumers on Lambda: the laws, what is asked for and how often, and what becomes of every kind of failure. The clients are those of AWS. */
import { describe, expect, test } from 'vitest';
import { aliasName } from '../../lib/adapters/lambda/alias-name.ts';
import { mappingRequest, type EventSourceSettings, type MappingRequest } from '../../lib/adapters/lambda/mapping-request.ts';
import { generation } from '../../lib/core/numbers.ts';
import { consumersContract, consumption, detached, JOB } from '../contracts/consumers.ts';
import type { PlaneFault } from '../servers/control-plane.ts';
import { FIRER, lambdaWorld, openedWorld, RULE, SELF_MANAGED, WRITER } from './lambda-world.ts';

const G0 = generation(0);
const NAME = aliasName({ job: JOB, g: G0 });
const RUNNING = { topics: ['clicks', 'orders'], isPaused: false };

/** A change that is still under way when the next request comes, however busy this machine is. */
const SLOW_MS = 400;

consumersContract('Lambda (in process)', () => lambdaWorld());

describe('attach', () => {
  test('turns the tick on, makes the aliases of the newest version, the firer first (V5), then a mapping per topic', async () => {
    const { plane, first } = await openedWorld();
    await first.attach(consumption());
    const aliasOf = (name: string): object => ({ action: 'CreateAlias', resource: name, body: { Name: NAME, FunctionVersion: '3' } });
    const writes = plane.calls.filter(({ action }) => plane.writes.includes(action));
    expect(writes).toMatchObject([
      { action: 'EnableRule', resource: RULE },
      aliasOf(FIRER),
      { action: 'PutFunctionEventInvokeConfig', resource: `${FIRER}:${NAME}`, body: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } },
      aliasOf(WRITER),
      { action: 'CreateEventSourceMapping', body: { Topics: ['orders'], FunctionName: expect.stringMatching(`:function:${WRITER}:${NAME}$`) } },
      { action: 'CreateEventSourceMapping', body: { Topics: ['clicks'] } },
    ]);
    expect(plane.rules.get(RULE)).toBe('ENABLED');
  });

  test('of an attached generation writes nothing, and asks five times', async () => {
    const world = await openedWorld();
    const open = () => world.open({ writer: { name: WRITER, version: '3' }, firer: { name: FIRER, version: '3' } });
    await open().attach(consumption());
    await world.settle();
    world.plane.calls.length = 0;
    await open().attach(consumption());
    expect(world.plane.calls.map(({ action }) => action)).toEqual(['DescribeRule', 'GetAlias', 'GetFunctionEventInvokeConfig', 'GetAlias', 'ListEventSourceMappings']);
  });

  test('of an attached generation after a deployment moves its aliases, the firer first, and leaves its mappings alone', async () => {
    const world = await openedWorld();
    await world.first.attach(consumption());
    await world.settle();
    for (const { versions } of world.plane.functions.values()) versions.add(4);
    world.plane.calls.length = 0;
    await world.second.attach(consumption());
    const moved = { Name: NAME, FunctionVersion: '4' };
    expect(world.plane.calls.filter(({ action }) => action === 'UpdateAlias')).toMatchObject([FIRER, WRITER].map((name) => ({ resource: `${name}:${NAME}`, body: { FunctionVersion: moved.FunctionVersion } })));
    expect(world.plane.writes).toEqual(['UpdateAlias', 'UpdateAlias']);
  });

  test('goes on where another one was killed', async () => {
    const world = await openedWorld();
    world.plane.next('CreateEventSourceMapping', { status: 500, name: 'ServiceException', hasEffect: true }, { status: 403, name: 'AccessDeniedException' });
    await expect(world.first.attach(consumption())).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'maybe' });
    await world.second.attach(consumption());
    await world.settle();
    expect(await world.see(JOB, G0)).toEqual(RUNNING);
  });

  test('while its mappings are being deleted is to be repeated', async () => {
    const world = await openedWorld(SLOW_MS);
    await world.first.attach(consumption());
    await world.settle();
    await expect(world.first.detach(JOB, G0)).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'no' });
    await expect(world.first.attach(consumption())).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'no', message: expect.stringContaining('in the middle of a change') });
    await world.settle();
    await world.first.attach(consumption());
    await world.settle();
    expect(await world.see(JOB, G0)).toEqual(RUNNING);
  });

  test('finds event source mappings at an endpoint of their own', async () => {
    const world = await openedWorld();
    await world.open({ eventSourcesEndpoint: world.mappingsUrl }).attach(consumption());
    await world.settle();
    expect(await world.see(JOB, G0)).toEqual(RUNNING);
    expect(world.plane.calls.filter(({ action }) => action.includes('EventSourceMapping'))).toEqual([]);
  });

  test('refuses settings that do not fit together before it makes anything', async () => {
    const world = await openedWorld();
    const consumers = world.open({ settings: { ...SELF_MANAGED, authentication: 'scram-sha-512' } });
    await expect(consumers.attach(consumption())).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    expect(world.plane.calls).toEqual([]);
  });

  test('says that nothing was published', async () => {
    const world = await openedWorld();
    world.plane.addFunction(FIRER);
    await expect(world.first.attach(consumption())).rejects.toMatchObject({ code: 'CONSUMERS_REFUSED', message: `the function ${FIRER} has no published version` });
  });
});

describe('failures', () => {
  /** Actions that attach writes with. */
  const WRITES = ['CreateAlias', 'PutFunctionEventInvokeConfig', 'CreateEventSourceMapping', 'EnableRule'];

  const PASSING: readonly [string, PlaneFault][] = [
    ['throttled', { status: 429, name: 'TooManyRequestsException' }],
    ['throttled by the name alone', { status: 400, name: 'ThrottlingException' }],
    ['a failure within the server', { status: 500, name: 'ServiceException' }],
    ['one that had its effect', { status: 503, name: 'ServiceUnavailable', hasEffect: true }],
    ['a request that was lost', { cut: 'before' }],
    ['an answer that was lost', { cut: 'after' }],
  ];

  test.each(WRITES.flatMap((action) => PASSING.map(([what, fault]) => [action, what, fault] as const)))('%s: %s is asked again', async (action, _what, fault) => {
    const world = await openedWorld();
    world.plane.next(action, fault);
    await world.open({ limits: QUICK }).attach(consumption());
    await world.settle();
    expect(await world.see(JOB, G0)).toEqual(RUNNING);
    expect(world.plane.rules.get(RULE)).toBe('ENABLED');
    expect(world.plane.writes.filter((write) => write === action).length).toBeGreaterThan(1);
  });

  /** Those of which nobody knows whether they happened, and they did. */
  const HAPPENED = PASSING.filter(([, fault]) => ('cut' in fault ? fault.cut === 'after' : fault.hasEffect === true));
  const ENDS = ['UpdateEventSourceMapping', 'DeleteEventSourceMapping', 'DeleteFunctionEventInvokeConfig', 'DeleteAlias', 'ListAliases'];

  test.each(ENDS.flatMap((action) => HAPPENED.map(([what, fault]) => [action, what, fault] as const)))('%s: %s does not hinder the end', async (action, _what, fault) => {
    const world = await openedWorld();
    const consumers = world.open({ limits: QUICK });
    await consumers.attach(consumption());
    await world.settle();
    world.plane.next(action, fault);
    await consumers.pause(JOB, G0);
    await world.settle();
    expect(await world.see(JOB, G0)).toEqual({ ...RUNNING, isPaused: true });
    await detached(world, consumers, JOB, G0);
    expect(await world.see(JOB, G0)).toBe('nothing');
    expect(world.plane.calls.filter((call) => call.action === action).length).toBeGreaterThan(2);
  });

  /** As AWS words it. */
  const denied = (action: string, resource: string): PlaneFault => ({ status: 403, name: 'AccessDeniedException', message: `User: arn:aws:sts::1:assumed-role/r is not authorized to perform: ${action} on resource: ${resource}` });

  test.each(['CreateAlias', 'PutFunctionEventInvokeConfig', 'ListEventSourceMappings', 'CreateEventSourceMapping'])('%s that is not allowed names action, resource and what to do', async (action) => {
    const world = await openedWorld();
    world.plane.next(action, denied(`lambda:${action}`, 'the-resource'));
    const refusal = await world.first.attach(consumption()).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'CONSUMERS_REFUSED', kind: 'usage', hint: 'allow the role or user what the message names' });
    expect(String(refusal)).toMatch(new RegExp(`lambda:${action} on .*${NAME}.*not authorized to perform: lambda:${action} on resource: the-resource \\(HTTP 403\\)`));
    expect(world.plane.calls.filter((call) => call.action === action)).toHaveLength(1);
  });

  test('a schedule that is not allowed names the rule', async () => {
    const world = await openedWorld();
    world.plane.next('EnableRule', denied('events:EnableRule', 'rule'));
    await expect(world.first.attach(consumption())).rejects.toMatchObject({ code: 'CONSUMERS_REFUSED', message: expect.stringContaining(`events:EnableRule on ${RULE}`) });
  });

  test('what Lambda refuses about Kafka points to its settings', async () => {
    const world = await openedWorld();
    world.plane.next('CreateEventSourceMapping', { status: 400, name: 'InvalidParameterValueException', message: 'Cannot access the cluster' });
    await expect(world.first.attach(consumption())).rejects.toMatchObject({ code: 'CONSUMERS_REFUSED', message: expect.stringContaining('Cannot access the cluster'), hint: expect.stringContaining('Kafka settings') });
  });

  test('throttling without end is a StoreError', async () => {
    const world = await openedWorld();
    world.plane.next('CreateAlias', ...Array.from({ length: 20 }, (): PlaneFault => ({ status: 429, name: 'TooManyRequestsException' })));
    await expect(world.open({ limits: QUICK }).attach(consumption())).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'no' });
    expect(world.plane.writes.length).toBeLessThan(20);
  });
});

const QUICK = { deadline: 2000, attempt: 1000, throttled: 10 };

describe('pause', () => {
  test('passes over what is in the middle of a change, and asks once', async () => {
    const world = await openedWorld(SLOW_MS);
    await world.first.attach(consumption());
    world.plane.calls.length = 0;
    await world.first.pause(JOB, G0); // both are Creating
    expect(world.plane.writes).toEqual(['UpdateEventSourceMapping', 'UpdateEventSourceMapping']);
    await world.settle();
    await world.first.pause(JOB, G0);
    await world.settle();
    world.plane.calls.length = 0;
    await world.first.pause(JOB, G0);
    expect(world.plane.writes).toEqual([]);
    expect(await world.see(JOB, G0)).toEqual({ ...RUNNING, isPaused: true });
  });

  test('tries every mapping, whatever becomes of one', async () => {
    const world = await openedWorld();
    await world.first.attach(consumption());
    await world.settle();
    world.plane.next('UpdateEventSourceMapping', { status: 403, name: 'AccessDeniedException' });
    await expect(world.first.pause(JOB, G0)).rejects.toMatchObject({ code: 'CONSUMERS_REFUSED', message: expect.stringContaining('lambda:UpdateEventSourceMapping on ') });
    await world.settle();
    expect((await world.sources.list()).map(({ State }) => State).toSorted()).toEqual(['Disabled', 'Enabled']);
  });
});

describe('detach', () => {
  test('waits for mappings in the middle of a change by asking for a repetition, and keeps the aliases until they are gone', async () => {
    const world = await openedWorld(SLOW_MS);
    await world.first.attach(consumption());
    await expect(world.first.detach(JOB, G0)).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'no' }); // Creating: ResourceInUse
    expect(world.plane.writes.filter((action) => action === 'DeleteAlias')).toEqual([]);
    await world.settle();
    expect(await world.see(JOB, G0)).toEqual(RUNNING);
    await detached(world, world.first, JOB, G0);
    expect(await world.see(JOB, G0)).toBe('nothing');
    world.plane.calls.length = 0;
    await world.second.detach(JOB, G0);
    expect([world.plane.writes, world.plane.calls.length]).toEqual([[], 3]);
  });

  test('collects versions that no alias holds, but not the newest two', async () => {
    const world = await openedWorld();
    const [writer, firer] = [WRITER, FIRER].map((name) => world.plane.functions.get(name));
    writer?.aliases.set('held', '2');
    await world.first.attach(consumption());
    await world.settle();
    for (const versions of [writer?.versions, firer?.versions]) for (const version of [4, 5, 10]) versions?.add(version);
    await detached(world, world.first, JOB, G0);
    expect([[...(writer?.versions ?? [])], [...(firer?.versions ?? [])]]).toEqual([[2, 5, 10], [5, 10]]);
  });

  test('counts from the version that is deployed, where it is not the newest one', async () => {
    const world = await openedWorld();
    const deployed = world.open({ writer: { name: WRITER, version: '2' }, firer: { name: FIRER, version: '3' } });
    await deployed.attach(consumption());
    await world.settle();
    await detached(world, deployed, JOB, G0);
    const versions = [WRITER, FIRER].map((name) => [...(world.plane.functions.get(name)?.versions ?? [])]);
    expect(versions).toEqual([[1, 2, 3], [2, 3]]);
  });

  test.each<[string, PlaneFault]>([
    ['an alias that was made meanwhile', { status: 409, name: 'ResourceConflictException' }],
    ['no permission', { status: 403, name: 'AccessDeniedException' }],
  ])('does not fail for versions that cannot be deleted: %s', async (_what, fault) => {
    const world = await openedWorld();
    await world.first.attach(consumption());
    await world.settle();
    world.plane.next('DeleteFunction', fault, fault);
    await detached(world, world.open({ limits: QUICK }), JOB, G0);
    expect(world.plane.writes.filter((action) => action === 'DeleteFunction')).toHaveLength(2);
    expect(await world.see(JOB, G0)).toBe('nothing');
  });

  test('goes on behind one that was killed between the aliases', async () => {
    const world = await openedWorld();
    await world.first.attach(consumption());
    await world.settle();
    await expect(world.first.detach(JOB, G0)).rejects.toMatchObject({ happened: 'no' });
    await world.settle();
    world.plane.functions.get(WRITER)?.aliases.delete(NAME);
    expect(await world.see(JOB, G0)).toBe('incomplete');
    await world.second.detach(JOB, G0);
    expect(await world.see(JOB, G0)).toBe('nothing');
  });
});

test('a generation is attached as long as one of its aliases is there; aliases of others are none', async () => {
  const world = await openedWorld();
  const [writer, firer] = [WRITER, FIRER].map((name) => world.plane.functions.get(name)?.aliases);
  for (const name of ['live', `${'a'.repeat(32)}-g9999`, `${'A'.repeat(32)}-g0`]) firer?.set(name, '1');
  writer?.set(NAME, '1');
  expect(await world.first.attached()).toEqual([{ job: JOB, g: 0 }]);
  await world.first.detach(JOB, G0);
  firer?.set(NAME, '1');
  expect(await world.first.attached()).toEqual([{ job: JOB, g: 0 }]);
  await world.first.detach(JOB, G0);
  expect(await world.first.attached()).toEqual([]);
});

test('a schedule is written to only where it changes', async () => {
  const { plane, schedule } = await openedWorld();
  await schedule.disable();
  await schedule.enable();
  await schedule.enable();
  await schedule.disable();
  expect([plane.writes, plane.rules.get(RULE)]).toEqual([['EnableRule', 'DisableRule'], 'DISABLED']);
});

describe('what a mapping is made from', () => {
  const TOPIC = { topic: 'orders', group: 'sluice-j-g0-0.orders', properties: { 'bootstrap.servers': 'own:9092' } };
  const CLUSTER = 'arn:aws:kafka:eu-west-1:111122223333:cluster/c/u';
  const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:AmazonMSK_s';
  const requestFor = (settings: Partial<EventSourceSettings>, batches = { batchSize: null, batchWindowSeconds: null } as const): MappingRequest =>
    mappingRequest('f:a', TOPIC, batches, { ...SELF_MANAGED, ...settings });
  const COMMON = { FunctionName: 'f:a', Topics: ['orders'], StartingPosition: 'TRIM_HORIZON', BatchSize: 1000 };
  const MANAGED = { ...COMMON, EventSourceArn: CLUSTER, AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: TOPIC.group } };
  const ownBrokers = (...servers: string[]): object => ({ ...COMMON, SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: servers } }, SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: TOPIC.group } });

  test('MSK with IAM: the role of the function is all', () => {
    expect(requestFor({ cluster: CLUSTER, authentication: 'iam', subnets: ['subnet-1'] })).toEqual(MANAGED);
  });

  test('MSK with SCRAM: the secret', () => {
    expect(requestFor({ cluster: CLUSTER, authentication: 'scram-sha-512', secret: SECRET })).toEqual({ ...MANAGED, SourceAccessConfigurations: [{ Type: 'SASL_SCRAM_512_AUTH', URI: SECRET }] });
  });

  test('self-managed with SCRAM in a VPC: subnets, security groups, the secret', () => {
    expect(requestFor({ authentication: 'scram-sha-512', secret: SECRET, subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-1'] })).toEqual({
      ...ownBrokers('one:9092', 'two:9092'),
      SourceAccessConfigurations: [
        { Type: 'VPC_SUBNET', URI: 'subnet:subnet-1' },
        { Type: 'VPC_SUBNET', URI: 'subnet:subnet-2' },
        { Type: 'VPC_SECURITY_GROUP', URI: 'security_group:sg-1' },
        { Type: 'SASL_SCRAM_512_AUTH', URI: SECRET },
      ],
    });
  });

  test.each([['plain', 'BASIC_AUTH'], ['scram-sha-256', 'SASL_SCRAM_256_AUTH']] as const)('self-managed with %s: %s', (authentication, Type) => {
    expect(requestFor({ authentication, secret: SECRET }).SourceAccessConfigurations).toEqual([{ Type, URI: SECRET }]);
  });

  test('plain text: brokers of the platform, or of the table', () => {
    expect(requestFor({})).toEqual(ownBrokers('one:9092', 'two:9092'));
    expect(requestFor({ servers: null })).toEqual(ownBrokers('own:9092'));
  });

  test("batches are the job's own, else the platform's, else Lambda's", () => {
    expect(requestFor({ batchWindowSeconds: 5 })).toMatchObject({ BatchSize: 1000, MaximumBatchingWindowInSeconds: 5 });
    expect(mappingRequest('f:a', TOPIC, { batchSize: 7, batchWindowSeconds: 0 }, { ...SELF_MANAGED, batchWindowSeconds: 5 })).toMatchObject({ BatchSize: 7, MaximumBatchingWindowInSeconds: 0 });
  });

  test.each<[string, Partial<EventSourceSettings>, string]>([
    ['IAM without a cluster', { authentication: 'iam' }, "'iam' needs the ARN"],
    ['PLAIN on MSK', { cluster: CLUSTER, authentication: 'plain', secret: SECRET }, "'plain' is nothing that MSK has"],
    ['SCRAM without a secret', { authentication: 'scram-sha-256' }, "'scram-sha-256' needs a secret"],
  ])('%s is OPTION_INVALID', (_what, settings, why) => {
    expect(() => requestFor(settings)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining(why), hint: expect.stringMatching(/./) }));
  });

  test('no brokers at all is OPTION_INVALID', () => {
    expect(() => mappingRequest('f:a', { ...TOPIC, properties: {} }, { batchSize: null, batchWindowSeconds: null }, { ...SELF_MANAGED, servers: null })).toThrow("no brokers are named for the topic 'orders'");
  });
});

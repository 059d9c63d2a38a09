/** Lambda's API over HTTP, by AWS's own client; functions behind it by the Invoke API; mappings of another endpoint, followed. */
import { createServer, type Server } from 'node:http';
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ResourceConflictException,
  ResourceNotFoundException,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { afterEach, expect, test } from 'vitest';
import { nodeRuntime } from '../../../lib/adapters/node/runtime.ts';
import { openEventSources } from '../../../lib/local/event-source/event-sources.ts';
import { followMappings } from '../../../lib/local/event-source/follow.ts';
import { bodyOf } from '../../../lib/local/event-source/http.ts';
import { inProcess } from '../../../lib/local/event-source/in-process-target.ts';
import { invokeApi } from '../../../lib/local/event-source/invoke-target.ts';
import { everyDelay } from '../../../lib/local/event-source/lifecycle.ts';
import { serveRest } from '../../../lib/local/event-source/rest.ts';
import { untilTrue } from './deliveries.ts';
import { FakeGroup } from './fake-group.ts';
import { FakeTarget } from './fake-target.ts';
import { request } from './mapping.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function serve(lambdaEndpoint: string | null = null) {
  const group = new FakeGroup();
  const target = new FakeTarget();
  target.isEager = true;
  const sources = openEventSources({ target, open: group.open, runtime: nodeRuntime, delays: everyDelay(30) });
  const rest = await serveRest({ sources, port: 0, lambdaEndpoint });
  const client = new LambdaClient({ endpoint: rest.url, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 });
  closing.push(() => sources.close(), () => rest.close(), async () => client.destroy());
  return { url: rest.url, client, group, target, sources };
}

/** An emulator whose functions answer as `answer` says. */
async function emulator(answer: (path: string, body: string) => { status?: number; headers?: Record<string, string>; body: string } | null): Promise<string> {
  const server: Server = createServer((incoming, response) => {
    void bodyOf(incoming).then((body) => {
      const reply = answer(incoming.url ?? '', body.toString());
      if (reply === null) return response.destroy();
      response.writeHead(reply.status ?? 200, reply.headers ?? {});
      return response.end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(() => resolve())));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens');
  return `http://127.0.0.1:${address.port}`;
}

test('AWS SDK: create, get, list, update, delete', async () => {
  const { client, group } = await serve();
  const created = await client.send(new CreateEventSourceMappingCommand({ ...input(), StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: new Date(5000) }));
  expect(created).toMatchObject({ State: 'Creating', BatchSize: 100, FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:sluice-writer:job-g0' });
  expect(created.StartingPositionTimestamp).toEqual(new Date(5000));
  expect(Math.abs(Date.now() - (created.LastModified?.getTime() ?? 0))).toBeLessThan(60_000);
  const { UUID } = created;
  const get = () => client.send(new GetEventSourceMappingCommand({ UUID }));
  await untilTrue(async () => (await get()).State === 'Enabled', 'it is enabled', 3000);
  expect(group.only.subscription.timestamp).toBe(5000);

  expect((await client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false, BatchSize: 7 }))).State).toBe('Disabling');
  await untilTrue(async () => (await get()).State === 'Disabled', 'it is disabled', 3000);
  expect(await get()).toMatchObject({ BatchSize: 7, SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'sluice-job-g0-0.events' } });

  expect((await client.send(new DeleteEventSourceMappingCommand({ UUID }))).State).toBe('Deleting');
  await untilTrue(async () => (await client.send(new ListEventSourceMappingsCommand({}))).EventSourceMappings?.length === 0, 'it is gone', 3000);
  await expect(get()).rejects.toThrow(ResourceNotFoundException);
});

test('AWS SDK: refusals arrive as the exceptions that Lambda throws', async () => {
  const { client } = await serve();
  await client.send(new CreateEventSourceMappingCommand(input()));
  await expect(client.send(new CreateEventSourceMappingCommand(input()))).rejects.toThrow(ResourceConflictException);
  await expect(client.send(new CreateEventSourceMappingCommand({ ...input(), Topics: [] }))).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: 'Topics holds exactly one topic, not 0',
    $metadata: { httpStatusCode: 400 },
  });
});

test('AWS SDK: lists page by page, and by function', async () => {
  const { client } = await serve();
  for (const i of [0, 1, 2, 3, 4]) {
    await client.send(new CreateEventSourceMappingCommand({ ...input(), FunctionName: `f${i % 2}`, Topics: [`topic-${i}`], SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: `g${i}` } }));
  }
  const topics: string[] = [];
  let marker: string | undefined;
  let pages = 0;
  do {
    const page = await client.send(new ListEventSourceMappingsCommand({ MaxItems: 2, ...(marker === undefined ? {} : { Marker: marker }) }));
    topics.push(...(page.EventSourceMappings ?? []).flatMap((m) => m.Topics ?? []));
    marker = page.NextMarker;
    pages++;
  } while (marker !== undefined && pages < 10);
  expect([pages, topics]).toEqual([3, ['topic-0', 'topic-1', 'topic-2', 'topic-3', 'topic-4']]);
  const odd = await client.send(new ListEventSourceMappingsCommand({ FunctionName: 'f1' }));
  expect(odd.EventSourceMappings?.flatMap((m) => m.Topics)).toEqual(['topic-1', 'topic-3']);
});

test('other calls go to the endpoint behind, or are refused in so many words', async () => {
  const behind = await emulator((path, body) => ({ headers: { 'X-Amz-Executed-Version': '3' }, body: JSON.stringify({ path, body }) }));
  const { client } = await serve(behind);
  const answer = await client.send(new InvokeCommand({ FunctionName: 'f', Qualifier: 'a', Payload: '{"x":1}' }));
  expect(answer.ExecutedVersion).toBe('3');
  expect(JSON.parse(Buffer.from(answer.Payload ?? []).toString())).toEqual({ path: '/2015-03-31/functions/f/invocations?Qualifier=a', body: '{"x":1}' });

  const alone = await serve();
  await expect(alone.client.send(new InvokeCommand({ FunctionName: 'f' }))).rejects.toThrow(/event source mappings only; --lambda-endpoint/);
  const gone = await serve('http://127.0.0.1:1');
  await expect(gone.client.send(new InvokeCommand({ FunctionName: 'f' }))).rejects.toThrow(/the Lambda endpoint http:\/\/127.0.0.1:1 does not answer/);
});

test('what is no call of the API, and what is no JSON, is refused', async () => {
  const { url } = await serve();
  const path = `${url}/2015-03-31/event-source-mappings`;
  expect((await fetch(path, { method: 'PATCH' })).status).toBe(405);
  const answer = await fetch(path, { method: 'POST', body: '{' });
  expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([400, 'InvalidParameterValueException']);
});

test('Invoke API: the alias is the qualifier; an error of the function is an answer, an unreachable one is thrown', async () => {
  const asked: string[] = [];
  const endpoint = await emulator((path, body) => {
    asked.push(`${decodeURIComponent(path)} ${body}`);
    if (body === '"fail"') return { headers: { 'X-Amz-Function-Error': 'Unhandled' }, body: '{"errorType":"TypeError","errorMessage":"no"}' };
    return body === '"hang up"' ? null : { body: '"fine"' };
  });
  const target = invokeApi({ endpoint });
  closing.push(() => target.close());
  const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:sluice-writer:job-g0';
  const invoke = (payload: string) => target.invoke({ functionArn, payload, type: 'RequestResponse' });
  expect(await invoke('"ok"')).toEqual({ kind: 'ok', payload: '"fine"' });
  expect(await invoke('"fail"')).toEqual({ kind: 'error', errorType: 'TypeError', message: 'no' });
  await expect(invoke('"hang up"')).rejects.toThrow();
  expect(asked).toHaveLength(3);
  expect(asked[0]).toBe('/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:sluice-writer/invocations?Qualifier=job-g0 "ok"');
});

test('in process: result, error, timeout, and an asynchronous call that goes on', async () => {
  const done: unknown[] = [];
  const target = inProcess({
    runtime: nodeRuntime,
    timeoutMs: 40,
    handler: async (event, context) => {
      if (event === 'fail') throw new RangeError('too far');
      if (event === 'slow') await nodeRuntime.sleep(80);
      done.push(event);
      return [context.functionName, context.invokedFunctionArn.split(':').at(-1), context.getRemainingTimeInMillis() <= 40];
    },
  });
  const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:sluice-writer:job-g0';
  const invoke = (event: string, type: 'RequestResponse' | 'Event' = 'RequestResponse') => target.invoke({ functionArn, payload: JSON.stringify(event), type });
  expect(await invoke('ok')).toEqual({ kind: 'ok', payload: '["sluice-writer","job-g0",true]' });
  expect(await invoke('fail')).toEqual({ kind: 'error', errorType: 'RangeError', message: 'too far' });
  expect(await invoke('slow')).toEqual({ kind: 'error', errorType: 'Sandbox.Timedout', message: 'Task timed out after 0.04 seconds' });
  expect((await invoke('slow', 'Event')).kind).toBe('ok');
  expect(done).toEqual(['ok']);
  await target.close();
  expect(done).toEqual(['ok', 'slow', 'slow']);
});

test('follows the mappings of another endpoint: polls what is enabled there, until it is not', async () => {
  const { url, client, sources } = await serve();
  const here = new FakeGroup();
  const target = new FakeTarget();
  target.isEager = true;
  const troubles: Error[] = [];
  const follower = followMappings({ endpoint: url, target, open: here.open, runtime: nodeRuntime, onTrouble: (error) => troubles.push(error) });
  closing.push(() => follower.close());
  const { UUID } = await sources.create(request({ MaximumBatchingWindowInSeconds: 0 }));
  await untilTrue(() => here.members.some((m) => m.isRunning), 'it is polled', 5000);
  expect(here.only.subscription).toMatchObject({ topic: 'events', group: 'sluice-job-g0-0.events', brokers: ['127.0.0.1:9092'], position: 'TRIM_HORIZON' });
  here.only.assign(0);
  here.only.deliver(0, 0, 3);
  await untilTrue(() => here.commits.length > 0, 'records are delivered', 3000);
  await client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  await untilTrue(() => here.members.every((m) => !m.isRunning), 'polling ends', 5000);
  expect(troubles).toEqual([]);
});

/** The request in the SDK's types. */
function input() {
  const { FunctionName, Topics, SelfManagedEventSource, SelfManagedKafkaEventSourceConfig } = request();
  return { FunctionName, SelfManagedKafkaEventSourceConfig, StartingPosition: 'TRIM_HORIZON' as const, Topics: [...Topics], SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: [...(SelfManagedEventSource?.Endpoints.KAFKA_BOOTSTRAP_SERVERS ?? [])] } } };
}

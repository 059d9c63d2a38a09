/** From the variables of a function to what it is made of: Kafka's client properties, secrets, consumers, names of other functions. */
import { createServer, type IncomingMessage } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { securityOf } from '../../lib/adapters/kafka/security.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { readCredentials } from '../../lib/adapters/secrets/credentials.ts';
import { consumersFrom, eventSourcesFrom, scheduleFrom } from '../../lib/lambda/consumers.ts';
import { lambdaInvoke } from '../../lib/lambda/invoke.ts';
import { kafkaClientFrom } from '../../lib/lambda/kafka-client.ts';
import { tickFrom } from '../../lib/lambda/place.ts';
import { NO_CONSUMERS } from '../../lib/ports/consumers.ts';
import { VARIABLES } from '../../lib/workflows/environment.ts';
import { consumption, JOB } from '../contracts/consumers.ts';
import { openedWorld, FIRER, RULE, WRITER } from '../adapters/lambda-world.ts';
import { temporaryDirectory } from '../adapters/temporary.ts';
import { ALIAS } from './kit.ts';
import { listen, useTestCredentials } from '../servers/listening.ts';

const SECRET = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:kafka';
const PASSWORD = 'a "quoted\\ password';

/** Answers as a service does; every request is kept. */
async function service(answer: (target: string) => { readonly status: number; readonly body: unknown }): Promise<{ readonly endpoint: string; readonly seen: string[] }> {
  useTestCredentials();
  const seen: string[] = [];
  const server = await listen(
    createServer((request, response) => {
      void textOf(request).then((text) => {
        seen.push(`${decodeURIComponent(request.url ?? '')} ${text}`);
        const reply = answer(String(request.headers['x-amz-target'] ?? ''));
        response.writeHead(reply.status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(reply.body));
      });
    }),
  );
  onTestFinished(() => server.stop());
  return { endpoint: server.endpoint, seen };
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** For this test. */
function stubEnvironment(variables: Readonly<Record<string, string>>): void {
  const before = new Map(Object.keys(variables).map((name) => [name, process.env[name]]));
  Object.assign(process.env, variables);
  onTestFinished(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
}

describe('Kafka', () => {
  const user = async (): Promise<{ username: string; password: string }> => ({ username: 'u', password: PASSWORD });
  const unread = async (): Promise<never> => {
    throw new Error('no secret is needed');
  };
  const of = (authentication: string): Record<string, string> => ({ [VARIABLES.kafkaAuthentication]: authentication, [VARIABLES.kafkaSecret]: SECRET });

  test('plain text, TLS and IAM need no secret', async () => {
    expect(await kafkaClientFrom({}, unread)).toEqual({});
    expect(await kafkaClientFrom(of('tls'), unread)).toEqual({ 'security.protocol': 'SSL' });
    expect(await kafkaClientFrom(of('iam'), unread)).toEqual({ 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'AWS_MSK_IAM' });
  });

  test.each([['plain', 'PLAIN'], ['scram-sha-256', 'SCRAM-SHA-256'], ['scram-sha-512', 'SCRAM-SHA-512']])('%s: what the adapter makes of it is the user of the secret', async (authentication, mechanism) => {
    const asked: string[] = [];
    const properties = await kafkaClientFrom(of(authentication), async (secret) => (asked.push(secret), user()));
    expect(asked).toEqual([SECRET]);
    expect(await securityOf(properties)).toMatchObject({ protocol: 'SASL_SSL', sasl: { mechanism, username: 'u', password: PASSWORD } });
  });

  test('a file of client properties goes first', async () => {
    const file = join(temporaryDirectory(), 'client.properties');
    writeFileSync(file, 'security.protocol=PLAINTEXT\nclient.id=mine\n');
    expect(await kafkaClientFrom({ ...of('tls'), SLUICE_KAFKA_CONFIG: file }, unread)).toEqual({ 'security.protocol': 'PLAINTEXT', 'client.id': 'mine' });
  });

  test('a wrong name, and a secret that is missing, are OPTION_INVALID', async () => {
    await expect(kafkaClientFrom(of('kerberos'), unread)).rejects.toMatchObject({ code: 'OPTION_INVALID', message: "SLUICE_KAFKA_AUTHENTICATION cannot be 'kerberos'", hint: expect.stringContaining('iam, scram') });
    await expect(kafkaClientFrom({ [VARIABLES.kafkaAuthentication]: 'plain' }, unread)).rejects.toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining('SLUICE_KAFKA_SECRET is not set') });
  });
});

describe('a secret', () => {
  const read = (endpoint: string) => readCredentials(SECRET, { runtime: nodeRuntime, destination: { endpoint, region: 'us-east-1' }, limits: { deadline: 2000, attempt: 500, throttled: 10 } });

  test('is asked for by its ARN', async () => {
    const text = JSON.stringify({ username: 'u', password: PASSWORD });
    const { endpoint, seen } = await service((target) => ({ status: target === 'secretsmanager.GetSecretValue' ? 200 : 400, body: { SecretString: text } }));
    expect(await read(endpoint)).toEqual({ username: 'u', password: PASSWORD });
    expect(seen).toEqual([`/ {"SecretId":"${SECRET}"}`]);
  });

  test.each(['no JSON s3cret', '"s3cret"', '{"username":"u","pass":"s3cret"}', '{"username":"u","password":{"s3cret":1}}'])('that holds %s is refused without showing it', async (text) => {
    const { endpoint } = await service(() => ({ status: 200, body: { SecretString: text } }));
    const refusal = await read(endpoint).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'OPTION_INVALID', message: `the secret ${SECRET} holds no user name and password` });
    expect(inspect(refusal, { depth: 10 })).not.toContain('s3cret');
  });

  test('that is not there or not allowed is OPTION_INVALID; one that is not answered passes', async () => {
    const answers = [{ status: 400, body: { __type: 'ResourceNotFoundException', message: 'none' } }, { status: 400, body: { __type: 'AccessDeniedException', message: 'is not authorized to perform: secretsmanager:GetSecretValue' } }];
    const { endpoint } = await service(() => answers.shift() ?? { status: 500, body: { __type: 'InternalServiceError' } });
    await expect(read(endpoint)).rejects.toMatchObject({ code: 'OPTION_INVALID', hint: 'create the secret, or correct its ARN' });
    await expect(read(endpoint)).rejects.toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining('secretsmanager:GetSecretValue') });
    await expect(read(endpoint)).rejects.toMatchObject({ code: 'STORE_FAILED', happened: 'no' });
  });
});

describe('consumers', () => {
  const KAFKA = { [VARIABLES.kafka]: 'one:9092' };

  test('are none where no functions are named, and nothing ticks without a rule', async () => {
    expect(consumersFrom(KAFKA)).toBe(NO_CONSUMERS);
    expect(() => consumersFrom({ ...KAFKA, [VARIABLES.writer]: 'w' })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message: 'SLUICE_WRITER and SLUICE_FIRER belong together' }));
    await scheduleFrom(KAFKA).enable();
  });

  test('are those of Lambda where they are', async () => {
    const world = await openedWorld();
    stubEnvironment({ AWS_ENDPOINT_URL_LAMBDA: world.endpoint, AWS_ENDPOINT_URL_EVENTBRIDGE: world.endpoint, AWS_REGION: 'us-east-1' });
    const consumers = consumersFrom({
      ...KAFKA,
      [VARIABLES.writer]: WRITER,
      [VARIABLES.writerVersion]: '2',
      [VARIABLES.firer]: FIRER,
      [VARIABLES.schedule]: RULE,
      [VARIABLES.eventSourcesEndpoint]: world.mappingsUrl,
      [VARIABLES.batchSize]: '77',
    });
    await consumers.attach(consumption());
    const aliases = [WRITER, FIRER].map((name) => [...(world.plane.functions.get(name)?.aliases ?? [])]);
    expect(aliases).toEqual([[[`${JOB}-g0`, '2']], [[`${JOB}-g0`, '3']]]);
    expect(await world.sources.list()).toMatchObject([{ Topics: ['orders'], BatchSize: 77 }, { Topics: ['clicks'] }]);
    expect(world.plane.calls.some(({ action }) => action.includes('EventSourceMapping'))).toBe(false);
    expect(world.plane.rules.get(RULE)).toBe('ENABLED');
  });

  test('know the cluster, the network and the batches', () => {
    const environment = {
      [VARIABLES.kafka]: 'tables',
      [VARIABLES.kafkaAuthentication]: 'scram-sha-512',
      [VARIABLES.kafkaSecret]: SECRET,
      [VARIABLES.kafkaCluster]: 'arn:aws:kafka:x',
      [VARIABLES.kafkaSubnets]: 'subnet-1, subnet-2',
      [VARIABLES.kafkaSecurityGroups]: 'sg-1',
      [VARIABLES.batchSize]: '',
      [VARIABLES.batchWindowSeconds]: '0',
    };
    expect(eventSourcesFrom(environment)).toEqual({
      cluster: 'arn:aws:kafka:x',
      servers: null,
      authentication: 'scram-sha-512',
      secret: SECRET,
      subnets: ['subnet-1', 'subnet-2'],
      securityGroups: ['sg-1'],
      batchSize: 1000,
      batchWindowSeconds: 0,
    });
    expect(eventSourcesFrom(KAFKA)).toMatchObject({ cluster: null, servers: 'one:9092', authentication: null, subnets: [], batchWindowSeconds: null });
    for (const [name, value] of [[VARIABLES.batchSize, '10001'], [VARIABLES.batchSize, 'many'], [VARIABLES.batchWindowSeconds, '-1']] as const) {
      expect(() => eventSourcesFrom({ ...KAFKA, [name]: value })).toThrow(`${name} cannot be '${value}'`);
    }
  });
});

test('functions invoke one another by the names that the deployment gave them, else by those of a laptop', async () => {
  const { endpoint, seen } = await service(() => ({ status: 202, body: {} }));
  stubEnvironment({ AWS_ENDPOINT_URL_LAMBDA: endpoint, AWS_REGION: 'us-east-1' });
  const invoke = lambdaInvoke({ [VARIABLES.firer]: FIRER, [VARIABLES.writer]: '' });
  await invoke('sluice-firer', ALIAS, { once: true });
  await invoke('sluice-writer', ALIAS, {});
  await invoke('sluice-workflow', null, {});
  const at = (name: string, qualifier: string): string => `/2015-03-31/functions/${name}/invocations${qualifier} `;
  const alias = `?Qualifier=${ALIAS.job}-g0`;
  expect(seen).toEqual([`${at(FIRER, alias)}{"once":true}`, `${at('sluice-writer', alias)}{}`, `${at('sluice-workflow', '')}{}`]);
});

test('the tick is ten seconds, or as it is set', () => {
  expect([tickFrom({}), tickFrom({ [VARIABLES.tickMs]: '1000' })]).toEqual([10_000, 1000]);
  for (const text of ['999', '60001', '1.5e3.0', 'soon']) expect(() => tickFrom({ [VARIABLES.tickMs]: text })).toThrow(`SLUICE_TICK_MS cannot be '${text}'`);
});

/**
 * The savepoint lab by Flink's own clients alone, through `sluice serve --stack` in front of a deployed stack: what they do are executions, and what they
 * print is what they print in front of Flink. Then the function with a URL, which answers without a process that waits for requests.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditEntry } from '../../lib/control/rest/audit.ts';
import type { UrlEvent, UrlResult } from '../../lib/lambda/rest-handler.ts';
import { JARS_WITHIN_MS, sqlClientJars } from '../real/flink-clients.ts';
import { labByClients } from '../real/lab-by-clients.ts';
import { clientOptions } from './emulators.ts';
import { ROOT, started, type Started } from './programs.ts';
import { World } from './world.ts';

const STACK = 'Clients';
const LAB_WITHIN_MS = 600_000;
const TOPIC = 'savepoint-events';
/** What Lambda says of a request that IAM has allowed. */
const SIGNED = { domainName: 'rest.example', authorizer: { iam: { userArn: 'arn:aws:iam::000000000000:user/operator' } } };

const world = new World();
const lambda = new LambdaClient(clientOptions(world.place.emulator));
let outputs: Readonly<Record<string, string>> = {};
let lib: string;
let server: Started;

beforeAll(async () => {
  lib = await sqlClientJars();
  await world.deploy({ name: STACK, context: ['sluice:rest=iam'] });
  outputs = await world.outputs(STACK);
  await world.clearTopic(STACK, TOPIC);
  await world.createTopic(TOPIC);
  server = started(['serve', '--stack', STACK, '--dir', world.dir, '--rest-port', '0'], { emulator: world.place.emulator });
}, JARS_WITHIN_MS);
afterAll(async () => {
  await server.end();
  lambda.destroy();
  await world.close();
});

test('eight steps', { timeout: LAB_WITHIN_MS }, async () => {
  const address = (await server.says(/http:\/\/(127\.0\.0\.1:\d+)/))[1] ?? '';
  await labByClients({ lib, address, dir: world.dir, savepoints: outputs['Savepoints'] ?? '', send: (file) => world.sluice(STACK, 'topic', 'produce', TOPIC, '-f', join(ROOT, 'lib/cli/lab', file)) });
  const listed = await world.sluice(STACK, 'executions', 'list');
  for (const workflow of ['create', 'savepoint', 'cancel', 'stop']) expect(listed).toMatch(new RegExp(`${workflow} .*SUCCEEDED`));
});

test('the function with a URL lists the jobs, and knows what became of a savepoint', async () => {
  const name = (await world.functions(STACK)).find((one) => /Rest/.test(one)) ?? '';
  const ask = async (method: string, rawPath: string): Promise<{ status: number; body: string }> => {
    const event: UrlEvent = { rawPath, rawQueryString: '', headers: { host: 'rest.example' }, isBase64Encoded: false, requestContext: { ...SIGNED, http: { method, sourceIp: '203.0.113.7' } } };
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }));
    const { statusCode, body }: UrlResult = JSON.parse(Payload?.transformToString() ?? '{}');
    return { status: statusCode, body };
  };
  const { status, body } = await ask('GET', '/v1/jobs');
  expect(status).toBe(200);
  const { jobs }: { jobs: readonly { status: string }[] } = JSON.parse(body);
  expect(jobs.map((job) => job.status).toSorted()).toEqual(['CANCELED', 'FINISHED']);
  // The server has gone on to other things, or away: the trigger is the name of an execution.
  const { job, trigger } = savepointTriggered();
  expect(JSON.parse((await ask('GET', `/v1/jobs/${job}/savepoints/${trigger}`)).body)).toMatchObject({ status: { id: 'COMPLETED' }, operation: { location: expect.stringMatching(/^s3:.*\/savepoint-/) } });
  expect(await ask('GET', '/')).toMatchObject({ status: 200, body: expect.stringMatching(/^<!doctype html>/i) });
  expect(await ask('POST', '/v1/sessions')).toMatchObject({ status: 501, body: expect.stringContaining(`sluice serve --stack ${STACK}`) });
});

/** By the client that took the lab's savepoint, as the server has written it down. */
function savepointTriggered(): AuditEntry {
  const entries = readFileSync(join(world.dir, 'audit.jsonl'), 'utf8').trimEnd().split('\n').map((line): AuditEntry => JSON.parse(line));
  const found = entries.find(({ path }) => path === '/jobs/:jobid/savepoints');
  if (found === undefined) throw new Error('no savepoint was triggered');
  return found;
}

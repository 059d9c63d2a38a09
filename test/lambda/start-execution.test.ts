/** Starting executions with the real client, against a server that answers as Step Functions does. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { lambdaStart } from '../../lib/lambda/start-execution.ts';

const bodies: Record<string, unknown>[] = [];
let error: string | null = null;

beforeEach(async () => {
  bodies.length = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      bodies.push(JSON.parse(body));
      response.writeHead(error === null ? 200 : 400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(error === null ? { executionArn: 'arn:execution', startDate: 1 } : { __type: error, message: 'as it is' }));
    });
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('AWS_ENDPOINT_URL_SFN', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(() => void vi.unstubAllEnvs());

const ARN = 'arn:aws:states:us-east-1:000000000000:stateMachine:create';

test('names the execution and gives it its input; one that is there is as good', async () => {
  const start = lambdaStart();
  error = null;
  await start(ARN, 'r-1', { job: 'a' });
  error = 'ExecutionAlreadyExists';
  await start(ARN, 'r-1', { job: 'a' });
  const sent = { stateMachineArn: ARN, name: 'r-1', input: '{"job":"a"}' };
  expect(bodies).toEqual([sent, sent]);
});

test('throws what else Step Functions says', async () => {
  error = 'StateMachineDoesNotExist';
  await expect(lambdaStart()(ARN, 'r-1', {})).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
});

/** Answers to CloudFormation: their bodies, their limits, and that they get through. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { putText } from '../../lib/adapters/node/put-text.ts';
import { answer } from '../../lib/lambda/cloudformation.ts';
import { TestRuntime } from '../engine/stack.ts';

const RESPOND = { ResponseURL: 'https://answers/1', StackId: 'arn:stack', RequestId: 'r-1', LogicalResourceId: 'Orders', PhysicalResourceId: 'a'.repeat(32) };
const WHICH = { StackId: 'arn:stack', RequestId: 'r-1', LogicalResourceId: 'Orders', PhysicalResourceId: 'a'.repeat(32) };
const FAILURE = { code: 'STATE_INCOMPATIBLE', message: 'the plan cannot take over the state', hint: 'see `sluice plan --diff`' };

describe('the body', () => {
  async function bodyOf(failure: typeof FAILURE | null): Promise<Record<string, unknown>> {
    const bodies: string[] = [];
    await answer(RESPOND, { failure, data: { JobId: 'a' } }, async (_url, text) => (bodies.push(text), 200), new TestRuntime());
    expect(bodies).toHaveLength(1);
    return JSON.parse(bodies[0] ?? '');
  }

  test('of success has the data', async () => {
    expect(await bodyOf(null)).toEqual({ Status: 'SUCCESS', ...WHICH, Data: { JobId: 'a' } });
  });

  test('of failure says what, what to do, and where to look', async () => {
    const Reason = 'STATE_INCOMPATIBLE: the plan cannot take over the state. What to do: see `sluice plan --diff` (Execution: r-1)';
    expect(await bodyOf(FAILURE)).toEqual({ Status: 'FAILED', ...WHICH, Reason });
  });

  test('stays below what CloudFormation reads, and whole', async () => {
    const body = await bodyOf({ ...FAILURE, message: 'ü'.repeat(5000) });
    expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(4096);
    expect(body['Reason']).toMatch(/ü… \(Execution: r-1\)$/);
  });
});

describe('the way', () => {
  test('is tried five times with growing pauses, then given up', async () => {
    const runtime = new TestRuntime();
    let attempts = 0;
    const answered = answer(RESPOND, { failure: null, data: {} }, async () => (attempts++, 503), runtime);
    await expect(answered).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('HTTP 503') });
    expect({ attempts, waited: runtime.elapsed() }).toEqual({ attempts: 5, waited: 15_000 });
  });

  test('survives an answer that is lost', async () => {
    let attempts = 0;
    const put = async (): Promise<number> => {
      if (++attempts === 1) throw new Error('ECONNRESET');
      return 200;
    };
    await answer(RESPOND, { failure: null, data: {} }, put, new TestRuntime());
    expect(attempts).toBe(2);
  });

  test('is a PUT without a content type, which the URL is not signed for', async () => {
    const seen: { method: string | undefined; headers: IncomingHttpHeaders; body: string }[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        seen.push({ method: request.method, headers: request.headers, body });
        response.writeHead(seen.length === 1 ? 200 : 403).end();
      });
    });
    onTestFinished(() => void server.close());
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    expect(await putText(`http://127.0.0.1:${port}/x?signature=1`, '{"Status":"SUCCESS"}')).toBe(200);
    expect(seen).toMatchObject([{ method: 'PUT', body: '{"Status":"SUCCESS"}', headers: { 'content-length': '20' } }]);
    expect(seen[0]?.headers['content-type']).toBeUndefined();
    expect(await putText(`http://127.0.0.1:${port}/x`, '')).toBe(403);
  });
});

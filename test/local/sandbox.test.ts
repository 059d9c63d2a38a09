/** Sandboxes: frozen between events, killed at their timeout, replaced after a crash, and gone when their host is. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lambdaInvoke } from '../../lib/lambda/invoke.ts';
import { serveInvoke } from '../../lib/local/sandbox/invoke-endpoint.ts';
import { ALIAS } from '../functions/kit.ts';
import { ARN, call, host, isAlive, until, type Answer } from './sandbox-functions.ts';

/** `T` (stopped), `S`, `R` …, as the system says. */
const stateOf = (pid: number): string => /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';

describe('a sandbox', () => {
  test('gives the function what Lambda gives, and no more of its host', async () => {
    process.env['SECRET'] = 'of the host';
    onTestFinished(() => void delete process.env['SECRET']);
    const hosted = host({ timeoutMs: 3000 });
    const { arn, name, root, left, requestId, secret } = await call(hosted);
    expect({ arn, name, root, secret }).toEqual({ arn: ARN, name: 'worker', root: hosted.dir, secret: undefined });
    expect(left).toBeGreaterThan(2000);
    expect(left).toBeLessThanOrEqual(3000);
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('is kept for the next event, and stands still in between', async () => {
    const hosted = host();
    const first = await call(hosted);
    await until(() => stateOf(first.pid) === 'T', 'the sandbox is stopped');
    await sleep(300);
    const second = await call(hosted);
    expect(second).toMatchObject({ pid: first.pid, count: 2 });
    expect(second.ticks - first.ticks).toBeLessThan(30); // 60 would have passed
  });

  test('runs one invocation at a time; others wait for it or get one of their own', async () => {
    const one = host({ concurrency: 1 });
    const answers = await Promise.all([call(one, { sleep: 50 }), call(one, { sleep: 50 }), call(one)]);
    expect(new Set(answers.map((a) => a.pid)).size).toBe(1);
    const three = host({ concurrency: 3 });
    const parallel = await Promise.all([call(three, { sleep: 200 }), call(three, { sleep: 200 }), call(three, { sleep: 200 })]);
    expect(new Set(parallel.map((a) => a.pid)).size).toBe(3);
  });

  test('tells errors of the function by their name', async () => {
    const { functions } = host();
    const invocation = await functions.invoke({ functionArn: ARN, payload: '{"fail":"no"}', type: 'RequestResponse' });
    expect(invocation).toEqual({ kind: 'error', errorType: 'FailureOfTheTest', message: 'no' });
  });

  test('is killed at its timeout, and another one takes its place', async () => {
    const hosted = host({ timeoutMs: 1000 });
    const first = await call(hosted);
    const invocation = await hosted.functions.invoke({ functionArn: ARN, payload: '{"sleep":60000}', type: 'RequestResponse' });
    expect(invocation).toMatchObject({ kind: 'error', errorType: 'Sandbox.Timedout', message: expect.stringContaining('timed out after 1.00 seconds') });
    await until(() => !isAlive(first.pid), 'the sandbox is gone');
    expect(await call(hosted)).toMatchObject({ count: 1 });
  });

  test('that crashes fails its invocation, and another one takes its place', async () => {
    const hosted = host();
    const invocation = await hosted.functions.invoke({ functionArn: ARN, payload: '{"exit":3}', type: 'RequestResponse' });
    expect(invocation).toMatchObject({ kind: 'error', errorType: 'Runtime.ExitError', message: expect.stringContaining('exited with status 3') });
    const { pid } = await call(hosted);
    process.kill(pid, 'SIGKILL'); // while it is frozen
    await until(() => !isAlive(pid), 'the sandbox is gone');
    expect((await call(hosted)).pid).not.toBe(pid);
  });

  test('whose module does not load fails every invocation, and says why', async () => {
    const hosted = host();
    writeFileSync(join(hosted.dir, 'index.mjs'), 'throw new Error("broken at birth");');
    const invocation = await hosted.functions.invoke({ functionArn: ARN, payload: '{}', type: 'RequestResponse' });
    expect(invocation).toMatchObject({ kind: 'error', errorType: 'Runtime.ExitError' });
    expect(hosted.lines.join('\n')).toContain('broken at birth');
  });

  test('hands over the lines that the function writes', async () => {
    const hosted = host();
    await call(hosted, { print: '{"_aws":{}}' });
    await until(() => hosted.lines.includes('{"_aws":{}}'), 'the line is there');
  });
});

describe('a zombie', () => {
  test('frozen in the middle of an invocation goes on when it is continued, after its successor', async () => {
    const hosted = host();
    const mark = join(hosted.dir, 'mark');
    const invocation = hosted.functions.invoke({ functionArn: ARN, payload: JSON.stringify({ mark, sleep: 100 }), type: 'RequestResponse' });
    await until(() => existsSync(mark), 'the invocation has begun');
    const zombie = hosted.functions.strand('worker');
    expect(await invocation).toMatchObject({ kind: 'error', errorType: 'Sandbox.Timedout' });
    await sleep(300);
    expect(readFileSync(mark, 'utf8')).toBe('begun ');
    const successor = await call(hosted, { mark });
    expect(successor.pid).not.toBe(zombie?.pid);
    expect(readFileSync(mark, 'utf8')).toBe('begun begun done ');
    zombie?.resume();
    await until(() => readFileSync(mark, 'utf8') === 'begun begun done done ', 'the zombie has ended its work');
  });

  test('is gone after close', async () => {
    const hosted = host();
    const mark = join(hosted.dir, 'mark');
    const invocation = hosted.functions.invoke({ functionArn: ARN, payload: JSON.stringify({ mark, sleep: 60_000 }), type: 'RequestResponse' });
    await until(() => existsSync(mark), 'the invocation has begun');
    const zombie = hosted.functions.strand('worker');
    await invocation;
    await hosted.functions.close();
    expect(isAlive(zombie?.pid ?? -1)).toBe(false);
  });
});

describe('an asynchronous invocation', () => {
  const begins = (mark: string): number => (existsSync(mark) ? readFileSync(mark, 'utf8').split('begun').length - 1 : 0);

  test.each([[2, 3], [0, 1]])('that fails is repeated as often as it may: %i', async (retries, runs) => {
    const { functions, dir } = host({ retries });
    const mark = join(dir, 'mark');
    expect(await functions.invoke({ functionArn: ARN, payload: JSON.stringify({ mark, fail: 'again' }), type: 'Event' })).toMatchObject({ kind: 'ok' });
    await until(() => functions.isIdle, 'the queue is empty');
    expect(begins(mark)).toBe(runs);
  });

  test('is accepted before it has run, up to a bound', async () => {
    const { functions } = host({ timeoutMs: 500 });
    const event = (n: number) => ({ functionArn: ARN, payload: JSON.stringify({ sleep: 60_000, n }), type: 'Event' as const });
    for (let i = 0; i < 1000; i++) await functions.invoke(event(i));
    await expect(functions.invoke(event(1000))).rejects.toMatchObject({ code: 'CONTENTION' });
  });

  test('that waits stands for those that are equal to it', async () => {
    const { functions, dir } = host({ retries: 0, concurrency: 1 });
    const mark = join(dir, 'mark');
    const event = { functionArn: ARN, payload: JSON.stringify({ mark, sleep: 100 }), type: 'Event' as const };
    for (let i = 0; i < 20; i++) await functions.invoke(event);
    await until(() => functions.isIdle, 'the queue is empty');
    expect(begins(mark)).toBeLessThanOrEqual(2);
  });
});

describe('processes', () => {
  test('are gone after close, and nothing is taken in', async () => {
    const hosted = host({ concurrency: 2 });
    const [a, b] = await Promise.all([call(hosted, { sleep: 100 }), call(hosted, { sleep: 100 })]);
    await hosted.functions.close();
    expect([a.pid, b.pid].filter(isAlive)).toEqual([]);
    await expect(call(hosted)).rejects.toThrow();
  });

  test('are gone when their host is killed, frozen or not', async () => {
    const hosted = host();
    const script = `
      import { LocalFunctions } from ${JSON.stringify(resolve('lib/local/sandbox/local-functions.ts'))};
      const module = ${JSON.stringify(join(hosted.dir, 'index.mjs'))};
      const functions = new LocalFunctions({ functions: { worker: { module, environment: {}, timeoutMs: 60000, memoryMb: 128, concurrency: 2, retries: 0 } } });
      const call = (event) => functions.invoke({ functionArn: ${JSON.stringify(ARN)}, payload: JSON.stringify(event), type: 'RequestResponse' });
      const pids = (await Promise.all([call({ sleep: 50 }), call({ sleep: 50 })])).map((i) => JSON.parse(i.payload).pid);
      void call({ sleep: 60000 });
      console.log(JSON.stringify(pids));`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void parent.kill('SIGKILL'));
    let text = '';
    parent.stdout.on('data', (part: Buffer) => (text += part.toString()));
    await until(() => text.includes(']'), 'the host has sandboxes');
    const pids: number[] = JSON.parse(text);
    expect(pids.map(isAlive)).toEqual([true, true]);
    parent.kill('SIGKILL');
    await until(() => !pids.some(isAlive), 'the sandboxes are gone');
  });
});

describe('the Invoke endpoint', () => {
  test('answers the AWS client: result, error of the function, acceptance, unknown function', async () => {
    const { functions } = host();
    const endpoint = await serveInvoke(functions);
    onTestFinished(() => endpoint.close());
    const { LambdaClient, InvokeCommand } = await import('@aws-sdk/client-lambda');
    const client = new LambdaClient({ endpoint: endpoint.url, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 });
    onTestFinished(() => client.destroy());

    const ok = await client.send(new InvokeCommand({ FunctionName: 'worker', Qualifier: 'alias', Payload: '{}' }));
    const answer: Answer = JSON.parse(ok.Payload?.transformToString() ?? '');
    expect(answer).toMatchObject({ arn: ARN, count: 1 });
    const failed = await client.send(new InvokeCommand({ FunctionName: 'worker', Payload: '{"fail":"no"}' }));
    expect(failed.FunctionError).toBe('Unhandled');
    expect(JSON.parse(failed.Payload?.transformToString() ?? '')).toEqual({ errorType: 'FailureOfTheTest', errorMessage: 'no' });
    expect((await client.send(new InvokeCommand({ FunctionName: ARN, InvocationType: 'Event', Payload: '{}' }))).StatusCode).toBe(202);
    await expect(client.send(new InvokeCommand({ FunctionName: 'nobody' }))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await until(() => functions.isIdle, 'the queue is empty');
  });

  test('is what functions invoke one another by', async () => {
    const requests: unknown[] = [];
    const endpoint = await serveInvoke({ invoke: async (request) => (requests.push(request), { kind: 'ok', payload: '' }), close: async () => {} });
    const variables = { AWS_ENDPOINT_URL_LAMBDA: endpoint.url, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
    const before = { ...process.env };
    Object.assign(process.env, variables);
    onTestFinished(async () => {
      for (const name of Object.keys(variables)) if (before[name] === undefined) delete process.env[name];
      await endpoint.close();
    });
    await lambdaInvoke()('sluice-firer', ALIAS, { once: true });
    const functionArn = `arn:aws:lambda:us-east-1:000000000000:function:sluice-firer:${ALIAS.job}-g0`;
    expect(requests).toEqual([{ functionArn, payload: '{"once":true}', type: 'Event' }]);
  });
});

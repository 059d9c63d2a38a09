/** The custom resource: which execution a request starts, and what CloudFormation is told where none is. */
import { describe, expect, test } from 'vitest';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { SluiceError } from '../../lib/core/errors.ts';
import { resourceHandler } from '../../lib/lambda/resource-handler.ts';
import type { ResourceRequest } from '../../lib/lambda/resource-request.ts';
import { TestRuntime } from '../engine/stack.ts';

const MACHINES = JSON.stringify({ create: 'arn:create', upgrade: 'arn:upgrade', teardown: 'arn:teardown' });
const PLAN = '{"name":"orders"}';
const REQUEST: ResourceRequest = {
  RequestType: 'Create',
  ResponseURL: 'https://answers/1',
  StackId: 'arn:stack',
  RequestId: 'r-1',
  LogicalResourceId: 'Orders',
  ResourceProperties: { ServiceToken: 'arn:function', kind: 'job', plan: PLAN, codeVersion: '7', directory: 's3://b/savepoints', policy: 'savepoint', allowNonRestored: 'true' },
};
const JOB = nodeCodec.sha256('arn:stackOrdersr-1').slice(0, 32);

class World {
  readonly started: { machine: string; name: string; input: object }[] = [];
  readonly kept: string[] = [];
  readonly answers: Record<string, unknown>[] = [];
  machines: string | undefined = MACHINES;
  refusal: Error | null = null;
  status = 200;

  async send(request: Partial<ResourceRequest>): Promise<void> {
    const handler = resourceHandler({
      machines: this.machines,
      start: async (machine, name, input) => {
        if (this.refusal !== null) throw this.refusal;
        this.started.push({ machine, name, input });
      },
      keep: async (url) => {
        if (this.refusal !== null) throw this.refusal;
        this.kept.push(url);
        expect(this.started).toEqual([]);
      },
      put: async (_url, text) => (this.answers.push(JSON.parse(text)), this.status),
      codec: nodeCodec,
      runtime: new TestRuntime(),
    });
    await handler({ ...REQUEST, ...request });
  }
}

const properties = (other: Record<string, unknown>): Record<string, unknown> => ({ ...REQUEST.ResourceProperties, ...other });
const respond = { ResponseURL: 'https://answers/1', StackId: 'arn:stack', RequestId: 'r-1', LogicalResourceId: 'Orders', PhysicalResourceId: JOB };

describe('a job', () => {
  test('is created under an id that follows from the request, and leaves the answer to the execution', async () => {
    const world = new World();
    await world.send({ ResourceProperties: properties({ savepoint: 's3://b/savepoints/savepoint-1' }) });
    await world.send({});
    expect(world.started).toEqual([
      { machine: 'arn:create', name: 'r-1', input: { respond, job: JOB, plan: PLAN, allowNonRestored: true, savepoint: 's3://b/savepoints/savepoint-1' } },
      { machine: 'arn:create', name: 'r-1', input: { respond, job: JOB, plan: PLAN, allowNonRestored: true } },
    ]);
    expect(world.answers).toEqual([]);
  });

  test('has its program stored before anything runs that names it', async () => {
    const world = new World();
    await world.send({ ResourceProperties: properties({ program: 's3://assets/1.mjs' }) });
    expect(world.kept).toEqual(['s3://assets/1.mjs']);
    expect(world.started).toMatchObject([{ machine: 'arn:create', input: { job: JOB, plan: PLAN } }]);
  });

  test('is not begun where its program cannot be stored', async () => {
    const world = new World();
    world.refusal = new SluiceError('FUNCTION_FAILED', { message: 'Access Denied' });
    await world.send({ ResourceProperties: properties({ program: 's3://assets/1.mjs' }) });
    expect(world.started).toEqual([]);
    expect(world.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('Access Denied') }]);
  });

  test('is upgraded by an update; its id stays', async () => {
    const world = new World();
    await world.send({ RequestType: 'Update', RequestId: 'r-2', PhysicalResourceId: JOB, ResourceProperties: properties({ codeVersion: '8', allowNonRestored: 'false' }) });
    const input = { respond: { ...respond, RequestId: 'r-2' }, job: JOB, plan: PLAN, allowNonRestored: false, directory: 's3://b/savepoints' };
    expect(world.started).toEqual([{ machine: 'arn:upgrade', name: 'r-2', input }]);
  });

  test.each(['savepoint', 'cancel'] as const)('is ended by its deletion, policy %s', async (policy) => {
    const world = new World();
    await world.send({ RequestType: 'Delete', PhysicalResourceId: JOB, ResourceProperties: properties({ policy, directory: '' }) });
    expect(world.started).toEqual([{ machine: 'arn:teardown', name: 'r-1', input: { respond, jobs: [JOB], policy } }]);
  });

  test('that was never created is deleted at once, whatever its properties are', async () => {
    const world = new World();
    await world.send({ RequestType: 'Delete', PhysicalResourceId: 'Orders-AWSCDK-failed', ResourceProperties: { kind: 'nonsense', policy: 'nonsense' } });
    expect(world.started).toEqual([]);
    expect(world.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'Orders-AWSCDK-failed' }]);
  });
});

describe('all jobs of a platform', () => {
  test('are nothing to create or update', async () => {
    const world = new World();
    await world.send({ ResourceProperties: { kind: 'jobs' } });
    await world.send({ RequestType: 'Update', PhysicalResourceId: 'Orders', ResourceProperties: { kind: 'jobs' } });
    expect(world.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'Orders' }, { Status: 'SUCCESS', PhysicalResourceId: 'Orders' }]);
    expect(world.started).toEqual([]);
  });

  test('are ended by its deletion', async () => {
    const world = new World();
    await world.send({ RequestType: 'Delete', PhysicalResourceId: 'Orders', ResourceProperties: { kind: 'jobs', policy: 'savepoint', directory: 's3://b/savepoints' } });
    const input = { respond: { ...respond, PhysicalResourceId: 'Orders' }, policy: 'savepoint', directory: 's3://b/savepoints' };
    expect(world.started).toEqual([{ machine: 'arn:teardown', name: 'r-1', input }]);
  });
});

describe('a mistake is told to CloudFormation before anything is started', () => {
  test.each([
    [{ kind: 'jobb' }, "the property kind of the resource cannot be 'jobb'. What to do: set kind to 'job' or 'jobs'"],
    [{ policy: 'keep' }, "the property policy of the resource cannot be 'keep'. What to do: set policy to 'savepoint' or 'cancel'"],
    [{ allowNonRestored: 'yes' }, "cannot be 'yes'. What to do: set allowNonRestored to 'false' or 'true'"],
    [{ plan: '' }, "the property plan of the resource cannot be ''. What to do: set plan to the JSON text of a plan"],
    [{ plan: ['x'] }, `the property plan of the resource cannot be '["x"]'. What to do: set plan to text`],
    [{ plan: 'x'.repeat(204_800) }, "the property plan of the resource cannot be '204802 bytes of JSON'. What to do: set plan to at most 204800 bytes"],
  ])('%o', async (mistake, reason) => {
    const world = new World();
    await world.send({ ResourceProperties: properties(mistake) });
    expect(world.started).toEqual([]);
    expect(world.answers).toMatchObject([{ Status: 'FAILED', PhysicalResourceId: JOB, Reason: expect.stringContaining(`OPTION_INVALID: `) }]);
    expect(world.answers[0]?.['Reason']).toContain(reason);
  });
});

describe('an execution that cannot be started is told', () => {
  test('by what Step Functions says', async () => {
    const world = new World();
    world.refusal = Object.assign(new Error('not authorized to perform: states:StartExecution'), { name: 'AccessDeniedException' });
    await world.send({});
    expect(world.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('AccessDeniedException: not authorized to perform: states:StartExecution') }]);
  });

  test.each([undefined, '', 'arn:', '[]', 'null', '{"create":7}', '{"nonsense":"arn:x"}', '{"upgrade":"arn:x"}'])('by the environment: %s', async (machines) => {
    const world = new World();
    world.machines = machines;
    await world.send({});
    expect(world.answers).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('SLUICE_STATE_MACHINES') }]);
  });

  test('again by Lambda, where CloudFormation does not hear', async () => {
    const world = new World();
    world.status = 503;
    await expect(world.send({ ResourceProperties: { kind: 'jobs' } })).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });
});

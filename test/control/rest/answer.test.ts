/** What is answered to whom: statuses and texts as Flink has them. */
import { expect, test } from 'vitest';
import { answer } from '../../../lib/control/rest/answer.ts';
import { SluiceError, type ErrorCode } from '../../../lib/core/errors.ts';
import { HERE, inMemory, textOf } from './api.ts';

const NOBODY = '0'.repeat(31) + '1';
const REST = 'org.apache.flink.runtime.rest.handler.RestHandlerException';

test('endpoints are there with the version and without', async () => {
  const { get, stack } = await inMemory();
  const expected = { status: 200, body: { jobs: [{ id: stack.job.id, status: 'RUNNING' }] } };
  for (const path of ['/jobs', '/v1/jobs', '/v1/jobs?x=1']) expect(await get(path)).toEqual(expected);
});

test.each([
  ['GET', '/nothing'],
  ['POST', '/'],
  ['GET', ''],
  ['GET', '*'],
  ['GET', 'http://localhost/jobs'],
  ['GET', '//evil.example/jobs'],
  ['GET', '/\\evil.example/jobs'],
  ['GET', '/v1'],
  ['GET', '/v2/jobs'],
  ['GET', '/jobs/'],
  ['DELETE', '/jobs'],
  ['HEAD', '/jobs'],
  ['POST', '/jobs/overview'],
  ['GET', `/jobs/${NOBODY}/yarn-cancel`],
])('%s %s is not there', async (method, path) => {
  const { send } = await inMemory();
  expect(await send(method, path)).toEqual({ status: 404, body: { errors: [`Not found: ${path}`] } });
});

test('a target that is too long is not there, and is not repeated in full', async () => {
  const { get } = await inMemory();
  const { status, body } = await get(`/jobs?x=${'y'.repeat(10_000)}`);
  expect(status).toBe(404);
  expect(JSON.stringify(body).length).toBeLessThan(400);
});

test.each([
  ['/jobs/xyz', '(jobid) from value "xyz"'],
  [`/jobs/${NOBODY.toUpperCase().replace('0', 'A')}`, '(jobid) from value "A'],
  [`/jobs/${NOBODY}/savepoints/1`, '(triggerid) from value "1"'],
  [`/jobs/${NOBODY}/vertices/v`, '(vertexid) from value "v"'],
  [`/jobs/${NOBODY}/checkpoints/details/-1`, '(checkpointid) from value "-1"'],
])('%s cannot be read', async (path, what) => {
  const { get } = await inMemory();
  const { status, body } = await get(path);
  expect(status).toBe(400);
  expect(body).toEqual({ errors: [expect.stringContaining(`${REST}: Bad request, could not parse parameters: Cannot resolve path parameter ${what}`)] });
});

test.each(['', '/status', '/config', '/plan', '/exceptions', '/metrics', '/checkpoints', '/checkpoints/config', '/checkpoints/details/1', `/vertices/${NOBODY}`, `/vertices/${NOBODY}/watermarks`])(
  'a job that is not there: %s',
  async (path) => {
    const { get } = await inMemory();
    expect(await get(`/jobs/${NOBODY}${path}`)).toEqual({ status: 404, body: { errors: [`org.apache.flink.runtime.rest.NotFoundException: Job ${NOBODY} not found`] } });
  },
);

test.each(['{', 'null', '[]', '"{}"', '{"target-directory":1}', '{"triggerId":"x"}', '{"formatType":"OTHER"}', '{"cancel-job":"yes"}'])('%s is no request for a savepoint', async (body) => {
  const { send, stack } = await inMemory();
  const said = await send('POST', `/jobs/${stack.job.id}/savepoints`, body);
  expect(said).toEqual({ status: 400, body: { errors: [expect.stringMatching(/^org\S+RestHandlerException: Request did not match expected format SavepointTriggerRequestBody: .+ is not .+\.$/)] } });
});

test('bytes that are no UTF-8 are no request, nor is a body that is too large', async () => {
  const { api, stack } = await inMemory();
  const target = `/jobs/${stack.job.id}/savepoints`;
  expect((await answer(api, { ...HERE, method: 'POST', target, body: Buffer.from('{"target-directory":"/\u00ff"}', 'latin1') })).status).toBe(400);
  expect(await answer(api, { ...HERE, method: 'POST', target, body: null })).toMatchObject({ status: 413, content: { body: '{"errors":["The body is too large."]}' } });
});

test('programs of the JVM are refused with what to do, whatever they weigh', async () => {
  const { api } = await inMemory();
  const said = await answer(api, { ...HERE, method: 'POST', target: '/v1/jobs', body: null });
  expect(said.status).toBe(501);
  expect(textOf(said)).toContain('sluice sql -f SCRIPT.sql');
});

const CODES: readonly (readonly [ErrorCode, number])[] = [
  ['JOB_STATE', 409],
  ['JOB_BUSY', 409],
  ['OPTION_INVALID', 400],
  ['SAVEPOINT_NOT_FOUND', 404],
  ['STORE_FAILED', 503],
  ['CONTENTION', 503],
  ['STORE_CORRUPT', 500],
  ['CLOSED', 500],
];

test.each(CODES)('%s is answered with %i, its message and its hint', async (code, status) => {
  const { get } = await inMemory({}, { jobs: () => Promise.reject(new SluiceError(code, { message: 'what happened', hint: 'what to do' })) });
  expect(await get('/jobs')).toEqual({ status, body: { errors: [expect.stringMatching(new RegExp(`^org\\S+Exception: ${code}: what happened\nhint: what to do$`))] } });
});

test('a defect is told to the operator, and not to the client', async () => {
  const defect = new TypeError('secret.ts: x is undefined');
  const { get, defects } = await inMemory({}, { jobs: () => Promise.reject(defect) });
  expect(await get('/jobs')).toEqual({ status: 500, body: { errors: ['Internal server error.'] } });
  expect(defects).toEqual([defect]);
});

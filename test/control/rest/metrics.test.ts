/** Flink's endpoints of metrics, and the one that Prometheus scrapes. */
import { expect, test } from 'vitest';
import { busyJob } from '../metrics/facts.ts';

/** The vertices by what is in their names. */
async function verticesOf(get: (path: string) => Promise<{ body: unknown }>, at: string): Promise<(what: string) => string> {
  const { plan }: { plan: { nodes: { id: string; description: string }[] } } = JSON.parse(JSON.stringify((await get(`${at}/plan`)).body));
  return (what) => `${at}/vertices/${plan.nodes.find(({ description }) => description.includes(what))?.id}`;
}

test('without `get` the names are told, with it the values of those that are known', async () => {
  const { get, stack } = await busyJob();
  const at = `/jobs/${stack.job.id}`;
  expect((await get(`${at}/metrics`)).body).toEqual(expect.arrayContaining([{ id: 'uptime' }, { id: 'lastCheckpointFullSize' }, { id: 'lastCheckpointExternalPath' }]));
  expect((await get(`${at}/metrics?get=fullRestarts,constructor,lastCheckpointExternalPath`)).body).toEqual([
    { id: 'fullRestarts', value: '0' },
    { id: 'lastCheckpointExternalPath', value: expect.stringMatching(/^\/savepoints\/savepoint-/) },
  ]);
  expect((await get('/jobmanager/metrics?get=numRunningJobs,jobs.RUNNING')).body).toEqual([{ id: 'jobs.RUNNING', value: '1' }, { id: 'numRunningJobs', value: '1' }]);
});

test('a vertex has one task', async () => {
  const { get, stack } = await busyJob();
  const of = await verticesOf(get, `/jobs/${stack.job.id}`);
  const watermark = String(Date.UTC(2025, 11, 30, 10, 2, 5));
  expect((await get(`${of('Window')}/metrics?get=0.numLateRecordsDropped,0.openWindows,0.currentInputWatermark,openWindows`)).body).toEqual([
    { id: '0.currentInputWatermark', value: watermark },
    { id: '0.numLateRecordsDropped', value: '1' },
    { id: '0.openWindows', value: '1' },
  ]);
  expect((await get(`${of('Window')}/subtasks/0/metrics?get=openWindows`)).body).toEqual([{ id: 'openWindows', value: '1' }]);
  expect((await get(`${of('Window')}/subtasks/1/metrics?get=openWindows`)).body).toEqual([]);
  expect((await get(`${of('events')}/metrics?get=0.pendingBytes,0.events.0.lag`)).body).toEqual([{ id: '0.pendingBytes', value: '0' }, { id: '0.events.0.lag', value: '0' }]);
});

test('values of several are one, by the aggregations that are asked for', async () => {
  const { get, stack } = await busyJob();
  const of = await verticesOf(get, `/jobs/${stack.job.id}`);
  expect((await get(`${of('Window')}/subtasks/metrics`)).body).toContainEqual({ id: 'stateEntries' });
  expect((await get(`${of('Window')}/subtasks/metrics?get=stateEntries`)).body).toEqual([{ id: 'stateEntries', min: 1, max: 1, avg: 1, sum: 1, skew: 0 }]);
  expect((await get('/jobs/metrics?get=fullRestarts&agg=MAX,sum')).body).toEqual([{ id: 'fullRestarts', max: 0, sum: 0 }]);
  expect((await get(`/jobs/metrics?get=fullRestarts&jobs=${'f'.repeat(32)}`)).body).toEqual([]);
  expect(await get('/jobs/metrics?get=fullRestarts&agg=median')).toMatchObject({ status: 400, body: { errors: [expect.stringContaining('agg')] } });
});

test('Prometheus scrapes what all jobs have', async () => {
  const { get, stack } = await busyJob();
  const { status, body } = await get('/metrics');
  expect(status).toBe(200);
  expect(body).toContain(`flink_taskmanager_job_task_operator_numLateRecordsDropped{job_id="${stack.job.id}"`);
  expect(body).toContain('# TYPE sluice_partition_dead_letters_total counter');
});

import { expect, test } from 'vitest';
import { get, matchIn } from '../../../lib/control/rest/route.ts';
import { object } from '../../../lib/control/rest/shape.ts';

const at = (path: string): ReturnType<typeof get> => get({ path, summary: '' }, object({}), async () => ({}));
const ROUTES = ['/jobs/:jobid', '/jobs/overview', '/jobs/:jobid/checkpoints/:triggerid', '/jobs/:jobid/checkpoints/config'].map(at);
const ID = 'a'.repeat(32);

test('literal segments win over parameters, wherever they stand in the table', () => {
  for (const routes of [ROUTES, ROUTES.toReversed()]) {
    expect(matchIn(routes, 'GET', '/jobs/overview')?.route.path).toBe('/jobs/overview');
    expect(matchIn(routes, 'GET', `/jobs/${ID}`)).toMatchObject({ route: { path: '/jobs/:jobid' }, params: { jobid: ID, triggerid: '', checkpointid: 0 } });
    expect(matchIn(routes, 'GET', `/jobs/${ID}/checkpoints/config`)?.route.path).toBe('/jobs/:jobid/checkpoints/config');
    expect(matchIn(routes, 'GET', `/jobs/${ID}/checkpoints/${ID}`)?.params).toMatchObject({ jobid: ID, triggerid: ID });
  }
});

test('another method, and an empty or a further segment, are not there', () => {
  expect(matchIn(ROUTES, 'POST', '/jobs/overview')).toBeNull();
  for (const path of ['/jobs', '/jobs/', `/jobs/${ID}/`, `/jobs/${ID}/checkpoints/`, 'jobs/overview']) expect(matchIn(ROUTES, 'GET', path)).toBeNull();
});

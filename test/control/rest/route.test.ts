import { expect, test } from 'vitest';
import { get, matchIn } from '../../../lib/control/rest/route.ts';
import { object } from '../../../lib/control/rest/shape.ts';

const at = (path: string): ReturnType<typeof get> => get({ path, summary: '' }, object({}), async () => ({}));
const ROUTES = ['/jobs/:jobid', '/jobs/overview', '/jobs/:jobid/checkpoints/:triggerid', '/jobs/:jobid/checkpoints/config'].map(at);
const ID = 'a'.repeat(32);

test('literal segments win over parameters, wherever they stand in the table', () => {
  for (const routes of [ROUTES, ROUTES.toReversed()]) {
    expect(matchIn(routes, { method: 'GET', path: '/jobs/overview', version: 1 })?.route.path).toBe('/jobs/overview');
    expect(matchIn(routes, { method: 'GET', path: `/jobs/${ID}`, version: 1 })).toMatchObject({ route: { path: '/jobs/:jobid' }, params: { jobid: ID, triggerid: '', checkpointid: 0 } });
    expect(matchIn(routes, { method: 'GET', path: `/jobs/${ID}/checkpoints/config`, version: 1 })?.route.path).toBe('/jobs/:jobid/checkpoints/config');
    expect(matchIn(routes, { method: 'GET', path: `/jobs/${ID}/checkpoints/${ID}`, version: 1 })?.params).toMatchObject({ jobid: ID, triggerid: ID });
  }
});

test('another method, and an empty or a further segment, are not there', () => {
  expect(matchIn(ROUTES, { method: 'POST', path: '/jobs/overview', version: 1 })).toBeNull();
  for (const path of ['/jobs', '/jobs/', `/jobs/${ID}/`, `/jobs/${ID}/checkpoints/`, 'jobs/overview']) expect(matchIn(ROUTES, { method: 'GET', path, version: 1 })).toBeNull();
});

/** Two thousand requests that nobody means; `test/real/rest-fuzz.test.ts` makes a hundred thousand. */
import { expect, onTestFinished, test } from 'vitest';
import { serveRest } from '../../../lib/control/rest/server.ts';
import { inMemory } from './api.ts';
import { answerAll, connectAll, Fuzz, targetsIn } from './fuzz.ts';
import { ask } from './world.ts';

const REQUESTS = 2000;
const CONNECTIONS = 300;
const UNBOUNDED = { burst: Infinity, perSecond: 0 };

test('the API answers them all', async () => {
  // The job shall not be over after the first request that ends it.
  const world = await inMemory({}, { cancel: async () => {}, stop: async () => '/savepoints/savepoint-1' });
  const counts = await answerAll(world, new Fuzz(1, await targetsIn(world)), REQUESTS);
  // All ways of answering are met: none of them is left out by chance.
  for (const status of [200, 202, 400, 404, 501]) expect(counts.get(status)).toBeGreaterThan(10);
  expect((await world.get('/jobs')).status).toBe(200);
});

test('so does the server, whatever comes over a connection', async () => {
  const world = await inMemory({}, { cancel: async () => {}, stop: async () => '/savepoints/savepoint-1' });
  const { api, defects } = world;
  const server = await serveRest({ plane: api.rest.plane, port: 0, onDefect: api.onDefect, rates: { ofAddress: UNBOUNDED, inAll: UNBOUNDED } });
  onTestFinished(() => server.close());
  expect(await connectAll(server.url, new Fuzz(2, await targetsIn(world)), CONNECTIONS)).toBeGreaterThan(CONNECTIONS / 2);
  expect(defects).toEqual([]);
  expect((await ask(server.url, { path: '/jobs' })).status).toBe(200);
});

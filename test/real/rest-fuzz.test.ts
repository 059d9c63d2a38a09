/** A hundred thousand requests that nobody means: to the API itself, and as bytes to the port of a server. It needs no real server of others. */
import { expect, onTestFinished, test } from 'vitest';
import { serveRest } from '../../lib/control/rest/server.ts';
import { inMemory, type InMemory } from '../control/rest/api.ts';
import { answerAll, connectAll, Fuzz, targetsIn } from '../control/rest/fuzz.ts';
import { ask } from '../control/rest/world.ts';

const REQUESTS = 95_000;
const CONNECTIONS = 5000;
const UNBOUNDED = { burst: Infinity, perSecond: 0 };
const seed = Number(process.env['FUZZ_SEED'] ?? 3);

/** The job shall not be over after the first request that ends it. */
const world = (): Promise<InMemory> => inMemory({}, { cancel: async () => {}, stop: async () => '/savepoints/savepoint-1' });

test('95,000 to the API', async () => {
  const there = await world();
  console.log(await answerAll(there, new Fuzz(seed, await targetsIn(there)), REQUESTS));
  expect((await there.get('/jobs')).status).toBe(200);
});

test('5,000 connections to the server, some of them with several requests', async () => {
  const there = await world();
  const { api, defects } = there;
  const server = await serveRest({ plane: api.rest.plane, port: 0, onDefect: api.onDefect, rates: { ofAddress: UNBOUNDED, inAll: UNBOUNDED } });
  onTestFinished(() => server.close());
  console.log(`${await connectAll(server.url, new Fuzz(seed + 1, await targetsIn(there)), CONNECTIONS)} of them were answered`);
  expect(defects).toEqual([]);
  expect((await ask(server.url, { path: '/jobs' })).status).toBe(200);
});

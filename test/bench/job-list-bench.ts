/**
 * What `flink list` waits for: `/jobs/overview` of a thousand jobs in an embedded store, from the request to the bytes of the answer, without the
 * socket. `node test/bench/job-list-bench.ts [jobs]`
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTableCatalog } from '../../lib/cli/scripts.ts';
import { storeOperations } from '../../lib/control/operations.ts';
import { answer } from '../../lib/control/rest/answer.ts';
import { restOn } from '../../lib/control/rest/rest.ts';
import { ROUTES } from '../../lib/control/rest/routes.ts';
import { storePlane } from '../../lib/control/rest/store-plane.ts';
import { SqlSession } from '../../lib/control/session.ts';
import { absoluteDirectory } from '../../lib/place/directories.ts';
import { workshopOf } from '../../lib/place/embedded-settings.ts';
import { openEmbedded } from '../../lib/place/embedded.ts';
import { labPlan } from '../engine/lab-plan.ts';
import { measure } from './measure.ts';

const JOBS = Number(process.argv[2] ?? 1000);
const ROUNDS = 20;

const dir = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
const ports = openEmbedded(join(dir, 'data'), { create: true });
try {
  const workshop = workshopOf(ports);
  await ports.topics.createTopic('events', 1);
  const { create } = storeOperations(workshop);
  for (let i = 0; i < JOBS; i++) await create({ ...labPlan({ path: join(dir, 'out') }), name: `job ${i}` }, { savepoint: null, allowNonRestored: false });
  const openSession = (): SqlSession => new SqlSession({ workshop, openTableCatalog, warehouse: dir, resolvePath: absoluteDirectory });
  const rest = restOn(storePlane(workshop, absoluteDirectory, openSession), (thrown) => console.error(thrown));
  const ask = (): Promise<unknown> => answer({ rest, routes: ROUTES, audit: () => {}, onDefect: () => {} }, { who: 'loopback', address: '127.0.0.1', method: 'GET', target: '/v1/jobs/overview', body: new Uint8Array() });
  const first = await measure(ask);
  const rounds: { seconds: number; cpuSeconds: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measure(ask));
  const median = (of: 'seconds' | 'cpuSeconds'): string => (1000 * (rounds.map((one) => one[of]).sort((a, b) => a - b)[ROUNDS / 2] ?? 0)).toFixed(1);
  console.log(`  /jobs/overview of ${JOBS} jobs: first ${(1000 * first.cpuSeconds).toFixed(1)} ms of CPU, then ${median('cpuSeconds')} ms (${median('seconds')} ms by the clock)`);
} finally {
  ports.close();
  await rm(dir, { recursive: true });
}

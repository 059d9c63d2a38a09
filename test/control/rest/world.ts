/** An embedded job that really runs, and the REST API in front of it. */
import { request, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { openTableCatalog } from '../../../lib/cli/scripts.ts';
import { storeOperations, type Operations } from '../../../lib/control/operations.ts';
import { serveRest } from '../../../lib/control/rest/server.ts';
import { storePlane } from '../../../lib/control/rest/store-plane.ts';
import type { JobId } from '../../../lib/core/numbers.ts';
import { runUp } from '../../../lib/local/runner.ts';
import { openScratch } from '../../../lib/place/scratch.ts';
import type { ControlPlane } from '../../../lib/control/rest/control-plane.ts';
import { beginQuery } from '../../../lib/control/live-query.ts';
import { SqlSession } from '../../../lib/control/session.ts';
import { absoluteDirectory } from '../../../lib/place/directories.ts';
import { workshopOf } from '../../../lib/place/embedded-settings.ts';
import { openEmbedded } from '../../../lib/place/embedded.ts';
import { temporaryDirectory } from '../../adapters/temporary.ts';
import { labPlan, labRecord } from '../../engine/lab-plan.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Ask {
  readonly method?: string;
  readonly path: string;
  /** Default: `{}`, which Flink's clients send with everything. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function ask(url: string, { method = 'GET', path, body = '{}', headers = {} }: Ask): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, agent: false, headers: { connection: 'close', 'content-type': 'application/json; charset=UTF-8', 'content-length': Buffer.byteLength(body), ...headers } }, (message) => {
      text(message).then((whole) => resolve({ status: message.statusCode ?? 0, headers: message.headers, text: whole }), reject);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

export interface World {
  readonly dir: string;
  readonly url: string;
  readonly operations: Operations;
  /** Creates a topic with these records in its one partition. */
  fill(topic: string, records: readonly string[]): Promise<void>;
  /** What the server had to keep from its clients. */
  readonly defects: readonly unknown[];
  /** A job that has taken in three records. */
  submit(planOptions?: Readonly<Record<string, string>>): Promise<JobId>;
}

/** A server and a runner on an empty store; both end with the test. */
export async function startWorld(): Promise<World> {
  const dir = temporaryDirectory();
  const ports = openEmbedded(join(dir, 'data'), { create: true });
  const workshop = workshopOf(ports);
  const operations = storeOperations(workshop);
  const defects: unknown[] = [];
  const openSession: ControlPlane['openSession'] = (properties) =>
    new SqlSession({ workshop, openTableCatalog, openLiveQuery: (plan) => beginQuery({ workshop, openScratch }, plan), warehouse: join(dir, 'warehouse'), resolvePath: absoluteDirectory }, properties);
  const server = await serveRest({ plane: storePlane(workshop, absoluteDirectory, openSession), port: 0, onDefect: (thrown) => void defects.push(thrown) });
  const controller = new AbortController();
  const running = runUp(workshop, { once: false, signal: controller.signal });
  onTestFinished(async () => {
    await server.close();
    controller.abort();
    await running;
    ports.close();
  });
  await ports.topics.createTopic('events', 2);
  await ports.topics.produce('events', [labRecord('click', 10), labRecord('view', 20), labRecord('click', 70)], { partition: 0 });
  const fill = async (topic: string, records: readonly string[]): Promise<void> => {
    await ports.topics.createTopic(topic, 1);
    await ports.topics.produce(topic, records, { partition: 0 });
  };
  const submit = (planOptions = {}): Promise<JobId> =>
    operations.create(labPlan({ path: join(dir, 'out'), planOptions, idleTimeoutMs: 100 }), { savepoint: null, allowNonRestored: false });
  return { dir, url: server.url, operations, fill, defects, submit };
}

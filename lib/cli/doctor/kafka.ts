/** Kafka: whether brokers can be reached, whether they know this client, and whether it may read what jobs read. */
import { connect } from 'node:net';
import { nodeCodec } from '../../adapters/node/codec.ts';
import { nodeRuntime } from '../../adapters/node/runtime.ts';
import { isError } from '../../core/errors.ts';
import type { Plan } from '../../core/plan.ts';
import { KafkaClusters, type ClientProperties } from '../../place/brokers.ts';
import type { Brokers } from '../../place/urls.ts';
import { fail, ok, warn, type Check, type Finding } from './finding.ts';
import { topicsOf } from './jobs.ts';

type NamedBrokers = Exclude<Brokers, { readonly kind: 'embedded' }>;

const WHAT = 'kafka';
const CONNECT_MS = 2000;

export interface KafkaOptions {
  readonly brokers: NamedBrokers;
  readonly client: () => Promise<ClientProperties>;
  /** Of the jobs that run. Rejects where the store does not answer, which is another check's finding. */
  readonly plans: () => Promise<readonly Plan[]>;
}

export const kafka = (options: KafkaOptions): Check => ({ what: WHAT, look: () => look(options) });

async function look({ brokers, client, plans }: KafkaOptions): Promise<readonly Finding[]> {
  const servers = brokers.kind === 'servers' ? brokers.servers.split(',') : [];
  const unreachable = (await Promise.all(servers.map(reach))).flatMap((problem) => problem ?? []);
  if (servers.length > 0 && unreachable.length === servers.length) return [fail(WHAT, unreachable.join('; '), 'start the brokers, or correct --kafka; listeners must be reachable from this machine')];
  const clusters = new KafkaClusters(brokers, await client(), { runtime: nodeRuntime, codec: nodeCodec });
  try {
    const topics = await topicFindings(clusters, await plans().catch(() => []));
    if (brokers.kind === 'servers') return [await answer(clusters, unreachable), ...topics];
    return topics.length > 0 ? topics : [ok(WHAT, 'each table names its brokers; the topics of all jobs that run are there')];
  } finally {
    await clusters.close();
  }
}

/** Of brokers of which one at least takes connections. */
async function answer(clusters: KafkaClusters, unreachable: readonly string[]): Promise<Finding> {
  const topics = await clusters.general().admin.listTopics();
  if (unreachable.length > 0) return warn(WHAT, `${unreachable.join('; ')}; the others answer`, 'start all brokers');
  return ok(WHAT, `answers, with ${topics.length === 1 ? 'one topic' : `${topics.length} topics`}`);
}

/** Null for a broker that takes a connection. */
function reach(server: string): Promise<string | null> {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(server.trim()) ?? [];
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), timeout: CONNECT_MS });
    const end = (problem: string | null): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.once('connect', () => end(null)).once('timeout', () => end(`${server} does not answer`)).once('error', (error) => end(`${server}: ${reasonOf(error)}`));
  });
}

const REASONS: Readonly<Record<string, string>> = { ECONNREFUSED: 'nothing listens there', ENOTFOUND: 'there is no such host', EAI_AGAIN: 'the name cannot be resolved', EHOSTUNREACH: 'no way leads there' };

function reasonOf(error: Error): string {
  const code = 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? error.message;
}

/** A topic that is as it should be is not mentioned. */
async function topicFindings(clusters: KafkaClusters, plans: readonly Plan[]): Promise<readonly Finding[]> {
  const found = await Promise.all(plans.flatMap((plan) => topicsOf(plan).map((topic) => topicFinding(clusters, plan, topic))));
  const problems = found.flatMap((finding) => finding ?? []);
  return problems.filter(({ what }, i) => problems.findIndex((one) => one.what === what) === i);
}

async function topicFinding(clusters: KafkaClusters, plan: Plan, topic: string): Promise<Finding | null> {
  const what = `topic ${topic}`;
  try {
    if ((await clusters.of(plan).source.topic(topic)) !== null) return null;
    return fail(what, 'a job reads it, and it does not exist', `make it: sluice topic create ${topic}`);
  } catch (error) {
    if (!isError(error)) throw error;
    return fail(what, error.message, error.hint ?? 'allow this user to describe and read the topic');
  }
}

/** Topics made, listed and deleted, for the command line and for tests. */
import { isError, SluiceError } from '../../core/errors.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Cluster } from './cluster.ts';
import { brokerErrors, reading } from './failures.ts';
import { topicInfo, unknownTopic, withNearest } from './topics.ts';

const POLL_MS = 50;
const POLLS = 200;
/** As many as the cluster is set up to make. */
const DEFAULT_REPLICAS = -1;

/** Resolves when the topic can be read. Throws TOPIC_EXISTS, OPTION_INVALID, StoreError. */
export async function createTopic(cluster: Cluster, runtime: Runtime, name: string, partitions: number): Promise<void> {
  const call = { what: `create topic '${name}'`, unanswered: 'maybe', repeat: 'answered' } as const;
  await cluster.call(reading(call.what), ({ admin }) => admin.listApis()); // a cluster that cannot be reached has created nothing
  await cluster.call(call, ({ admin }) =>
    admin.createTopics({ topics: [name], partitions, replicas: DEFAULT_REPLICAS }).catch((error: unknown) => {
      throw refusal(error, name, partitions);
    }),
  );
  for (let poll = 0; !(await isThere(cluster, name)); poll++) {
    if (poll === POLLS) throw new SluiceError('TOPIC_UNKNOWN', { message: `topic '${name}' was created, but the cluster does not show it`, hint: 'Wait a little, then see `sluice topic list`.' });
    await runtime.sleep(POLL_MS);
  }
}

/** Resolves when the cluster no longer shows it. Throws TOPIC_UNKNOWN, StoreError. */
export async function deleteTopic(cluster: Cluster, runtime: Runtime, name: string): Promise<void> {
  if (!(await isThere(cluster, name))) throw await withNearest(unknownTopic(name), name, () => listTopics(cluster));
  const call = { what: `delete topic '${name}'`, unanswered: 'maybe', repeat: 'answered' } as const;
  await cluster.call(call, ({ admin }) => admin.deleteTopics({ topics: [name] }));
  for (let poll = 0; poll < POLLS && (await listTopics(cluster)).includes(name); poll++) await runtime.sleep(POLL_MS);
}

/** In the order of their names, without Kafka's own. */
export async function listTopics(cluster: Cluster): Promise<string[]> {
  return (await cluster.call(reading('list topics'), ({ admin }) => admin.listTopics())).toSorted();
}

/** With leaders that serve, of all its partitions. */
async function isThere(cluster: Cluster, name: string): Promise<boolean> {
  try {
    return (await cluster.call(reading(`describe topic '${name}'`), (clients) => topicInfo(clients, name))) !== null;
  } catch (error) {
    if (isError(error, 'TOPIC_UNKNOWN')) return false;
    throw error;
  }
}

function refusal(error: unknown, name: string, partitions: number): unknown {
  const answers = brokerErrors(error);
  const parts = (message: string) => ({ message, cause: error, details: { topic: name } });
  if (answers.includes('TOPIC_ALREADY_EXISTS')) return new SluiceError('TOPIC_EXISTS', parts(`topic '${name}' exists already`));
  if (answers.includes('INVALID_TOPIC_EXCEPTION')) {
    return new SluiceError('OPTION_INVALID', { ...parts(`'${name}' is no name of a topic`), hint: 'Use up to 249 letters, digits, dots, underscores and dashes.' });
  }
  if (answers.includes('INVALID_PARTITIONS')) return new SluiceError('OPTION_INVALID', parts(`a topic cannot have ${partitions} partitions`));
  return error;
}

/** The servers that the setup has started, as tests see them. Clients of the SDK find DynamoDB and S3 by the environment. */
import { join } from 'node:path';
import { kafkaProcess } from '../services/kafka.ts';
import type { ServiceName } from '../services/launch.ts';
import { down, up } from '../services/services.ts';

/** Names the directory of the services. */
export const DIRECTORY = 'SLUICE_SERVICES_DIR';

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run these tests by npm run test:real`);
  return value;
}

export const servers = {
  get dir(): string {
    return required(DIRECTORY);
  },
  /** `127.0.0.1:PORT`. */
  get kafka(): string {
    return required('KAFKA');
  },
  get dynamodb(): string {
    return required('AWS_ENDPOINT_URL_DYNAMODB');
  },
  get s3(): string {
    return required('AWS_ENDPOINT_URL_S3');
  },
} as const;

/** Stops a server, with SIGKILL if so wished, and starts it again with the same data and, as long as nobody else takes it, on the same port. */
export async function restart(name: ServiceName, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  await halt(name, signal);
  await start(name);
}

export async function halt(name: ServiceName, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  const stopped = await down({ dir: servers.dir, names: [name] }, signal);
  if (!stopped.has(name)) throw new Error(`${name} did not run`);
}

export async function start(name: ServiceName): Promise<void> {
  const { absent } = await up({ dir: servers.dir, names: [name] });
  for (const { why } of absent) throw new Error(`${name}: ${why}`);
}

/** Kafka's own tools, below `org.apache.kafka.tools`. */
export const TOOLS = { topics: 'TopicCommand', groups: 'consumer.group.ConsumerGroupCommand', consumer: 'consumer.ConsoleConsumer', producer: 'ConsoleProducer' } as const;

/** Runs one of Kafka's own tools against the broker and returns what it prints. */
export async function kafkaTool(name: keyof typeof TOOLS, args: readonly string[], input?: string): Promise<string> {
  const { tool } = await kafkaProcess({ dir: join(servers.dir, 'kafka') });
  return tool(`org.apache.kafka.tools.${TOOLS[name]}`, ['--bootstrap-server', servers.kafka, ...args], input);
}

/** A group as `kafka-consumer-groups --describe` shows it. */
export interface GroupOffset {
  readonly topic: string;
  readonly partition: number;
  readonly current: number;
  readonly end: number;
}

/** The committed offsets of a group. */
export async function groupOffsets(group: string): Promise<readonly GroupOffset[]> {
  const lines = (await kafkaTool('groups', ['--describe', '--group', group])).split('\n').map((line) => line.trim().split(/\s+/));
  return lines.flatMap(([name, topic, partition, current, end]) =>
    name === group && topic !== undefined && current !== '-' ? [{ topic, partition: Number(partition), current: Number(current), end: Number(end) }] : [],
  );
}

/** A real Apache Kafka of one node (KRaft), on free loopback ports, with data and logs in a directory of the caller. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { exists, sleep } from './cache.ts';
import { jarsOf } from './maven.ts';
import { KAFKA_VERSION, LOG4J_VERSION } from './versions.ts';

const run = promisify(execFile);

const JARS = [
  `org.apache.kafka:kafka_2.13:${KAFKA_VERSION}`,
  `org.apache.kafka:kafka-tools:${KAFKA_VERSION}`,
  `org.apache.logging.log4j:log4j-slf4j-impl:${LOG4J_VERSION}`,
  `org.apache.logging.log4j:log4j-core:${LOG4J_VERSION}`,
];
const START_MS = 60_000;
const STOP_MS = 15_000;
const TOOL_MS = 60_000;
const POLL_MS = 50;
const STARTED = 'Kafka Server started';

/** A listener beside the plain one, for tests of TLS and SASL. */
export interface Listener {
  readonly name: string;
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  /** Broker settings below `listener.name.<name>.`: key store, SASL mechanisms, JAAS. */
  readonly properties?: Readonly<Record<string, string>>;
}

export interface KafkaParts {
  /** Made if it is not there; a directory that was used before keeps its topics and ports. */
  readonly dir: string;
  readonly listeners?: readonly Listener[];
  /** More broker settings. */
  readonly properties?: Readonly<Record<string, string>>;
}

export interface RunningKafka {
  /** `127.0.0.1:PORT` of the plain listener. */
  readonly bootstrap: string;
  /** The same of every other listener, by name. */
  readonly bootstrapOf: Readonly<Record<string, string>>;
  /** Of the broker that runs now. */
  readonly pid: number;
  stop(): Promise<void>;
  /** Kills it without warning (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again, after stopping it if it runs: same ports, same data. */
  restart(): Promise<void>;
  /** Runs one of Kafka's own tools, `org.apache.kafka.tools.TopicCommand` for one, and returns what it prints. */
  tool(mainClass: string, args: readonly string[], input?: string): Promise<string>;
}

/** Resolves once the broker serves. */
export async function startKafka(parts: KafkaParts): Promise<RunningKafka> {
  const { java, ports } = await prepared(parts);
  return running(java, parts, ports);
}

/** What to run for a broker, for those who keep the process themselves, and its tools. */
export interface KafkaProcess {
  readonly bootstrap: string;
  /** Of `java`. */
  readonly args: readonly string[];
  /** What it prints once it serves. */
  readonly started: string;
  tool: RunningKafka['tool'];
}

export async function kafkaProcess(parts: KafkaParts): Promise<KafkaProcess> {
  const { java, ports } = await prepared(parts);
  return { bootstrap: address(ports, PLAIN), args: java('kafka.Kafka', [configOf(parts)]), started: STARTED, tool: toolOf(java) };
}

const configOf = ({ dir }: KafkaParts): string => join(dir, 'server.properties');

async function prepared(parts: KafkaParts): Promise<{ java: Java; ports: Ports }> {
  const lib = await jarsOf('kafka', JARS);
  await mkdir(parts.dir, { recursive: true });
  const ports = await portsOf(parts);
  const config = configOf(parts);
  await writeFile(config, serverProperties(parts, ports));
  await writeFile(join(parts.dir, 'log4j2.properties'), LOG4J);
  const java = javaOf(lib, parts.dir);
  if (!(await exists(join(parts.dir, 'data', 'meta.properties')))) await format(java, config);
  return { java, ports };
}

type Ports = Readonly<Record<string, number>>;
const PLAIN = 'PLAIN';
const CONTROLLER = 'CONTROLLER';

/** Ports are kept with the data, so that clients find the broker again. */
async function portsOf({ dir, listeners = [] }: KafkaParts): Promise<Ports> {
  const file = join(dir, 'ports.json');
  const known: Record<string, number> = (await exists(file)) ? JSON.parse(await readFile(file, 'utf8')) : {};
  for (const name of [PLAIN, CONTROLLER, ...listeners.map((l) => l.name)]) known[name] ??= await freePort();
  await writeFile(file, JSON.stringify(known));
  return known;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1');
  return address.port;
}

const address = (ports: Ports, name: string): string => `127.0.0.1:${ports[name]}`;

function serverProperties({ dir, listeners = [], properties = {} }: KafkaParts, ports: Ports): string {
  const names = [PLAIN, CONTROLLER, ...listeners.map((l) => l.name)];
  const protocols = [`${PLAIN}:PLAINTEXT`, `${CONTROLLER}:PLAINTEXT`, ...listeners.map((l) => `${l.name}:${l.protocol}`)];
  const clients = names.filter((name) => name !== CONTROLLER);
  const own = listeners.flatMap((l) => Object.entries(l.properties ?? {}).map(([key, value]) => [`listener.name.${l.name.toLowerCase()}.${key}`, value] as const));
  const all: Readonly<Record<string, string | number>> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${address(ports, CONTROLLER)}`,
    'controller.listener.names': CONTROLLER,
    listeners: names.map((name) => `${name}://${address(ports, name)}`).join(','),
    'advertised.listeners': clients.map((name) => `${name}://${address(ports, name)}`).join(','),
    'listener.security.protocol.map': protocols.join(','),
    'inter.broker.listener.name': PLAIN,
    'log.dirs': join(dir, 'data'),
    'auto.create.topics.enable': 'true', // as many clusters have it: clients must not create topics by asking
    'group.initial.rebalance.delay.ms': 0,
    ...ONE_NODE,
    ...properties,
    ...Object.fromEntries(own),
  };
  return `${Object.entries(all).map(([key, value]) => `${key}=${value}`).join('\n')}\n`;
}

const ONE_NODE = {
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 4,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'share.coordinator.state.topic.num.partitions': 4,
};

const LOG4J = `status=error
appender.out.type=Console
appender.out.name=out
appender.out.target=SYSTEM_ERR
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{HH:mm:ss.SSS} %p %m (%c{1})%n
rootLogger.level=\${sys:kafka.log.level:-info}
rootLogger.appenderRef.out.ref=out
`;

type Java = (mainClass: string, args: readonly string[]) => readonly string[];

const javaOf = (lib: string, dir: string): Java => (mainClass, args) => [
  '-Xmx256m',
  '-Djava.net.preferIPv4Stack=true',
  `-Dlog4j2.configurationFile=${join(dir, 'log4j2.properties')}`,
  '-cp',
  join(lib, '*'),
  mainClass,
  ...args,
];

/** 22 characters; one that begins with '-' is taken for an option, so the first bit, and with it that character, is left out. */
export function clusterId(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString('base64url');
}

async function format(java: Java, config: string): Promise<void> {
  await run('java', [...java('kafka.tools.StorageTool', ['format', '-t', clusterId(), '-c', config])], { timeout: TOOL_MS });
}

async function running(java: Java, parts: KafkaParts, ports: Ports): Promise<RunningKafka> {
  let child = await start(java, parts.dir);
  const stop = (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => stopped(child, signal);
  return {
    bootstrap: address(ports, PLAIN),
    bootstrapOf: Object.fromEntries((parts.listeners ?? []).map(({ name }) => [name, address(ports, name)])),
    get pid() {
      return child.pid ?? 0;
    },
    stop: () => stop('SIGTERM'),
    kill: () => stop('SIGKILL'),
    restart: async () => {
      await stop('SIGTERM');
      child = await start(java, parts.dir);
    },
    tool: toolOf(java),
  };
}

/** Runs in this process group: nothing of it outlives an interrupted test run. */
async function start(java: Java, dir: string): Promise<ChildProcess> {
  const file = join(dir, 'kafka.log');
  const log = openSync(file, 'w');
  const child = spawn('java', [...java('kafka.Kafka', [join(dir, 'server.properties')])], { stdio: ['ignore', log, log] });
  closeSync(log);
  const deadline = Date.now() + START_MS;
  while (!(await readFile(file, 'utf8')).includes(STARTED)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stopped(child, 'SIGKILL');
      throw new Error(`Kafka did not start (${file}):\n${(await readFile(file, 'utf8')).split('\n').slice(-12).join('\n')}`);
    }
    await sleep(POLL_MS);
  }
  return child;
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

async function stopped(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (!isRunning(child)) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exit;
  clearTimeout(late);
}

const toolOf = (java: Java): RunningKafka['tool'] => (mainClass, args, input = '') => tool(['-Dkafka.log.level=error', ...java(mainClass, args)], input);

async function tool(args: readonly string[], input: string): Promise<string> {
  const running = run('java', [...args], { timeout: TOOL_MS, maxBuffer: 64 * 1024 * 1024 });
  running.child.stdin?.end(input);
  return (await running).stdout;
}

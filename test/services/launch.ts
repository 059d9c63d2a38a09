/** How the servers start, one function each: what to run, where it answers, and how to see that it does. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from './cache.ts';
import { freePort, kafkaProcess } from './kafka.ts';
import { jarsOf } from './maven.ts';
import { demand } from './prerequisites.ts';
import { DYNAMODB_LOCAL_VERSION, KAFKA_VERSION, MINISTACK_VERSION } from './versions.ts';

const run = promisify(execFile);
const INSTALL_MS = 300_000;

export const SERVICES = ['kafka', 'dynamodb', 's3'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** A process to start. */
export interface Launch {
  /** What runs, with its version. */
  readonly engine: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** `127.0.0.1:PORT` of Kafka, a URL of the others. */
  readonly endpoint: string;
  /** Whether it serves; `log` is what it has printed so far. */
  isReady(log: string): Promise<boolean>;
}

/** DynamoDB Local is AWS's own and slower; dynoxide is a native binary from npm that starts at once. */
export type DynamoEngine = 'local' | 'dynoxide';

/** Fetches what is missing. Throws an error that says what has to be installed, before anything runs. */
export const LAUNCHES: Readonly<Record<ServiceName, (dir: string, dynamo: DynamoEngine) => Promise<Launch>>> = {
  kafka: launchKafka,
  dynamodb: (dir, dynamo) => (dynamo === 'local' ? launchDynamoLocal(dir) : launchDynoxide(dir)),
  s3: launchS3,
};

async function launchKafka(dir: string): Promise<Launch> {
  const { bootstrap, args, started } = await kafkaProcess({ dir });
  return { engine: `Apache Kafka ${KAFKA_VERSION}`, command: 'java', args, env: {}, endpoint: bootstrap, isReady: async (log) => log.includes(started) };
}

/** It listens on all interfaces and has no option for that. */
async function launchDynamoLocal(dir: string): Promise<Launch> {
  const lib = await jarsOf('dynamodb-local', [`software.amazon.dynamodb:DynamoDBLocal:${DYNAMODB_LOCAL_VERSION}`]);
  const port = await keptPort(dir);
  const java = ['-Xmx256m', '-Djava.net.preferIPv4Stack=true', `-Djava.library.path=${lib}`, '-cp', join(lib, '*')];
  const server = ['software.amazon.dynamodb.services.local.main.ServerRunner', '-sharedDb', '-dbPath', dir, '-port', String(port)];
  return { engine: `DynamoDB Local ${DYNAMODB_LOCAL_VERSION}`, command: 'java', args: [...java, ...server], env: { DDB_LOCAL_TELEMETRY: '0' }, ...http(port, '/') };
}

async function launchDynoxide(dir: string): Promise<Launch> {
  const command = new URL('../../node_modules/@dynoxide/linux-x64/dynoxide', import.meta.url).pathname;
  if (!existsSync(command)) throw new Error('dynoxide comes with npm ci, for Linux on x64 only: leave out --dynamodb dynoxide');
  const port = await keptPort(dir);
  return { engine: 'dynoxide', command, args: ['serve', '--host', '127.0.0.1', '--port', String(port), '--db-path', join(dir, 'dynoxide.db')], env: {}, ...http(port, '/') };
}

/** MiniStack emulates much of AWS; only its S3 is used here. It listens on all interfaces unless it is told otherwise. */
async function launchS3(dir: string): Promise<Launch> {
  return launchMiniStack(dir, { SERVICES: 's3', S3_PERSIST: '1', S3_DATA_DIR: join(dir, 'objects'), STATE_DIR: join(dir, 'state'), PERSIST_STATE: '1' });
}

/** All that it emulates, unless `settings` say otherwise; kept in memory only. */
export async function launchMiniStack(dir: string, settings: Readonly<Record<string, string>>): Promise<Launch> {
  const venv = await cached(join('python', `ministack-${MINISTACK_VERSION}`), installMiniStack);
  const port = await keptPort(dir);
  const env = { BIND_HOST: '127.0.0.1', GATEWAY_PORT: String(port), ...settings };
  return { engine: `MiniStack ${MINISTACK_VERSION}`, command: join(venv, 'bin', 'python3'), args: ['-m', 'ministack'], env, ...http(port, '/_ministack/health') };
}

async function installMiniStack(work: string): Promise<void> {
  const missing = 's3 needs Python 3.10 or newer with venv: install it (Debian: apt-get install python3-venv)';
  await demand('python3', ['-c', 'import sys, venv, ensurepip; assert sys.version_info >= (3, 10)'], missing);
  await run('python3', ['-m', 'venv', work], { timeout: INSTALL_MS });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `ministack==${MINISTACK_VERSION}`];
  await run(join(work, 'bin', 'python3'), pip, { timeout: INSTALL_MS }).catch((cause: unknown) => {
    throw new Error(`pip cannot install ministack ${MINISTACK_VERSION}: is there a network, and PyPI or a mirror of it?`, { cause });
  });
}

export const http = (port: number, path: string): Pick<Launch, 'endpoint' | 'isReady'> => {
  const endpoint = `http://127.0.0.1:${port}`;
  // Any answer will do: DynamoDB refuses a bare GET.
  return { endpoint, isReady: () => fetch(endpoint + path).then(() => true, () => false) };
};

/** The port of the last time, so that clients find the server again, or another one if that is taken. */
export async function keptPort(dir: string): Promise<number> {
  await mkdir(dir, { recursive: true });
  const file = join(dir, 'port');
  const last = Number(await readFile(file, 'utf8').catch(() => '0'));
  const port = last > 0 && (await isFree(last)) ? last : await freePort();
  await writeFile(file, String(port));
  return port;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isBound = await new Promise<boolean>((resolve) => server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)));
  if (isBound) await new Promise((resolve) => server.close(resolve));
  return isBound;
}

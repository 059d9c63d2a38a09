/** Apache Iceberg's own REST catalog: the fixture of its test suite, which other projects test against, too. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep } from './cache.ts';
import { freePort } from './kafka.ts';
import { jarsOf } from './maven.ts';
import { ICEBERG_HADOOP_VERSION, ICEBERG_VERSION, JETTY_VERSION } from './versions.ts';

const JARS = [
  `org.apache.iceberg:iceberg-open-api:${ICEBERG_VERSION}:test-fixtures`,
  `org.apache.iceberg:iceberg-core:${ICEBERG_VERSION}`,
  `org.apache.iceberg:iceberg-core:${ICEBERG_VERSION}:tests`,
  `org.apache.hadoop:hadoop-client-api:${ICEBERG_HADOOP_VERSION}`,
  `org.apache.hadoop:hadoop-client-runtime:${ICEBERG_HADOOP_VERSION}`,
  `org.eclipse.jetty:jetty-server:${JETTY_VERSION}`,
  `org.eclipse.jetty:jetty-servlet:${JETTY_VERSION}`,
  'org.xerial:sqlite-jdbc:3.47.1.0',
  'org.slf4j:slf4j-simple:2.0.16',
];
const START_MS = 60_000;
const STOP_MS = 15_000;
const POLL_MS = 100;

export interface RunningCatalog {
  /** `http://127.0.0.1:PORT`. */
  readonly uri: string;
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again on the same port, over the same tables. */
  start(): Promise<void>;
}

/**
 * `jdbc` keeps its tables in SQLite; `hadoop` serves a directory in the layout of HadoopCatalog, whoever wrote it. `warehouse` is an absolute path,
 * `dir` is for the log and SQLite. It listens on all interfaces: the fixture opens its server by the port alone (`new Server(port)` of Jetty), and no
 * property or variable gives that a host. Run it where nobody else reaches its ports.
 */
export async function startIcebergRest({ dir, warehouse, kind }: { dir: string; warehouse: string; kind: 'jdbc' | 'hadoop' }): Promise<RunningCatalog> {
  const lib = await jarsOf('iceberg-rest', JARS);
  await mkdir(warehouse, { recursive: true });
  await mkdir(dir, { recursive: true });
  const port = await freePort();
  const env = { ...process.env, CATALOG_REST_PORT: String(port), CATALOG_WAREHOUSE: `file://${warehouse}`, CATALOG_IO__IMPL: 'org.apache.iceberg.hadoop.HadoopFileIO', ...(kind === 'jdbc' ? jdbc(dir) : HADOOP) };
  let child = await started(lib, env, dir);
  return {
    uri: `http://127.0.0.1:${port}`,
    stop: (signal = 'SIGTERM') => stopped(child, signal),
    start: async () => {
      child = await started(lib, env, dir);
    },
  };
}

const HADOOP = { CATALOG_CATALOG__IMPL: 'org.apache.iceberg.hadoop.HadoopCatalog' };
const jdbc = (dir: string) => ({ CATALOG_CATALOG__IMPL: 'org.apache.iceberg.jdbc.JdbcCatalog', CATALOG_URI: `jdbc:sqlite:${join(dir, 'catalog.db')}` });

async function started(lib: string, env: NodeJS.ProcessEnv, dir: string): Promise<ChildProcess> {
  const file = join(dir, 'iceberg-rest.log');
  const log = openSync(file, 'w');
  const child = spawn('java', ['-Xmx256m', '-Djava.net.preferIPv4Stack=true', '-cp', join(lib, '*'), 'org.apache.iceberg.rest.RESTCatalogServer'], { env, stdio: ['ignore', log, log] });
  closeSync(log);
  const deadline = Date.now() + START_MS;
  while (!(await answers(`http://127.0.0.1:${env['CATALOG_REST_PORT']}/v1/config`))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stopped(child, 'SIGKILL');
      throw new Error(`the Iceberg catalog did not start (${file}):\n${(await readFile(file, 'utf8')).split('\n').slice(-12).join('\n')}`);
    }
    await sleep(POLL_MS);
  }
  return child;
}

const answers = (url: string): Promise<boolean> => fetch(url).then(({ ok }) => ok, () => false);

async function stopped(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exit;
  clearTimeout(late);
}

/** Jars of real servers: Maven coordinates, resolved once per machine into a directory of the user's cache. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sluice', 'jars');
const RESOLVE_MS = 300_000;
const POLL_MS = 200;

/**
 * Directory that holds the jars of `coordinates` (`group:artifact:version[:classifier]`) and of all they need at run time. Of several processes that
 * ask at once one resolves and the others wait. Throws an error that names what is missing: Java, Maven, or the network.
 */
export async function jarsOf(name: string, coordinates: readonly string[]): Promise<string> {
  const digest = createHash('sha256').update(coordinates.join('\n')).digest('hex').slice(0, 12);
  const dir = join(CACHE, `${name}-${digest}`);
  const deadline = Date.now() + RESOLVE_MS;
  await mkdir(CACHE, { recursive: true });
  while (!(await exists(dir))) {
    if (await takeLock(dir)) await resolveOnce(name, dir, coordinates).finally(() => rm(lockOf(dir), { force: true }));
    else if (Date.now() > deadline) throw new Error(`${name}: another process has been resolving its jars for too long; remove ${lockOf(dir)} if it is gone`);
    else await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return dir;
}

const lockOf = (dir: string): string => `${dir}.lock`;
const exists = (path: string): Promise<boolean> => stat(path).then(() => true, () => false);

/** The lock names its process; that of a process which is gone is taken away, and the next turn competes for a new one. */
async function takeLock(dir: string): Promise<boolean> {
  try {
    await writeFile(lockOf(dir), String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    const holder = Number(await readFile(lockOf(dir), 'utf8').catch(() => '0'));
    if (holder > 0 && !isAlive(holder)) await rm(lockOf(dir), { force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function resolveOnce(name: string, dir: string, coordinates: readonly string[]): Promise<void> {
  if (await exists(dir)) return;
  await demand('java', ['-version'], `${name} needs Java 17 or newer: install a JDK (Debian: apt-get install openjdk-17-jre-headless)`);
  await demand('mvn', ['-version'], `${name} comes from Maven Central: install Maven (Debian: apt-get install maven)`);
  const work = await mkdtemp(`${dir}.tmp-`);
  try {
    await writeFile(join(work, 'pom.xml'), pomOf(coordinates));
    await copyDependencies(name, work);
    await rename(join(work, 'lib'), dir);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function demand(command: string, args: readonly string[], missing: string): Promise<void> {
  await run(command, [...args]).catch((cause: unknown) => {
    throw new Error(missing, { cause });
  });
}

async function copyDependencies(name: string, work: string): Promise<void> {
  const args = ['-B', '-q', '-f', join(work, 'pom.xml'), 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${join(work, 'lib')}`];
  await run('mvn', args, { timeout: RESOLVE_MS }).catch((cause: unknown) => {
    const said = cause instanceof Error && 'stdout' in cause ? String(cause.stdout).split('\n').slice(0, 5).join('\n') : String(cause);
    throw new Error(`Maven cannot fetch the jars of ${name}: is there a network, and Maven Central or a mirror of it?\n${said}`, { cause });
  });
}

function pomOf(coordinates: readonly string[]): string {
  const dependencies = coordinates.map((coordinate) => {
    const [group, artifact, version, classifier] = coordinate.split(':');
    const kind = classifier === undefined ? '' : `<classifier>${classifier}</classifier>`;
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${kind}</dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependencies.join('\n')}</dependencies></project>
`;
}

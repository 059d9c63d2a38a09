/** Jars of real servers: Maven coordinates, resolved once per machine into a directory of the user's cache. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from './cache.ts';
import { demand, demandJava } from './prerequisites.ts';

const run = promisify(execFile);

const RESOLVE_MS = 300_000;

/**
 * Directory that holds the jars of `coordinates` (`group:artifact:version[:classifier]`) and of all they need at run time; of those that
 * end with `@jar`, as Gradle has it, the jar alone. Of several processes that
 * ask at once one resolves and the others wait. Throws an error that names what is missing: Java, Maven, or the network.
 */
export async function jarsOf(name: string, coordinates: readonly string[]): Promise<string> {
  await demandJava(name);
  const digest = createHash('sha256').update(coordinates.join('\n')).digest('hex').slice(0, 12);
  return cached(join('jars', `${name}-${digest}`), (work) => resolve(name, work, coordinates));
}

async function resolve(name: string, work: string, coordinates: readonly string[]): Promise<void> {
  await demand('mvn', ['-version'], `${name} comes from Maven Central: install Maven (Debian: apt-get install maven)`);
  await writeFile(join(work, 'pom.xml'), pomOf(coordinates));
  await copyDependencies(name, work);
}

async function copyDependencies(name: string, work: string): Promise<void> {
  const args = ['-B', '-q', '-f', join(work, 'pom.xml'), 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${work}`];
  await run('mvn', args, { timeout: RESOLVE_MS }).catch((cause: unknown) => {
    const said = cause instanceof Error && 'stdout' in cause ? String(cause.stdout).split('\n').slice(0, 5).join('\n') : String(cause);
    throw new Error(`Maven cannot fetch the jars of ${name}: is there a network, and Maven Central or a mirror of it?\n${said}`, { cause });
  });
}

function pomOf(coordinates: readonly string[]): string {
  const dependencies = coordinates.map((coordinate) => {
    const [path = '', alone] = coordinate.split('@');
    const [group, artifact, version, classifier] = path.split(':');
    const kind = classifier === undefined ? '' : `<classifier>${classifier}</classifier>`;
    const needs = alone === undefined ? '' : '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>';
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${kind}${needs}</dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependencies.join('\n')}</dependencies></project>
`;
}

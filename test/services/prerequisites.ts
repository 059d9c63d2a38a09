/** What has to be on a machine before a service can start, and what to do where it is not. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Throws an error that says `missing` if the command cannot be run. */
export async function demand(command: string, args: readonly string[], missing: string): Promise<void> {
  await run(command, [...args]).catch((cause: unknown) => {
    throw new Error(missing, { cause });
  });
}

export const demandJava = (service: string): Promise<void> =>
  demand('java', ['-version'], `${service} needs Java 17 or newer: install a JDK (Debian: apt-get install openjdk-17-jre-headless)`);

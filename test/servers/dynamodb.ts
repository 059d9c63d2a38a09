/** Servers that speak DynamoDB and need nothing but npm. */
import dynalite from 'dynalite';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, listen, type RunningServer } from './listening.ts';

/** In this process, in memory. */
export const startDynalite = (): Promise<RunningServer> => listen(dynalite({ createTableMs: 0 }));

/** The binary of the optional package, or null where that is not installed (it exists for Linux on x64). */
export function dynoxideBinary(): string | null {
  try {
    return createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide');
  } catch {
    return null;
  }
}

/** In a process of its own, in memory. */
export async function startDynoxide(binary: string): Promise<RunningServer> {
  const port = await freePort();
  const child = spawn(binary, ['serve', '--host', '127.0.0.1', '--port', String(port)], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  for (let tries = 0; !(await isListening(port)); tries++) {
    if (tries === 100 || child.exitCode !== null) throw new Error(`dynoxide does not listen on port ${port}`);
    await delay(50);
  }
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });

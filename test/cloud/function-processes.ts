/** Processes of functions: emulators run each sandbox as one on this machine, which has the function's name in its environment. */
import { readdir, readFile } from 'node:fs/promises';

/** Kills all sandboxes of a function with SIGKILL; false if there was none. */
export async function killFunction(name: string): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => ((await isOf(pid, name)) ? [pid] : [])));
  return found.flat().filter(kill).length > 0;
}

async function isOf(pid: number, name: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  return environment.split('\0').includes(`AWS_LAMBDA_FUNCTION_NAME=${name}`);
}

/** It may be gone by itself. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

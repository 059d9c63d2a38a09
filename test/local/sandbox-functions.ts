/** Functions for tests of sandboxes, written as a module into a directory of the test. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { LocalFunctions } from '../../lib/local/sandbox/local-functions.ts';
import type { FunctionOptions } from '../../lib/local/sandbox/local-function.ts';
import { temporaryDirectory } from '../adapters/temporary.ts';

/** What the event asks for; `count` says how many events this process has had. */
export const MODULE = `
import { appendFileSync } from 'node:fs';
let count = 0;
let ticks = 0;
setInterval(() => ticks++, 5);
export const handler = async (event, context) => {
  count++;
  if (event.mark) appendFileSync(event.mark, 'begun ');
  if (event.exit !== undefined) process.exit(event.exit);
  if (event.fail) throw Object.assign(new Error(event.fail), { name: 'FailureOfTheTest' });
  if (event.print) console.log(event.print);
  if (event.sleep) await new Promise((resolve) => setTimeout(resolve, event.sleep));
  if (event.mark) appendFileSync(event.mark, 'done ');
  return { count, ticks, pid: process.pid, arn: context.invokedFunctionArn, left: context.getRemainingTimeInMillis(), requestId: context.awsRequestId,
    name: process.env.AWS_LAMBDA_FUNCTION_NAME, root: process.env.LAMBDA_TASK_ROOT, secret: process.env.SECRET };
};`;

export interface Answer {
  readonly count: number;
  readonly ticks: number;
  readonly pid: number;
  readonly arn: string;
  readonly left: number;
  readonly requestId: string;
  readonly name: string;
  readonly root: string;
  readonly secret?: string;
}

export const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:worker:alias';

export interface Hosted {
  readonly functions: LocalFunctions;
  readonly dir: string;
  readonly lines: string[];
}

export function host(options: Partial<FunctionOptions> = {}): Hosted {
  const dir = temporaryDirectory();
  const module = join(dir, 'index.mjs');
  writeFileSync(module, MODULE);
  const lines: string[] = [];
  const worker: FunctionOptions = { module, environment: {}, timeoutMs: 5000, memoryMb: 128, concurrency: 1, retries: 2, ...options };
  const functions = new LocalFunctions({ functions: { worker }, onLine: (_, line) => lines.push(line) });
  onTestFinished(() => functions.close());
  return { functions, dir, lines };
}

/** Of an invocation that succeeds. */
export async function call({ functions }: Pick<Hosted, 'functions'>, event: object = {}): Promise<Answer> {
  const invocation = await functions.invoke({ functionArn: ARN, payload: JSON.stringify(event), type: 'RequestResponse' });
  if (invocation.kind === 'error') throw new Error(`${invocation.errorType}: ${invocation.message}`);
  const answer: Answer = JSON.parse(invocation.payload);
  return answer;
}

/** Whether a process is there; one that is a zombie of the system is not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function until(condition: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited in vain until ${what}`);
}

/** Emitters as processes of their own, two at a time on one table, that are killed and start again until all FIREs are durable. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SinkNode } from '../../../lib/core/plan.ts';
import type { Prng } from '../../simulation/prng.ts';

const PROGRAM = new URL('emitter.ts', import.meta.url).pathname;
const LIVES_MAX = 200;

export interface EmittersParts {
  readonly node: SinkNode;
  readonly fires: number;
  /** So many processes of each emitter are killed before one may come to its end. */
  readonly kills: number;
  readonly prng: Prng;
}

/** Returns how many processes were killed. */
export async function emitAll(parts: EmittersParts): Promise<number> {
  const killed = await Promise.all([1, 2].map(() => emitToEnd(parts)));
  return killed.reduce((a, b) => a + b, 0);
}

/** One emitter through all of its lives. It goes on behind what it knows to be durable, or some FIREs before: an older hint. */
async function emitToEnd({ node, fires, kills, prng }: EmittersParts): Promise<number> {
  let durable = 0;
  let killed = 0;
  for (let life = 0; durable < fires; life++) {
    if (life === LIVES_MAX) throw new Error(`${durable} of ${fires} FIREs are durable after ${life} lives`);
    const from = Math.max(1, durable + 1 - prng.below(3));
    const child = spawn(process.execPath, [PROGRAM, JSON.stringify(node), String(from), String(fires)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    let told = 0;
    createInterface({ input: child.stdout }).on('line', (line) => {
      durable = Math.max(durable, Number(line));
      told++;
    });
    if (killed < kills && (await struck(child, () => told, prng))) killed++;
    const [code, signal] = await ended;
    if (code !== 0 && signal !== 'SIGKILL') throw new Error(`an emitter ended with ${code ?? signal}`);
  }
  return killed;
}

/** Kills in the middle of the FIREs: after some of them, and a moment that is drawn. */
async function struck(child: ChildProcess, told: () => number, prng: Prng): Promise<boolean> {
  const after = 1 + prng.below(6);
  while (child.exitCode === null && told() < after) await sleep(1);
  await sleep(prng.below(15));
  return child.exitCode === null && child.kill('SIGKILL');
}

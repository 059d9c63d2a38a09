/**
 * Emits FIREs into a table, as a firer does that was killed and starts again: `node emitter.ts NODE FROM TO`. It writes the number of each FIRE
 * that is durable on a line of its own, and repeats what the sink cannot take now.
 */
import { isError } from '../../../lib/core/errors.ts';
import { nodeRuntime } from '../../../lib/adapters/node/runtime.ts';
import { fireNumber, generation } from '../../../lib/core/numbers.ts';
import type { SinkNode } from '../../../lib/core/plan.ts';
import { openSinks } from '../../../lib/place/sinks.ts';
import { JOB, rowsOf } from './rows.ts';

const [text = '', from = '', to = ''] = process.argv.slice(2);
const node: SinkNode = JSON.parse(text);
const sink = await openSinks(nodeRuntime, () => {}).open(JOB, node);
process.stdin.once('end', () => process.exit(1)).resume(); // a test that was killed leaves no emitter behind

for (let f = Number(from); f <= Number(to); f++) {
  while (!(await isDurable(f))) await nodeRuntime.sleep(50);
  process.stdout.write(`${f}\n`);
}
process.exit(0);

async function isDurable(f: number): Promise<boolean> {
  try {
    await sink.emit({ g: generation(0), f: fireNumber(f), pf: f === 1 ? null : fireNumber(f - 1), rows: rowsOf(f) });
    return true;
  } catch (error) {
    if (isError(error, 'SINK_UNAVAILABLE')) return false;
    throw error;
  }
}

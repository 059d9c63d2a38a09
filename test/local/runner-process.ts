/** A runner as a process of its own: `node runner-process.ts DIR`. It runs until it is killed. */
import { openEmbedded } from '../../lib/adapters/embedded/index.ts';
import { runUp } from '../../lib/local/runner.ts';

const [dir] = process.argv.slice(2);
if (dir === undefined) throw new Error('usage: runner-process.ts DIR');
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
const ports = openEmbedded(dir, { create: false });
await runUp(ports, {
  once: false,
  signal: stop.signal,
  onEvent: (event) => {
    if ('error' in event && event.error !== null) console.log(`${event.kind} ${event.error.code}: ${event.error.message}`);
  },
});
ports.close();

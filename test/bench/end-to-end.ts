/** (b) An embedded topic end to end: `node end-to-end.ts KEYS RECORDS DIR`. A process of its own, so that its peak memory is its own. */
import { openEmbedded } from '../../lib/place/embedded.ts';
import { createJob, runToEnd } from './embedded-job.ts';
import { measure, millions, peakRss } from './measure.ts';

const [keys, records, dir] = process.argv.slice(2);
if (dir === undefined) throw new Error('usage: end-to-end.ts KEYS RECORDS DIR');
const ports = openEmbedded(dir, { create: true });
const id = await createJob(ports, dir);
const run = await measure(() => runToEnd(ports));
const log = await ports.log.readAfter(`J#${id}#g0#P0.0.0`, 0, Number.MAX_SAFE_INTEGER);
const bytes = log.items.reduce((n, item) => n + (item.data?.length ?? 0), 0);
const count = Number(records);
console.log(
  `  ${String(keys).padStart(6)} keys: ${millions(count / run.seconds)}, ${millions(count / run.cpuSeconds)} per CPU s, peak RSS ${peakRss().toFixed(0)} MB, ` +
    `${log.items.length} commits of ${Math.round(bytes / log.items.length)} bytes, ${run.value} fires with rows`,
);
ports.close();

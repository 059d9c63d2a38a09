/**
 * What a function with state costs: one ValueState that is read and updated per event, from the bytes of the records to the state, by writer and firer, with
 * their entries, FIREs and CHECKPOINTs in memory. A process per number of keys. The bare decode of the same records takes turns with it: compare ratios.
 */
import { bareDecode } from './bare-decode.ts';
import { measure, millions, peakRss } from './measure.ts';
import { RATE_PER_S, StateJob } from './state-job.ts';

const BATCH = 10_000;
/** Of processing time: two checkpoints come in it. */
const SECONDS = 120;

const keys = Number(process.argv[2] ?? 1000);
const runsIn = process.argv[3] === 'writer' ? 'writer' : 'firer';
const job = await StateJob.start(keys, runsIn);
for (let i = 0; i < Math.max(20, keys / BATCH); i++) {
  await job.write(job.draw(BATCH));
  await job.step(BATCH);
}
const before = await job.checkpoints();
const spent = { writer: 0, firer: 0, bare: 0 };
const rounds = (SECONDS * RATE_PER_S) / BATCH;
for (let i = 0; i < rounds; i++) {
  const batch = job.draw(BATCH);
  spent.writer += (await measure(() => job.write(batch))).cpuSeconds;
  spent.firer += (await measure(() => job.step(BATCH))).cpuSeconds;
  spent.bare += (await measure(() => bareDecode(batch))).cpuSeconds;
}
const perSecond = (seconds: number): number => (rounds * BATCH) / seconds;
const [own, bare] = [perSecond(spent.writer + spent.firer), perSecond(spent.bare)];
const checkpoints = (await job.checkpoints()) - before;
console.log(
  `  ${String(job.keys).padStart(7)} keys, in the ${runsIn}: ${millions(own)} per CPU s (writer ${millions(perSecond(spent.writer))}, firer ${millions(perSecond(spent.firer))}), ` +
    `${checkpoints} checkpoints; bare decode ${millions(bare)}, ${((own / bare) * 100).toFixed(0)} % of it; ${peakRss().toFixed(0)} MB`,
);

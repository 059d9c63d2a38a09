/** (c) A savepoint of N keys while the job runs, and the resume from it: `node savepoint-bench.ts KEYS DIR`. By phase. */
import { join } from 'node:path';
import { requestResume } from '../../lib/engine/lifecycle/start.ts';
import { advanceSavepoint, requestSavepoint } from '../../lib/engine/lifecycle/savepoint.ts';
import { requestCancel } from '../../lib/engine/lifecycle/stop.ts';
import { readControl } from '../../lib/engine/lifecycle/job-control.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import { Firer } from '../../lib/engine/firer/firer.ts';
import { openControlledJob } from '../../lib/engine/lifecycle/job-control.ts';
import { openEmbedded } from '../../lib/place/embedded.ts';
import { workshopOf } from '../../lib/place/embedded-settings.ts';
import { createJob, runToEnd } from './embedded-job.ts';
import { measure, peakRss } from './measure.ts';

const DAY_MS = 86_400_000;
const [keys, dir] = process.argv.slice(2);
if (dir === undefined) throw new Error('usage: savepoint-bench.ts KEYS DIR');
const ports = openEmbedded(dir, { create: true });
const workshop = workshopOf(ports);
// One window of a day: all keys are open.
const id = await createJob(ports, dir, (plan) => ({
  ...plan,
  nodes: plan.nodes.map((n) => (n.kind === 'window-aggregate' ? { ...n, window: { ...n.window, sizeMs: DAY_MS } } : n)),
}));
await runToEnd(ports);
const firer = new Firer(ports, await openControlledJob(workshop, id, (await readControl(ports, id)).control));
const load = await measure(() => firer.load());
const trigger = await requestSavepoint(workshop, id, join(dir, 'savepoints'));
const taken = await measure(() => advanceSavepoint(workshop, id, trigger, firer));
const record = (await readControl(ports, id)).control.savepoints[0];
await requestCancel(workshop, id);
await runOperation(workshop, id);
const resume = { savepoint: taken.value.location, plan: null, allowNonRestored: false, allowOffsetGap: false };
const verified = await measure(() => requestResume(workshop, id, resume));
const restored = await measure(() => runOperation(workshop, id));
const seconds = (m: { readonly seconds: number }): string => `${m.seconds.toFixed(2)} s`;
console.log(
  `  ${String(keys).padStart(7)} keys: take ${seconds(taken)} (state loaded in ${seconds(load)}), ${((record?.bytes ?? 0) / 1e6).toFixed(1)} MB; ` +
    `resume ${(verified.seconds + restored.seconds).toFixed(2)} s (verify ${seconds(verified)}, restore ${seconds(restored)}); peak RSS ${peakRss().toFixed(0)} MB`,
);
ports.close();

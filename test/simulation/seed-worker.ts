/** One worker thread: runs seeds one after the other, of the engine as it is or with the edits of a mutant. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Edit } from './mutants/edit.ts';
import { loadSimulation } from './mutants/load-simulation.ts';
import { runSeed } from './run-seed.ts';
import type { SeedTask } from './seeds.ts';

const { edits }: { edits: readonly Edit[] } = workerData;
const simulation = await loadSimulation(edits);

parentPort?.on('message', async (task: SeedTask) => {
  parentPort?.postMessage(await runSeed(simulation, task));
});
parentPort?.postMessage('loaded');

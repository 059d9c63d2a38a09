/** One child process: runs seeds one after the other, of the engine as it is or with the edits of a mutant. */
import type { Edit } from './mutants/edit.ts';
import { loadSimulation } from './mutants/load-simulation.ts';
import { redSeed, runSeed } from './run-seed.ts';
import type { Answer, SeedTask } from './seeds.ts';

const answer = (message: Answer, then: () => void = () => {}): void => void process.send?.(message, then);

process.on('disconnect', () => process.exit());

process.once('message', async (edits: readonly Edit[]) => {
  try {
    const simulation = await loadSimulation(edits);
    process.on('message', async (task: SeedTask) => {
      // What nobody awaited has failed: the run is red, and nobody knows what else it left behind.
      process.removeAllListeners('uncaughtException');
      process.on('uncaughtException', (error) => answer({ kind: 'outcome', outcome: redSeed(task, error) }, () => process.exit(1)));
      answer({ kind: 'outcome', outcome: await runSeed(simulation, task) });
    });
    answer({ kind: 'loaded' });
  } catch (error) {
    answer({ kind: 'unloadable', message: error instanceof Error ? error.message : String(error) });
  }
});

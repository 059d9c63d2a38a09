/** `sluice lab`: the savepoint lab from end to end, on the real engine, in a data directory of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Console } from './console.ts';
import { contextOf, urlsOnlyHere } from './context.ts';
import { Reported } from './errors.ts';
import { LAB } from './lab-steps.ts';
import { LabRun, type RunProgram } from './lab-run.ts';
import { startRunner } from './lab-runner.ts';

/** `run` is the program that a user runs. */
export function addLab(program: Command, console: Console, run: RunProgram): void {
  program
    .command('lab')
    .description('run the savepoint lab and check every step')
    .option('--keep', 'keep the data directory')
    .action(async (options: { keep?: true }, command) => {
      const context = contextOf(command, console);
      urlsOnlyHere(context, '`sluice lab`', 'it works on this machine alone: leave --stack out');
      const isOwn = command.getOptionValueSourceWithGlobals('dir') !== 'default';
      const dir = isOwn ? context.dir : await mkdtemp(join(tmpdir(), 'sluice-lab-'));
      try {
        await runLab(new LabRun(dir, console, run));
      } finally {
        if (!isOwn && options.keep !== true) await rm(dir, { recursive: true, force: true });
        else console.out(`The data directory is ${dir}.`);
      }
    });
}

async function runLab(lab: LabRun): Promise<void> {
  lab.announce();
  const runner = await startRunner(lab.dir);
  try {
    for (const step of LAB) {
      const difference = await lab.take(step, runner.isDown);
      if (difference !== null) throw new Reported(`${step.title}\n${difference}${runner.errors()}`);
    }
  } finally {
    await runner.stop();
  }
  lab.succeed();
}

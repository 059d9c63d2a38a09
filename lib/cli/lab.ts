/** `sluice lab [--chapter NAME]`: the savepoint lab, or a chapter about windows, from end to end, on the real engine, in a data directory of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { assert } from '../core/errors.ts';
import type { Console } from './console.ts';
import { contextOf, urlsOnlyHere } from './context.ts';
import { Reported } from './errors.ts';
import { CHAPTERS } from './lab-chapters.ts';
import { examples } from './examples.ts';
import { LabRun, type RunProgram } from './lab-run.ts';
import { startRunner } from './lab-runner.ts';

/** `run` is the program that a user runs. */
export function addLab(program: Command, console: Console, run: RunProgram): void {
  program
    .command('lab')
    .description('run the savepoint lab, or a chapter about windows, and check every step')
    .summary('walk through savepoints and windows')
    .addOption(new Option('--chapter <name>', 'what to walk through').choices(Object.keys(CHAPTERS)).default('savepoint'))
    .option('--keep', 'keep the data directory')
    .addHelpText('after', CHAPTERS_TEXT)
    .addHelpText('after', examples(['lab', 'the savepoint lab, in a directory that is removed'], ['lab --chapter session --keep', 'a chapter; its directory stays for a look']))
    .action(async (options: { keep?: true; chapter: string }, command) => {
      const context = contextOf(command, console);
      urlsOnlyHere(context, '`sluice lab`', 'it works on this machine alone: leave --stack out');
      const isOwn = command.getOptionValueSourceWithGlobals('dir') !== 'default';
      const dir = isOwn ? context.dir : await mkdtemp(join(tmpdir(), 'sluice-lab-'));
      try {
        await runLab(new LabRun(dir, console, run), options.chapter);
      } finally {
        if (!isOwn && options.keep !== true) await rm(dir, { recursive: true, force: true });
        else console.out(`The data directory is ${dir}.`);
      }
    });
}

const CHAPTERS_TEXT = ['\nChapters:', ...Object.entries(CHAPTERS).map(([name, { about }]) => `  ${name.padEnd(22)} ${about}`)].join('\n');

async function runLab(lab: LabRun, name: string): Promise<void> {
  const chapter = CHAPTERS[name];
  assert(chapter, `no chapter ${name}`);
  lab.announce(name, chapter);
  const runner = await startRunner(lab.dir);
  try {
    for (const step of chapter.steps) {
      const difference = await lab.take(step, runner.isDown);
      if (difference !== null) throw new Reported(`${step.title}\n${difference}${runner.errors()}`);
    }
  } finally {
    await runner.stop();
  }
  lab.succeed(chapter);
}

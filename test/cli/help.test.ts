/** The help of every command: what it is for, and examples that its program takes. */
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { contextOf } from '../../lib/cli/context.ts';
import { programOn } from '../../lib/cli/main.ts';
import { checkUrls, EMBEDDED_URLS } from '../../lib/place/urls.ts';
import { command } from './sluice.ts';

const SILENT = { out: () => {}, err: () => {}, progress: () => {}, input: async () => null, terminal: () => null };

const visible = (parent: Command): readonly Command[] => parent.createHelp().visibleCommands(parent).filter((child) => parent.commands.includes(child));

/** All commands with their names, those behind others included; hidden ones are for scripts. */
const commandsOf = (parent: Command, path: readonly string[] = []): (readonly [path: readonly string[], command: Command])[] =>
  visible(parent).flatMap((child) => [[[...path, child.name()], child] as const, ...commandsOf(child, [...path, child.name()])]);

const paths = commandsOf(programOn(SILENT)).map(([path]) => path);

const examplesIn = (help: string): string[] => [...help.matchAll(/^ {2}\$ sluice (.*)$/gm)].map(([, line = '']) => line);

/** Words as a shell would make them of an example; where its output goes is the shell's. */
const wordsOf = (line: string): string[] => [...line.replace(/ (?:>>|[<>|]) .*/, '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare ?? '');

/** The command that the program would run; its errors are thrown. */
async function commandFor(line: string): Promise<string> {
  const program = programOn(SILENT);
  let found = '';
  for (const [path, each] of commandsOf(program)) {
    if (each.commands.length === 0) each.action(() => void (found = path.join(' ')));
  }
  await program.parseAsync(wordsOf(line), { from: 'user' });
  checkUrls({ ...EMBEDDED_URLS, ...contextOf(program, SILENT).given });
  return found;
}

test.each(paths.map((path) => path.join(' ')))('%s', async (path) => {
  const { code, out } = await command([...path.split(' '), '--help']);
  expect(code).toBe(0);
  expect(out.split('\n')[2]).toMatch(/^\S.{9,}[^.]$/);
  const lines = examplesIn(out);
  expect(lines.length).toBeGreaterThan(1);
  // Some lead on to other commands; one at least is its own.
  const commands = await Promise.all(lines.map(commandFor));
  expect(commands.filter((each) => each.startsWith(path)).length).toBeGreaterThan(0);
});

test('the help of the program is short: a line for each command, in groups', async () => {
  const { out } = await command(['--help']);
  for (const group of ['Submit jobs:', 'Operate them:', 'Run them:', 'Data:']) expect(out).toContain(`\n${group}\n`);
  for (const [name] of paths.filter((path) => path.length === 1)) expect(out).toMatch(new RegExp(`^ {2}${name} .*\\S$`, 'm'));
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(out.split('\n').length).toBeLessThan(70);
  for (const line of examplesIn(out).filter((each) => !each.endsWith('--help'))) expect(await commandFor(line)).not.toBe('');
});

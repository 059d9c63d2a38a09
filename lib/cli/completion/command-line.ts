/** A command line that is being typed in a shell, and what the program may take where it ends. */
import type { Argument, Command, Option } from 'commander';

export interface Candidate {
  readonly name: string;
  readonly description?: string;
}

export interface CommandLine {
  /** What the candidates begin with. */
  readonly typed: string;
  /** Options with their values that stand before it. */
  readonly given: ReadonlyMap<Option, string>;
  readonly expected: Expected;
}

export type Expected =
  | { readonly kind: 'words'; readonly candidates: readonly Candidate[] }
  /** Values of an argument or option, by the names of its placeholder: `job`, `file`. */
  | { readonly kind: 'values'; readonly names: readonly string[] };

/** Words up to the cursor, as shells make them; the last one is being typed, and may be empty. */
export const wordsBefore = (line: string): string[] => [...line.matchAll(/(?:"[^"]*"?|'[^']*'?|\\.|[^\s"'\\])+|(?<=\s)$/g)].map(([word]) => word.replace(/["']|\\(?=.)/g, ''));

/** `words`: those behind the name of the program. */
export function readCommandLine(program: Command, words: readonly string[]): CommandLine {
  const given = new Map<Option, string>();
  const typed = words.at(-1) ?? '';
  let command = program;
  let operands = 0;
  let valued: Option | undefined;
  for (const word of words.slice(0, -1)) {
    const subcommand = operands === 0 ? command.commands.find((each) => each.name() === word) : undefined;
    if (valued !== undefined) {
      given.set(valued, word);
      valued = undefined;
    } else if (word.startsWith('-')) valued = optionsOf(command).find((option) => (option.short === word || option.long === word) && (option.required || option.optional));
    else if (subcommand !== undefined) command = subcommand;
    else operands++;
  }
  const expected = valued !== undefined ? valuesOf(valued) : typed.startsWith('-') ? optionNames(command) : operand(command, operands);
  return { typed, given, expected };
}

/** Its own, and those of all commands. */
function optionsOf(command: Command): readonly Option[] {
  const own = command.createHelp().visibleOptions(command);
  return command.parent === null ? own : [...own, ...command.parent.options, ...(command.parent.parent?.options ?? [])];
}

const optionNames = (command: Command): Expected => ({
  kind: 'words',
  candidates: optionsOf(command).flatMap(({ long, description }) => (long === undefined ? [] : [{ name: long, description }])),
});

function operand(command: Command, index: number): Expected {
  const argument = command.registeredArguments[index];
  if (argument !== undefined) return valuesOf(argument);
  const commands = index > 0 ? [] : command.createHelp().visibleCommands(command);
  return { kind: 'words', candidates: commands.map((each) => ({ name: each.name(), description: each.summary() || each.description() })) };
}

function valuesOf(taker: Option | Argument): Expected {
  if (taker.argChoices !== undefined) return { kind: 'words', candidates: taker.argChoices.map((name) => ({ name })) };
  const placeholder = 'flags' in taker ? (/[<[](.+)[\]>]/.exec(taker.flags)?.[1] ?? '') : taker.name();
  return { kind: 'values', names: placeholder.split('|') };
}

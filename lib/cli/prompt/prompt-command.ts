/** What the prompt itself understands beside SQL: a line of its own, without a semicolon. */

export type PromptCommand =
  | { readonly kind: 'help' | 'quit' | 'clear' | 'layout' }
  /** Short for a statement. */
  | { readonly kind: 'statement'; readonly text: string }
  | { readonly kind: 'unknown'; readonly name: string };

interface Described {
  readonly names: readonly string[];
  readonly about: string;
  readonly command: (argument: string) => PromptCommand;
}

const statement = (text: string) => (): PromptCommand => ({ kind: 'statement', text });

const COMMANDS: readonly Described[] = [
  { names: ['\\?', 'help'], about: 'this help', command: () => ({ kind: 'help' }) },
  { names: ['\\d', '\\d TABLE'], about: 'tables; or the columns of a table', command: (name) => ({ kind: 'statement', text: name === '' ? 'SHOW TABLES;' : `DESCRIBE ${name};` }) },
  { names: ['\\dt'], about: 'tables', command: statement('SHOW TABLES;') },
  { names: ['\\l'], about: 'catalogs', command: statement('SHOW CATALOGS;') },
  { names: ['\\j'], about: 'jobs', command: statement('SHOW JOBS;') },
  { names: ['\\x'], about: 'a line for each column of a row, or a row for each line again', command: () => ({ kind: 'layout' }) },
  { names: ['clear'], about: 'clear the terminal', command: () => ({ kind: 'clear' }) },
  { names: ['\\q', 'quit', 'exit'], about: 'leave; so does Ctrl-D', command: () => ({ kind: 'quit' }) },
];

/** Null for what is not a command: SQL. */
export function promptCommand(line: string): PromptCommand | null {
  const [, name = '', argument = ''] = /^\s*(\\\S*|[a-z]+)\s*(.*?)[\s;]*$/i.exec(line) ?? [];
  const isShort = name.startsWith('\\');
  if (!isShort && argument !== '') return null;
  const found = COMMANDS.find(({ names }) => names.includes(isShort ? name : name.toLowerCase()));
  if (found !== undefined) return found.command(argument);
  return isShort ? { kind: 'unknown', name } : null;
}

const KEYS: readonly (readonly [string, string])[] = [
  ['Tab', 'complete keywords, tables, columns and options'],
  ['Up, Down', 'earlier statements: those that begin with what is typed'],
  ['Ctrl-C', 'end the statement that runs, or drop what is typed'],
];

export function helpText(): string {
  const rows = [...COMMANDS.map(({ names, about }) => [names.join(', '), about] as const), ...KEYS];
  const width = Math.max(...rows.map(([name]) => name.length));
  return ['A statement ends with a semicolon at the end of a line. Beside SQL:', ...rows.map(([name, about]) => `  ${name.padEnd(width)}  ${about}`)].join('\n');
}

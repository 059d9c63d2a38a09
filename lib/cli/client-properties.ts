/** A file of Kafka client properties, as Kafka's own tools take it with `--command-config`. */
import { readUserFile } from './files.ts';
import { usage } from './errors.ts';

/** `name=value` or `name: value`, one a line; `#` and `!` begin comments, a backslash at the end of a line goes on with the next one. */
export async function readClientProperties(file: string): Promise<Readonly<Record<string, string>>> {
  const text = (await readUserFile(file)).replaceAll(/\\\r?\n\s*/g, '');
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return Object.fromEntries(lines.flatMap((line, i) => (line === '' || /^[#!]/.test(line) ? [] : [entryOf(line, `${file}:${i + 1}`)])));
}

function entryOf(line: string, at: string): [string, string] {
  const [, name, value] = /^([^\s=:]+)\s*[=:]\s*(.*)$/.exec(line) ?? [];
  // The line may hold a secret: it is not repeated.
  if (name === undefined || value === undefined) throw usage(`${at} is not of the form name=value`);
  return [name, value];
}

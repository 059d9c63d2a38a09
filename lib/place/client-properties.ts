/** A file of Kafka client properties, as Kafka's own tools take it with `--command-config`. */
import { readFile } from 'node:fs/promises';
import { SluiceError } from '../core/errors.ts';
import type { ClientProperties } from './brokers.ts';

/** `name=value` or `name: value`, one a line; `#` and `!` begin comments, a backslash at the end of a line goes on with the next one. */
export async function readClientProperties(file: string): Promise<ClientProperties> {
  const text = (await contentOf(file)).replaceAll(/\\\r?\n\s*/g, '');
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return Object.fromEntries(lines.flatMap((line, i) => (line === '' || /^[#!]/.test(line) ? [] : [entryOf(line, `${file}:${i + 1}`)])));
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError('FILE_UNREADABLE', { message: `cannot read '${file}': ${why}`, hint: 'name a file of Kafka client properties', cause, details: { path: file } });
  }
}

function entryOf(line: string, at: string): [string, string] {
  const [, name, value] = /^([^\s=:]+)\s*[=:]\s*(.*)$/.exec(line) ?? [];
  // The line may hold a secret: it is not repeated.
  if (name === undefined || value === undefined) throw new SluiceError('OPTION_INVALID', { message: `${at} is not of the form name=value` });
  return [name, value];
}

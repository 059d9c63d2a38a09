/** What every command has: the data directory, the way to print, and the store while it is open. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { openEmbedded, type Embedded } from '../place/embedded.ts';
import { jsonLines, tableauText, type ResultTable } from '../control/table.ts';
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import { workshopOf } from '../place/embedded-settings.ts';
import type { Console } from './console.ts';

export interface Context {
  /** Absolute. */
  readonly dir: string;
  readonly json: boolean;
  readonly console: Console;
}

export interface Place {
  readonly ports: Embedded;
  readonly workshop: Workshop;
}

/** Adds a command to the program; one file each. */
export type AddCommand = (program: Command, console: Console) => void;

/** Reads the options that stand before or after the command's own arguments. */
export function contextOf(command: Command, console: Console): Context {
  const { dir, json } = command.optsWithGlobals<{ dir: string; json?: true }>();
  return { dir: resolve(dir), json: json === true, console };
}

/** Opens the data directory for as long as `use` runs. */
export async function withPlace<T>(context: Context, options: { create: boolean }, use: (place: Place) => Promise<T>): Promise<T> {
  const ports = openEmbedded(context.dir, { ...options, print: (text, target) => printRaw(context, text, target) });
  try {
    return await use({ ports, workshop: workshopOf(ports) });
  } finally {
    ports.close();
  }
}

/** Tables of the `print` connector end their lines themselves. */
function printRaw({ console }: Context, text: string, target: 'stdout' | 'stderr'): void {
  const line = text.replace(/\n$/, '');
  if (target === 'stdout') console.out(line);
  else console.err(line);
}

/** Data: a table for people, or JSON lines. */
export function printTable({ json, console }: Context, table: ResultTable): void {
  for (const line of json ? jsonLines(table) : [tableauText(table)]) console.out(line);
}

/** A line for people, or an object for `--json`. */
export function printResult({ json, console }: Context, text: string, data: object): void {
  console.out(json ? JSON.stringify(data) : text);
}

/** A line that is only for people. */
export function printInfo({ json, console }: Context, text: string): void {
  if (!json) console.out(text);
}

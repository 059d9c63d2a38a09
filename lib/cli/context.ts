/** What every command has: the data directory, the way to print, and the store while it is open. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { jsonLines, tableauText, type ResultTable } from '../control/table.ts';
import { readClientProperties } from '../place/client-properties.ts';
import { openPlace, type Place as OpenPlace } from '../place/open.ts';
import type { PlaceUrls } from '../place/urls.ts';
import type { Ports } from '../ports/ports.ts';
import type { Console } from './console.ts';

export interface Context {
  /** Absolute. */
  readonly dir: string;
  readonly urls: PlaceUrls;
  /** A file of Kafka client properties; null if none is named. */
  readonly kafkaConfig: string | null;
  readonly json: boolean;
  readonly console: Console;
}

export interface Place extends OpenPlace {
  readonly ports: Ports;
}

/** Adds a command to the program; one file each. */
export type AddCommand = (program: Command, console: Console) => void;

interface GlobalOptions extends PlaceUrls {
  readonly dir: string;
  readonly kafkaConfig?: string;
  readonly json?: true;
}

/** Reads the options that stand before or after the command's own arguments. */
export function contextOf(command: Command, console: Console): Context {
  const { dir, json, store, blobs, kafka, kafkaConfig = null } = command.optsWithGlobals<GlobalOptions>();
  return { dir: resolve(dir), urls: { store, blobs, kafka }, kafkaConfig, json: json === true, console };
}

/** Opens the platform for as long as `use` runs. */
export async function withPlace<T>(context: Context, { create }: { create: boolean }, use: (place: Place) => Promise<T>): Promise<T> {
  const client = context.kafkaConfig === null ? {} : await readClientProperties(context.kafkaConfig);
  const place = await openPlace(context.dir, context.urls, { create, client, print: (text, target) => printRaw(context, text, target) });
  try {
    return await use({ ...place, ports: place.workshop.ports });
  } finally {
    await place.close();
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

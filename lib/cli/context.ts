/** What every command has: the data directory, the way to print, and the store while it is open. */
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { describeJob, type JobDescription } from '../control/describe.ts';
import { storeOperations, type Operations } from '../control/operations.ts';
import type { Rest } from '../control/rest/route.ts';
import { jsonLines, tableauText, type ResultTable } from '../control/table.ts';
import type { JobId } from '../core/numbers.ts';
import { readClientProperties } from '../place/client-properties.ts';
import { openPlace, type Place as OpenPlace } from '../place/open.ts';
import { EMBEDDED_URLS, type PlaceUrls } from '../place/urls.ts';
import type { Ports } from '../ports/ports.ts';
import type { Console } from './console.ts';
import { usage } from './errors.ts';
import { waitsOn } from './progress.ts';

export interface Context {
  /** Absolute. */
  readonly dir: string;
  /** What the command line or the environment names; the rest is the stack's, or embedded. */
  readonly given: Partial<PlaceUrls>;
  /** Name of the CloudFormation stack of a platform; null if none is named. */
  readonly stack: string | null;
  /** A file of Kafka client properties; null if none is named. */
  readonly kafkaConfig: string | null;
  readonly json: boolean;
  readonly console: Console;
}

export interface Place extends OpenPlace {
  readonly ports: Ports;
  readonly operations: Operations;
  readonly urls: PlaceUrls;
  /** Directory of savepoints that name none; a URL with a stack. */
  readonly savepoints: string;
  /** One job in full, by whoever sees most of it. */
  readonly describe: (id: JobId) => Promise<JobDescription>;
  /** As in `PlaneParts`. */
  readonly describedForMs?: number;
  /** What clients of the REST API trigger and others than this process carry out. */
  readonly triggered: Pick<Partial<Rest>, 'savepoints' | 'resumes'>;
}

/** Adds a command to the program; one file each. */
export type AddCommand = (program: Command, console: Console) => void;

interface GlobalOptions extends Partial<PlaceUrls> {
  readonly dir: string;
  readonly stack?: string;
  readonly kafkaConfig?: string;
  readonly json?: true;
}

/** Reads the options that stand before or after the command's own arguments. */
export function contextOf(command: Command, console: Console): Context {
  const { dir, json, store, blobs, kafka, stack = null, kafkaConfig = null } = command.optsWithGlobals<GlobalOptions>();
  const given = { ...(store === undefined ? {} : { store }), ...(blobs === undefined ? {} : { blobs }), ...(kafka === undefined ? {} : { kafka }) };
  return { dir: resolve(dir), given, stack, kafkaConfig, json: json === true, console };
}

/** Where a command works that is not for a platform in AWS; `instead`: what does its work there. */
export function urlsOnlyHere({ given, stack }: Context, what: string, instead: string): PlaceUrls {
  if (stack !== null) throw usage(`${what} is not for a stack, and --stack names '${stack}'`, instead);
  return { ...EMBEDDED_URLS, ...given };
}

/** Opens the platform for as long as `use` runs. The clients of AWS are loaded where a stack is named. */
export async function withPlace<T>(context: Context, { create }: { create: boolean }, use: (place: Place) => Promise<T>): Promise<T> {
  if (context.stack !== null) return (await import('./stack-place.ts')).withStackPlace(context, context.stack, use);
  const urls = { ...EMBEDDED_URLS, ...context.given };
  return withParts(context, urls, create, (place) => {
    const { workshop } = place;
    const describe: Place['describe'] = (id) => describeJob(workshop, id);
    return use({ ...place, ports: workshop.ports, operations: storeOperations({ ...workshop, ...waitsOn(context) }), urls, savepoints: join(context.dir, 'savepoints'), describe, triggered: {} });
  });
}

/** Opens store, objects and topics for as long as `use` runs. */
export async function withParts<T>(context: Context, urls: PlaceUrls, create: boolean, use: (place: OpenPlace) => Promise<T>): Promise<T> {
  const client = context.kafkaConfig === null ? {} : await readClientProperties(context.kafkaConfig);
  const place = await openPlace(context.dir, urls, { create, client, print: (text, target) => printRaw(context, text, target) });
  try {
    return await use(place);
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

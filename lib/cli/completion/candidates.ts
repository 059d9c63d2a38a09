/** Values that a shell completes: those that a store knows, and otherwise files. */
import { listJobs } from '../../control/jobs.ts';
import { readControl } from '../../engine/lifecycle/job-control.ts';
import { isEmbedded } from '../../place/urls.ts';
import { withPlace, type Context, type Place } from '../context.ts';
import type { Candidate, CommandLine } from './command-line.ts';

/** The shell completes paths by itself. */
export type Completed = readonly Candidate[] | 'files';

/** By the placeholders that options and arguments have in the help. */
const KNOWN: Readonly<Record<string, (place: Place) => Promise<readonly Candidate[]>>> = { job: jobs, topic: topics, savepoint: savepoints };
const FILES: ReadonlySet<string> = new Set(['file', 'directory', 'script', 'program', 'savepoint']);

/** `context`: with the options that stand on the line. Nothing where there is no store, or it does not answer. */
export async function candidatesFor(context: Context, { typed, expected }: CommandLine): Promise<Completed> {
  const all = expected.kind === 'words' ? expected.candidates : await known(context, expected.names);
  const fitting = all.filter(({ name }) => name.startsWith(typed));
  return fitting.length === 0 && expected.kind === 'values' && expected.names.some((name) => FILES.has(name)) ? 'files' : fitting;
}

async function known(context: Context, names: readonly string[]): Promise<readonly Candidate[]> {
  const sources = names.flatMap((name) => KNOWN[name] ?? []);
  if (sources.length === 0) return [];
  try {
    return await withPlace(context, { create: false }, async (place) => (await Promise.all(sources.map((source) => source(place)))).flat());
  } catch {
    // Whoever presses Tab has asked for nothing that could fail.
    return [];
  }
}

async function jobs({ workshop }: Place): Promise<readonly Candidate[]> {
  return (await listJobs(workshop)).map(({ id, name, status }) => ({ name: id, description: `${name} (${status})` }));
}

/** Brokers take too long to answer. */
async function topics({ urls, topics: names }: Place): Promise<readonly Candidate[]> {
  return isEmbedded(urls.kafka) ? (await names.list()).map((name) => ({ name })) : [];
}

async function savepoints({ ports, workshop }: Place): Promise<readonly Candidate[]> {
  const taken = await Promise.all((await listJobs(workshop)).map(async ({ id, name }) => ({ name, savepoints: (await readControl(ports, id)).control.savepoints })));
  return taken.flatMap(({ name, savepoints: each }) => each.map(({ path }) => ({ name: path, description: name })));
}

/** What jobs have emitted into a directory of the `filesystem` connector, read back file by file. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a file of the sink says about itself: `<job>-<uid>-g<g>-f<f>-<k>.ndjson`. */
export interface Emitted {
  readonly name: string;
  readonly job: string;
  readonly sink: string;
  readonly g: number;
  readonly f: number;
}

export const filesIn = (out: string): Emitted[] =>
  readdirSync(out).flatMap((name) => {
    const [, job, sink, g, f] = /^([0-9a-f]{32})-(.+)-g(\d+)-f(\d+)-0\.ndjson$/.exec(name) ?? [];
    return job === undefined || sink === undefined ? [] : [{ name, job, sink, g: Number(g), f: Number(f) }];
  });

interface WindowRow {
  readonly window_start: string;
  readonly event_type: string;
  readonly event_count: number;
  readonly total?: number;
}

/** `<window start>|<type>|<count>`, and `|<total>` where there is one, of the rows in these files. */
export const rowsOf = (out: string, files: readonly Emitted[]): string[] =>
  files
    .flatMap(({ name }) => readFileSync(join(out, name), 'utf8').trimEnd().split('\n'))
    .map((line): WindowRow => JSON.parse(line))
    .map((row) => [row.window_start.slice(0, 19), row.event_type, row.event_count, ...(row.total === undefined ? [] : [row.total])].join('|'))
    .sort();

/** FIREs of which rows were emitted, one each (job, sink, f): a FIRE is in one generation only where every resume was from the newest state. */
export const firesOf = (files: readonly Emitted[]): ReadonlySet<string> => new Set(files.map((e) => `${e.job}|${e.sink}|${e.f}`));

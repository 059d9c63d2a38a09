/** A data directory with the command line around it, in this process: what a user types, and what it prints. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { openEmbedded, type Embedded } from '../../lib/place/embedded.ts';
import type { ErrorCode, SluiceError } from '../../lib/core/errors.ts';
import { runUp } from '../../lib/local/runner.ts';
import { workshopOf } from '../../lib/place/embedded-settings.ts';
import type { RunnerEvent } from '../../lib/local/runner-event.ts';
import type { Ports } from '../../lib/ports/ports.ts';
import { temporaryDirectory } from '../adapters/temporary.ts';
import { command, type Outcome } from './sluice.ts';

const PATIENCE_MS = 15_000;
const PAUSE_MS = 50;
/** A line of a stack trace. */
const STACK = /^\s*at .*:\d+:\d+\)?$/m;

export interface Runner {
  readonly events: readonly RunnerEvent[];
  stop(): Promise<void>;
}

export class Shop {
  /** Where the test puts its files. */
  readonly home = temporaryDirectory();
  /** The data directory. */
  readonly dir = join(this.home, 'data');

  /** Runs one command line. */
  type(...words: string[]): Promise<Outcome> {
    return command(['--dir', this.dir, ...words]);
  }

  /** Runs a command line that succeeds; what it prints. */
  async sluice(...words: string[]): Promise<string> {
    const { code, out, err } = await this.type(...words);
    expect(err).toBe('');
    expect(code).toBe(0);
    return out;
  }

  /**
   * Runs a command line that is refused, as people and as programs see it: one error with its code and a hint, no stack trace, and not
   * one job is other than it was. Returns the text of the error.
   */
  async refused(code: ErrorCode, ...words: string[]): Promise<string> {
    const before = await this.jobs();
    const { code: exitCode, err } = await this.type(...words);
    expect(err).toMatch(new RegExp(`^\\[ERROR\\] ${code}\\b`));
    expect(err.match(/\[ERROR\]/g)).toHaveLength(1);
    expect(err).toMatch(/^hint: \S/m);
    expect(err).not.toMatch(STACK);
    expect(exitCode).toBe(code === 'USAGE' ? 2 : 1);
    const { error }: { error: { code: string; hint: string | null } } = JSON.parse((await this.type(...words, '--json')).err);
    expect(error).toMatchObject({ code, hint: expect.any(String) });
    expect(await this.jobs()).toBe(before);
    return err;
  }

  /** Every job with its state, as JSON lines; nothing while there is no data directory. */
  async jobs(): Promise<string> {
    return (await this.type('list', '-a', '--json')).out;
  }

  async topic(partitions = 1, name = 'events'): Promise<void> {
    await this.sluice('topic', 'create', name, '--partitions', String(partitions));
  }

  async produce(lines: readonly string[], partition = 0): Promise<void> {
    await this.sluice('topic', 'produce', 'events', '-f', this.file('records.jsonl', lines.join('\n')), '--partition', String(partition));
  }

  /** Path of a partition's file. */
  partitionFile(partition = 0): string {
    return join(this.dir, 'topics', 'events', `${partition}.jsonl`);
  }

  /** Writes a file and returns its path. */
  file(name: string, text: string): string {
    writeFileSync(join(this.home, name), text);
    return join(this.home, name);
  }

  /** Submits a job and returns its id. */
  async submit(sql: string): Promise<string> {
    return /Job ID: ([0-9a-f]{32})/.exec(await this.sluice('sql', '-e', sql))?.[1] ?? '';
  }

  async describe(job: string): Promise<JobJson> {
    return JSON.parse(await this.sluice('describe', job, '--json'));
  }

  /** Rows of the table `counts`, each `<minute>|<type>|<count>`, sorted. */
  rows(): string[] {
    const dir = join(this.home, 'counts');
    mkdirSync(dir, { recursive: true });
    const files = readdirSync(dir).filter((name) => name.endsWith('.ndjson'));
    const lines = files.flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n')).filter((line) => line !== '');
    return lines.map((line): RowJson => JSON.parse(line)).map((row) => `${row.window_start.slice(11, 16)}|${row.event_type}|${row.event_count}`).sort();
  }

  /** Runs all jobs until nothing is left to do; what holds partitions up. */
  async up(wrap: (ports: Embedded) => Ports = (ports) => ports): Promise<readonly SluiceError[]> {
    const ports = openEmbedded(this.dir, { create: false });
    try {
      return await runUp(workshopOf(wrap(ports)), { once: true, signal: AbortSignal.timeout(PATIENCE_MS) });
    } finally {
      ports.close();
    }
  }

  /** Runs all jobs until the test is over. */
  start(wrap: (ports: Embedded) => Ports = (ports) => ports): Runner {
    const ports = openEmbedded(this.dir, { create: false });
    const events: RunnerEvent[] = [];
    const controller = new AbortController();
    const running = runUp(workshopOf(wrap(ports)), { once: false, signal: controller.signal, onEvent: (event) => void events.push(event) });
    const stop = async (): Promise<void> => {
      controller.abort();
      await running.finally(() => ports.close());
    };
    onTestFinished(stop);
    return { events, stop };
  }

  /** The SQL of the job that counts events per minute and type. */
  sql({ options = '', select = COUNTS, columns = '' }: { options?: string; select?: string; columns?: string } = {}): string {
    return `
CREATE TABLE events (
  event_type STRING, event_time TIMESTAMP(3),${columns} WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'events', 'properties.bootstrap.servers' = 'x', 'scan.startup.mode' = 'earliest-offset',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'${options});
CREATE TABLE counts (window_start TIMESTAMP(3), event_type STRING, event_count BIGINT)
WITH ('connector' = 'filesystem', 'path' = '${join(this.home, 'counts')}', 'format' = 'json');
${select}`;
  }
}

const COUNTS = `INSERT INTO counts SELECT window_start, event_type, COUNT(*)
FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(event_time), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, event_type`;

interface RowJson {
  readonly window_start: string;
  readonly event_type: string;
  readonly event_count: number;
}

/** What the tests look at in `sluice describe --json`. */
export interface JobJson {
  readonly status: string;
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly recordErrors: readonly { readonly topic: string; readonly partition: number; readonly offset: number; readonly code: string; readonly message: string }[];
  readonly sinkErrors: readonly { readonly sink: string; readonly message: string }[];
  readonly state: { readonly sources: readonly { readonly partitions: readonly { readonly partition: number; readonly next: number; readonly lag: number | null }[] }[] } | null;
}

/** Repeats a look until it shows what is waited for. */
export async function until<T>(look: () => Promise<T>, isSeen: (seen: T) => boolean, patienceMs = PATIENCE_MS): Promise<T> {
  for (const give = performance.now() + patienceMs; ; ) {
    const seen = await look();
    if (isSeen(seen)) return seen;
    if (performance.now() > give) throw new Error(`not seen in ${patienceMs} ms; the last look: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

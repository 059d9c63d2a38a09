/** The command line on real parts: a table, a prefix and topics of its own for every test. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { NewRecord } from '../../lib/adapters/kafka/index.ts';
import { BUCKET } from '../services/environment.ts';
import { Shop } from '../cli/shop.ts';
import { command, ROOT, type Outcome } from '../cli/sluice.ts';
import { fresh, opened } from './kafka-world.ts';
import { servers } from './servers.ts';

/** `functions`: all parts are real, and the bundles run in sandboxes. `pollers`: only Kafka is, and the runner polls it. */
export type Mode = 'functions' | 'pollers';

export class RealShop extends Shop {
  readonly topicName = fresh('shop');
  readonly #place: readonly string[];

  constructor(mode: Mode, kafka = servers.kafka) {
    super();
    const shared = ['--store', `dynamodb://${fresh('shop')}`, '--blobs', `s3://${BUCKET}/${this.topicName}`];
    this.#place = ['--kafka', kafka, ...(mode === 'functions' ? shared : [])];
  }

  /** With its store made. */
  static async open(mode: Mode, kafka?: string): Promise<RealShop> {
    const shop = new RealShop(mode, kafka);
    if (mode === 'functions') await shop.sluice('store', 'create');
    return shop;
  }

  /** Options behind these win. */
  override type(...words: string[]): Promise<Outcome> {
    return command(['--dir', this.dir, ...this.#place, ...words]);
  }

  override async topic(partitions = 1, name = this.topicName): Promise<void> {
    await this.sluice('topic', 'create', name, '--partitions', String(partitions));
  }

  async send(records: readonly (string | NewRecord)[], partition = 0, topic = this.topicName): Promise<void> {
    const kafka = opened({ 'bootstrap.servers': servers.kafka });
    await kafka.produce(topic, records.map((record) => (typeof record === 'string' ? { value: record } : record)), { partition }).finally(() => kafka.close());
  }

  /** `sluice up --once`: what it printed. */
  async upOnce(...words: string[]): Promise<Outcome> {
    return this.type('up', '--once', ...words);
  }

  /** `sluice up` in a process of its own, until `end` or its own end; `exit` is its exit code. */
  spawnUp(...words: string[]): { readonly out: () => string; readonly exit: Promise<number | null>; readonly end: () => Promise<number | null> } {
    const child = spawn(process.execPath, [`${ROOT}bin/sluice.ts`, '--dir', this.dir, ...this.#place, 'up', ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
    let out = '';
    child.stdout.on('data', (text: Buffer) => {
      out += text.toString();
    });
    const end = (): Promise<number | null> => {
      child.kill('SIGINT');
      return exit;
    };
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await exit;
    });
    return { out: () => out, exit, end };
  }

  /** Runs what there is to do, without trouble. */
  async upToEnd(...words: string[]): Promise<void> {
    const { code, out, err } = await this.upOnce(...words);
    expect(err, out).toBe('');
    expect(code).toBe(0);
  }

  /** Lines of the table `rows`, sorted. */
  lines(): string[] {
    const dir = join(this.home, 'rows');
    mkdirSync(dir, { recursive: true });
    const files = readdirSync(dir).filter((name) => name.endsWith('.ndjson'));
    return files.flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n')).filter((line) => line !== '').sort();
  }

  /** A table `events` over the topic of this shop, another one `rows` in files, and a statement. */
  job(parts: { readonly columns: string; readonly options?: Readonly<Record<string, string>>; readonly rows: string; readonly select: string; readonly set?: string }): string {
    const options = { connector: 'kafka', topic: this.topicName, 'properties.bootstrap.servers': servers.kafka, 'scan.startup.mode': 'earliest-offset', format: 'json', ...parts.options };
    const list = Object.entries(options).filter(([, value]) => value !== '').map(([key, value]) => `'${key}' = '${value.replaceAll("'", "''")}'`);
    return `${parts.set ?? ''}
CREATE TABLE events (${parts.columns}) WITH (${list.join(', ')});
CREATE TABLE \`rows\` (${parts.rows}) WITH ('connector' = 'filesystem', 'path' = '${join(this.home, 'rows')}', 'format' = 'json');
INSERT INTO \`rows\` ${parts.select};`;
  }
}

/** Counts per minute of the row time in the value. */
export const COUNTS = {
  columns: "type STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND",
  rows: 'begins TIMESTAMP(3), type STRING, n BIGINT',
  select: "SELECT window_start, type, COUNT(*) FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, type",
} as const;

/** A record of `COUNTS`, so many seconds past ten o'clock. */
export const click = (seconds: number, type = 'click'): string =>
  JSON.stringify({ type, ts: `2026-01-01 10:${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}` });

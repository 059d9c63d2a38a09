/** Tables of files that are read, by the command line: bounded and monitored, over stops and resumes, and what becomes of a bad line. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { Shop, until } from './shop.ts';

/** A shop with a directory that it reads, and one that it writes. */
class FileShop extends Shop {
  readonly in = join(this.home, 'in');

  put(name: string, text: string): void {
    mkdirSync(dirname(join(this.in, name)), { recursive: true });
    writeFileSync(join(this.in, name), text);
  }

  /** The rows that were written, sorted. */
  out(): string[] {
    const dir = join(this.home, 'out');
    mkdirSync(dir, { recursive: true });
    const files = readdirSync(dir).filter((name) => name.endsWith('.ndjson'));
    return files.flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n')).filter((line) => line !== '').sort();
  }

  /** A job from a table of files into another one. */
  copy(source: string, target: string, select: string): string {
    return `CREATE TABLE source ${source}; CREATE TABLE target (${target}) WITH ('connector' = 'filesystem', 'path' = '${join(this.home, 'out')}', 'format' = 'json'); INSERT INTO target ${select}`;
  }
}

test('windows over the files of partitions: all of them fire, and the job ends', async () => {
  const shop = new FileShop();
  shop.put('country=nl/1.csv', '2026-01-01 10:00:01;3\n2026-01-01 10:00:59;4\n');
  shop.put('country=de/1.csv', '2026-01-01 10:01:00;5\n');
  const table = `(ts TIMESTAMP(3), n INT, country STRING, file STRING METADATA FROM 'file.name', WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) PARTITIONED BY (country)
    WITH ('connector' = 'filesystem', 'path' = '${shop.in}', 'format' = 'csv', 'csv.field-delimiter' = ';')`;
  const select = `SELECT DATE_FORMAT(window_start, 'HH:mm'), country, file, SUM(n) FROM TABLE(TUMBLE(TABLE source, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, country, file`;
  const job = await shop.submit(shop.copy(table, 'w STRING, country STRING, file STRING, n INT', select));
  expect(await shop.up()).toEqual([]);
  expect((await shop.describe(job)).status).toBe('FINISHED');
  expect(shop.out()).toEqual(['{"w":"10:00","country":"nl","file":"1.csv","n":7}', '{"w":"10:01","country":"de","file":"1.csv","n":5}']);
});

const MONITORED = `(id INT) WITH ('connector' = 'filesystem', 'format' = 'json', 'source.monitor-interval' = '100 ms', 'path' =`;

test('a directory that is monitored: each file once, over a stop and a resume, which a changed file refuses', async () => {
  const shop = new FileShop();
  shop.put('a', '{"id":1}\n{"id":2}');
  const job = await shop.submit(shop.copy(`${MONITORED} '${shop.in}')`, 'id INT', 'SELECT id FROM source'));
  const runner = shop.start();
  await until(async () => shop.out().length, (rows) => rows === 2);
  shop.put('0', '{"id":3}\n');
  await until(async () => shop.out().length, (rows) => rows === 3);
  const stop = () => shop.sluice('stop', job, '-p', join(shop.home, 'savepoints'));
  await stop();
  shop.put('b', '{"id":4}\n');
  await shop.sluice('resume', job);
  await until(async () => shop.out().length, (rows) => rows === 4);
  await stop();
  await runner.stop();
  expect(shop.out()).toEqual([1, 2, 3, 4].map((id) => `{"id":${id}}`));
  shop.put('a', '{"id":9}\n{"id":2}');
  const error = await shop.refused('TOPIC_TRUNCATED', 'resume', job);
  expect(error).toContain(`the files in '${shop.in}' are not those that were read`);
  expect(error).toContain('put them back, or start a new job');
});

test('a line that is no record names its file', async () => {
  const shop = new FileShop();
  shop.put('deep/a.json', '{"id":1}\n{"id":"x"}\n');
  await shop.submit(shop.copy(`(id INT) WITH ('connector' = 'filesystem', 'path' = '${shop.in}', 'format' = 'json')`, 'id INT', 'SELECT id FROM source'));
  const [trouble] = await shop.up();
  expect(trouble?.message).toContain(`'${join(shop.in, 'deep/a.json')}' at byte 9: `);
  expect(shop.out()).toEqual(['{"id":1}']);
});

test('what cannot be read is refused', async () => {
  const shop = new FileShop();
  const from = (options: string, columns = 'id INT'): string => shop.copy(`(${columns}) WITH ('connector' = 'filesystem', 'path' = '${shop.in}', ${options})`, 'id INT', 'SELECT id FROM source');
  expect(await shop.refused('FILE_UNREADABLE', 'sql', '-e', from("'format' = 'json'"))).toContain(`cannot read '${shop.in}'`);
  expect(await shop.refused('OPTION_INVALID', 'sql', '-e', from("'format' = 'parquet'"))).toContain("the format 'parquet', which Sluice does not read");
  expect(await shop.refused('SQL_VALIDATE', 'sql', '-e', from("'format' = 'json'", "id INT, at_ STRING METADATA FROM 'file.pat'"))).toContain("Invalid metadata key 'file.pat'");
});

/** The unmodified `sql-client.sh gateway` against `sluice up`: what it asks, and what it prints of the answers. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { labRecord } from '../engine/lab-plan.ts';
import { place } from '../cli/sluice.ts';
import { startUp } from '../cli/up-process.ts';
import { COMMAND_WITHIN_MS, JARS_WITHIN_MS, sqlClient, sqlClientJars } from './flink-clients.ts';

const TABLES = `
CREATE TABLE events (event_type STRING, event_time TIMESTAMP(3), WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND) WITH (
  'connector' = 'kafka', 'topic' = 'events', 'properties.bootstrap.servers' = 'kafka:9092', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601');
CREATE TABLE clicks (event_type STRING) WITH ('connector' = 'blackhole');
CREATE TABLE viewed (event_type STRING) WITH ('connector' = 'blackhole');`;

let lib: string;

beforeAll(async () => {
  lib = await sqlClientJars();
}, JARS_WITHIN_MS);

interface Client {
  readonly dir: string;
  /** What the client prints of a script. */
  run(script: string): Promise<string>;
}

async function startClient(): Promise<Client> {
  const { dir, file, sluice } = place();
  await sluice('topic', 'create', 'events', '--partitions', '1');
  await sluice('topic', 'produce', 'events', '-f', file('events.jsonl', [labRecord('click', 5), labRecord('view', 10), labRecord('click', 15)].join('\n')));
  const address = /http:\/\/(127\.0\.0\.1:\d+)/.exec(await startUp(dir, '--rest-port', '0').says('REST API is served'))?.[1] ?? '';
  const run = async (text: string): Promise<string> => {
    const script = join(dir, 'script.sql');
    writeFileSync(script, `SET 'sql-client.execution.result-mode' = 'TABLEAU';\n${text}`);
    return sqlClient(lib, { address, dir, words: ['-f', script] });
  };
  return { dir, run };
}

test('tables, a changelog, and the place of a mistake', { timeout: 3 * COMMAND_WITHIN_MS }, async () => {
  const { run } = await startClient();
  const printed = await run(`${TABLES}
SHOW TABLES;
DESCRIBE events;
SELECT event_type, COUNT(*) AS c FROM events /*+ OPTIONS('scan.bounded.mode' = 'latest-offset') */ GROUP BY event_type;
SELECT event_type,
  nope FROM events;`);
  expect(printed).toContain('| table name |\n+------------+\n|     clicks |\n|     events |\n|     viewed |\n+------------+\n3 rows in set');
  expect(printed).toMatch(/\| event_time \| +TIMESTAMP\(3\) \*ROWTIME\* \| +TRUE \|/);
  expect(printed).toContain('| op |                     event_type |                    c |');
  // How many changes there are depends on how many records come at a time; what they add up to does not.
  expect(printed).toMatch(/\| \+[IU] \| +click \| +2 \|/);
  expect(printed).toMatch(/\| \+I \| +view \| +1 \|/);
  expect(printed).toMatch(/Received a total of \d+ rows/);
  expect(printed).toMatch(/\[ERROR\] Could not execute SQL statement\. Reason:\n.*ValidationException: SQL_VALIDATE at line 2, column 3: /);
});

test('statement sets in pieces, and their jobs by SQL', { timeout: 4 * COMMAND_WITHIN_MS }, async () => {
  const { dir, run } = await startClient();
  const submitted = await run(`${TABLES}
EXECUTE STATEMENT SET BEGIN
INSERT INTO clicks SELECT event_type FROM events WHERE event_type = 'click';
INSERT INTO viewed SELECT event_type FROM events WHERE event_type = 'view';
END;
BEGIN STATEMENT SET;
INSERT INTO clicks SELECT event_type FROM events;
END;
SHOW JOBS;`);
  const [first = '', second = ''] = [...submitted.matchAll(/Job ID: ([0-9a-f]{32})/g)].map(([, id]) => id ?? '');
  expect(submitted).toContain('2 rows in set');
  for (const job of [first, second]) expect(submitted).toMatch(new RegExp(`\\| ${job} \\| .* \\| RUNNING \\| \\d{4}-\\d\\d-\\d\\d`));
  const stopped = await run(`
SET 'execution.checkpointing.savepoint-dir' = 'file://${dir}/savepoints';
DESCRIBE JOB '${first}';
STOP JOB '${first}' WITH SAVEPOINT;
STOP JOB '${second}';
SHOW JOBS;`);
  const path = /\| file:(\S+\/savepoint-[0-9a-f]{6}-[0-9a-f]{12}) \|/.exec(stopped)?.[1] ?? stopped;
  expect(existsSync(join(path, '_metadata'))).toBe(true);
  expect(stopped).toMatch(new RegExp(`${first} .* FINISHED [^]*${second} .* CANCELED `));
});

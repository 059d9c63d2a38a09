/** The page of differences from Flink: what it says to be refused is refused, in these words. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import { planJob } from '../../lib/sql/plan-script.ts';

const PAGE = readFileSync(new URL('../../docs/differences-from-flink.md', import.meta.url), 'utf8');

const KAFKA = `'connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'k:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json'`;
const TABLES = `
  CREATE TABLE T (id INT, name STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (${KAFKA});
  CREATE TABLE U (id INT, v INT) WITH (${KAFKA});
  CREATE TABLE O (id BIGINT, name STRING) WITH ('connector' = 'filesystem', 'path' = '/o', 'format' = 'json');
`;

interface Refused {
  readonly reason: string;
  readonly script: string;
}

/** Blocks of SQL, and rows of tables: a statement, and what is said of it. */
const REFUSED = [...ofBlocks(), ...ofRows()];

function ofBlocks(): Refused[] {
  return [...PAGE.matchAll(/^```sql refused: (.+)\n([^]*?)^```$/gm)].map(([, reason = '', script = '']): Refused => ({ reason, script }));
}

function ofRows(): Refused[] {
  return [...PAGE.matchAll(/^\| `([A-Z].+?)` \| (.+?) \|.*\|$/gm)].map(([, script = '', reason = '']): Refused => ({ reason, script: `${script};` }));
}

function refusalOf(script: string): string {
  try {
    planJob(TABLES + script, { warehouse: '/w', resolvePath: (path) => path }, { collects: true });
  } catch (error) {
    if (isError(error)) return `${error.message} ${error.hint ?? ''}`;
    throw error;
  }
  return 'accepted';
}

describe('what the page says to be refused', () => {
  test('is some', () => {
    expect(ofBlocks().length).toBeGreaterThan(15);
    expect(ofRows().length).toBeGreaterThan(60);
  });

  test.each(REFUSED)('$script', ({ script, reason }) => {
    expect(refusalOf(script)).toContain(reason);
  });
});

test('the page is found from README', () => {
  expect(readFileSync(new URL('../../README.md', import.meta.url), 'utf8')).toContain('(docs/differences-from-flink.md)');
});

/**
 * `node test/sql/mutated-statements.ts [--count N] [--seed S]`: plans mutations of statements of all kinds. Whatever comes of one, it is a plan
 * or a refusal that says where; anything else is printed, and the exit code is 1.
 */
import { parseArgs } from 'node:util';
import { isError } from '../../lib/core/errors.ts';
import { tokenize } from '../../lib/sql/lexer.ts';
import { planJob } from '../../lib/sql/plan-script.ts';

const KAFKA = "'connector' = 'kafka', 'properties.bootstrap.servers' = 'k:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json'";
const TABLES = `
  CREATE TABLE t (id INT, name STRING, v BIGINT NOT NULL, amount DECIMAL(10, 2), ts TIMESTAMP(3), at_ltz TIMESTAMP_LTZ(3), arr ARRAY<INT>, m MAP<STRING, INT>,
    r ROW<a INT, b STRING>, twice AS id * 2, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH (${KAFKA}, 'topic' = 't');
  CREATE TABLE u (id INT, name STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (${KAFKA}, 'topic' = 'u');
  CREATE TABLE s (a BIGINT, b STRING) WITH ('connector' = 'blackhole');
  CREATE VIEW w AS SELECT id, name, ts FROM t WHERE id > 0;`;

const WINDOW = "TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE))";

/** What is mutated; together they hold every construct of the grammar. */
const STATEMENTS: readonly string[] = [
  'INSERT INTO s SELECT id, UPPER(name) FROM t WHERE id > 1 AND name LIKE \'a%\' ESCAPE \'!\'',
  `INSERT INTO s (a) SELECT COUNT(*) FROM ${WINDOW} GROUP BY window_start, window_end HAVING COUNT(*) > 1`,
  `SELECT window_start, name, SUM(amount) AS x, COUNT(DISTINCT id) FILTER (WHERE v > 0) FROM ${WINDOW} GROUP BY GROUPING SETS ((window_start, window_end, name), (window_start, window_end))`,
  "SELECT * FROM TABLE(HOP(DATA => TABLE t, TIMECOL => DESCRIPTOR(ts), SLIDE => INTERVAL '5' SECOND, SIZE => INTERVAL '1' MINUTE))",
  "SELECT window_start, MAX(v) FROM TABLE(CUMULATE(TABLE w, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '1' HOUR)) GROUP BY window_start, window_end",
  "SELECT name, COUNT(*) FROM TABLE(SESSION(TABLE t PARTITION BY name, DESCRIPTOR(ts), INTERVAL '1' DAY)) GROUP BY name, window_start, window_end",
  "SELECT TUMBLE_START(ts, INTERVAL '1' HOUR), AVG(amount) FROM t GROUP BY TUMBLE(ts, INTERVAL '1' HOUR), name",
  'SELECT CASE WHEN id = 1 THEN 1.5 ELSE CAST(name AS DOUBLE) END, COALESCE(id, 0), NULLIF(id, 2), id BETWEEN 1 AND 3, name IN (\'a\', \'b\') FROM t',
  "SELECT arr[1], m['k'], r.a, CARDINALITY(arr), ARRAY[1, 2, 3], MAP['a', 1], ROW(1, 'x'), t.* FROM t",
  "SELECT EXTRACT(YEAR FROM ts), FLOOR(ts TO DAY), TIMESTAMPADD(HOUR, 1, ts), DATE '2024-02-29', TIMESTAMP '2024-01-01 00:00:00', INTERVAL '1:30' MINUTE TO SECOND FROM t",
  "SELECT TRIM(BOTH 'x' FROM name), SUBSTRING(name FROM 2 FOR 3), POSITION('a' IN name), OVERLAY(name PLACING 'z' FROM 1), name || 'x', -id, +v, id % 2 FROM t",
  'SELECT id IS NOT NULL, id IS DISTINCT FROM v, NOT (id = 1 OR v <> 2), name SIMILAR TO \'a|b\' FROM t',
  'WITH x (p, q) AS (SELECT id, name FROM t), y AS (SELECT p FROM x) SELECT p FROM y UNION ALL SELECT id FROM u',
  'SELECT a FROM (SELECT id AS a FROM t) AS q (a) WHERE a > 1',
  "SELECT JSON_VALUE(name, '$.a' RETURNING INT NULL ON EMPTY), JSON_OBJECT('a' VALUE id), TRY_CAST(name AS INT) FROM t",
  "CREATE TABLE n (a INT PRIMARY KEY NOT ENFORCED, b AS a + 1 COMMENT 'x', c TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL, WATERMARK FOR c AS c) COMMENT 'all' PARTITIONED BY (a) WITH ('connector' = 'print'); SELECT id FROM t",
  "CREATE TABLE n (extra DECIMAL(5, 2) NOT NULL) WITH ('topic' = 'n') LIKE t (EXCLUDING GENERATED OVERWRITING OPTIONS); SELECT extra FROM n",
  'CREATE TEMPORARY VIEW IF NOT EXISTS n (a, b) COMMENT \'x\' AS SELECT id, name FROM t; SELECT a FROM n',
  "ALTER TABLE t ADD (x INT FIRST, y AS id + 1 AFTER x); ALTER TABLE t DROP WATERMARK; ALTER TABLE t RENAME id TO k; SELECT * FROM t /*+ OPTIONS('scan.startup.mode' = 'latest-offset') */",
  'ALTER VIEW w RENAME TO z; ALTER VIEW z AS SELECT id FROM u; DROP VIEW IF EXISTS z; DROP TEMPORARY TABLE IF EXISTS t; SELECT id FROM u',
  "CREATE DATABASE IF NOT EXISTS d COMMENT 'x' WITH ('a' = 'b'); USE d; SELECT id FROM default_catalog.default_database.t",
  "CREATE CATALOG c WITH ('type' = 'generic_in_memory'); USE CATALOG c; DROP CATALOG IF EXISTS d; SELECT id FROM default_catalog.default_database.t",
  "SET 'table.local-time-zone' = 'Europe/Berlin'; RESET 'pipeline.name'; SELECT ts, CAST(at_ltz AS STRING) FROM t",
  'EXECUTE STATEMENT SET BEGIN INSERT INTO s SELECT id, name FROM t; INSERT INTO s SELECT id, name FROM u; END',
  'BEGIN STATEMENT SET; INSERT INTO s (a) SELECT v FROM t; END',
  'EXPLAIN PLAN FOR INSERT INTO s SELECT id, name FROM t',
  "SHOW TABLES FROM default_database NOT LIKE 'a%'; DESCRIBE t; SHOW CREATE VIEW w",
  'SELECT `größe`, "x", \'it\'\'s\' -- comment\n/* block */ FROM `t` AS `T 1`',
];

/** Numbers from 0 to 1 by Marsaglia's xorshift: the same seed gives the same mutations everywhere. */
export function randomness(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const SNIPPETS = ['(', ')', ',', ';', '.', '*', '=', '=>', '<', '>', '[', ']', '-', '/*', '*/', '--', "'", '`', '"', '@', '0', '1e999', '99999999999999999999', "''", '\u0000', '𝒳', '\ud800', '\n', 'NULL', 'SELECT', 'FROM',
  'AS', 'NOT', 'AND', 'IN', 'OVER', 'DISTINCT', 'INTERVAL', 'ROW', 'ARRAY', 'CAST', 'ts', 'id', 'nope', 'window_start', 'COUNT(*)', 'GROUP BY', 'UNION ALL', '__proto__', 'constructor', 'toString'];

const WORDS = STATEMENTS.flatMap((statement) => tokenize(statement).map(({ span }) => statement.slice(span.start, span.end)));

class Mutation {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomness(seed);
  }

  /** A statement with one to four mistakes. */
  next(): string {
    let text = this.#pick(STATEMENTS);
    for (let left = 1 + this.#below(4); left > 0; left--) text = this.#mutated(text);
    return text;
  }

  #mutated(text: string): string {
    const spans = tokenize(text).map(({ span }) => span);
    const at = this.#pick(spans);
    const other = this.#pick(spans);
    const cut = (from: number, to: number, by: string): string => text.slice(0, from) + by + text.slice(to);
    const offset = this.#below(text.length + 1);
    switch (this.#below(8)) {
      case 0:
        return cut(at.start, at.end, '');
      case 1:
        return cut(at.end, at.end, ` ${text.slice(at.start, at.end)}`);
      case 2:
        return cut(at.start, at.end, text.slice(other.start, other.end));
      case 3:
        return cut(at.start, at.end, this.#pick(WORDS));
      case 4:
        return cut(at.start, at.start, `${this.#pick(WORDS)} `);
      case 5:
        return cut(offset, offset, this.#pick(SNIPPETS));
      case 6:
        return cut(offset, offset + 1 + this.#below(3), '');
      default:
        return this.#below(2) === 0 ? text.slice(0, offset) : `${text.slice(0, offset)} ${this.#pick(STATEMENTS)}`;
    }
  }

  #below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[this.#below(items.length)];
    if (item === undefined) throw new RangeError('there is nothing to pick');
    return item;
  }
}

const REFUSALS: ReadonlySet<string> = new Set(['SQL_PARSE', 'SQL_VALIDATE', 'SQL_UNSUPPORTED', 'OPTION_INVALID']);

/** What is wrong with how a statement is taken; null: it is planned, or refused at a place. */
export function flawOf(statement: string): string | null {
  try {
    planJob([{ name: 'tables', text: TABLES }, { name: 'mutated', text: statement }], { warehouse: '/w', resolvePath: (path) => path }, { collects: true });
    return null;
  } catch (error) {
    if (!isError(error)) return String(error instanceof Error ? error.stack : error);
    if (error.message.startsWith('there is no INSERT in')) return null;
    if (!REFUSALS.has(error.code)) return `${error.code}: ${error.stack}`;
    return typeof error.details['line'] === 'number' && typeof error.details['column'] === 'number' ? null : `no place: ${error.message}`;
  }
}

export interface Flaw {
  readonly statement: string;
  readonly flaw: string;
}

/** The flaws of so many mutations, and how many of these were planned. */
export function flawsOf(count: number, seed: number): Flaw[] {
  const mutation = new Mutation(seed);
  return Array.from({ length: count }, () => mutation.next()).flatMap((statement) => {
    const flaw = flawOf(statement);
    return flaw === null ? [] : [{ statement, flaw }];
  });
}

/** The statements as they are, which have no flaw either. */
export const unmutated = STATEMENTS;

if (import.meta.main) {
  const { values } = parseArgs({ options: { count: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } } });
  const flaws = flawsOf(Number(values.count), Number(values.seed));
  for (const { statement, flaw } of flaws.slice(0, 20)) console.log(`${JSON.stringify(statement)}\n  ${flaw.split('\n').slice(0, 6).join('\n  ')}`);
  console.log(`${values.count} statements of seed ${values.seed}: ${flaws.length} with a flaw`);
  process.exitCode = flaws.length > 0 ? 1 : 0;
}

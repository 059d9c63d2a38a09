/** A script as one job, planned without a store: the same plan as a session's, and errors that point into the right file. */
import { expect, test } from 'vitest';
import { isError, type SluiceError } from '../../lib/core/errors.ts';
import { planJob, planScript } from '../../lib/sql/plan-script.ts';
import type { Script } from '../../lib/sql/script.ts';

const SURROUNDINGS = { warehouse: '/data/warehouse', resolvePath: (path: string): string => `/at/${path}` };

const TABLES = `CREATE TABLE t (a STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json', 'properties.bootstrap.servers' = 'k:1');
CREATE TABLE p (a STRING) WITH ('connector' = 'print');`;
const INSERT = 'INSERT INTO p SELECT a FROM t;';

function errorOf(scripts: string | readonly Script[]): SluiceError {
  try {
    planScript(scripts, SURROUNDINGS);
  } catch (error) {
    if (isError(error)) return error;
    throw error;
  }
  throw new Error('the script is planned');
}

test('what SET puts in force is in the plan, except where the job begins', () => {
  const script = `SET 'pipeline.name' = 'j'; SET 'execution.savepoint.path' = 'sp'; SET 'execution.state-recovery.ignore-unclaimed-state' = 'true'; SET 'table.exec.state.ttl' = '1 d';
    RESET 'table.exec.state.ttl'; ${TABLES} ${INSERT}`;
  const { plan, savepoint, allowNonRestored } = planJob(script, SURROUNDINGS);
  expect(plan).toMatchObject({ name: 'j', options: { 'pipeline.name': 'j' }, sql: 'INSERT INTO p SELECT a FROM t' });
  expect({ savepoint, allowNonRestored }).toEqual({ savepoint: '/at/sp', allowNonRestored: true });
  expect(planScript(`SET 'pipeline.name' = 'j'; ${TABLES} ${INSERT}`, SURROUNDINGS)).toEqual(plan);
});

test('tables of a filesystem catalog lie in its warehouse, paths are made absolute', () => {
  const script = `${TABLES} CREATE CATALOG lake WITH ('type' = 'filesystem', 'warehouse' = 'w'); CREATE DATABASE lake.d; CREATE TABLE lake.d.o (a STRING); INSERT INTO lake.d.o SELECT a FROM t;`;
  const [sink] = planScript(script, SURROUNDINGS).nodes.filter((node) => node.kind === 'sink');
  expect(sink).toMatchObject({ connector: 'filesystem', options: { path: '/at/w/d/o', format: 'json' } });
  const [other] = planScript(script.replace(", 'warehouse' = 'w'", ''), SURROUNDINGS).nodes.filter((node) => node.kind === 'sink');
  expect(other).toMatchObject({ options: { path: '/data/warehouse/lake/d/o' } });
});

test('tables of an Iceberg catalog say where it is, and are made by the job', () => {
  const make = (catalog: string): string => `${TABLES} CREATE CATALOG lake WITH ('type' = 'iceberg', 'property-version' = '1', ${catalog}); CREATE DATABASE lake.d;
    CREATE TABLE lake.d.o (a STRING) PARTITIONED BY (a) WITH ('write.target-file-size-bytes' = '1000', 'note' = 'x'); INSERT INTO lake.d.o SELECT a FROM t;`;
  const sinkOf = (script: string) => planScript(script, SURROUNDINGS).nodes.find((node) => node.kind === 'sink');
  const table = { connector: 'iceberg', 'catalog-name': 'lake', 'catalog-database': 'd', 'catalog-table': 'o', 'write.target-file-size-bytes': '1000' };
  expect(sinkOf(make("'catalog-type' = 'hadoop', 'warehouse' = 'w'"))).toMatchObject({ connector: 'iceberg', partitionedBy: ['a'], options: { ...table, 'catalog-type': 'hadoop', warehouse: '/at/w' } });
  expect(sinkOf(make("'catalog-type' = 'hadoop'"))?.options).toEqual({ ...table, 'catalog-type': 'hadoop', warehouse: '/data/warehouse/lake' });
  const rest = "'catalog-type' = 'rest', 'uri' = 'https://h/iceberg', 'warehouse' = 'w', 'header.x' = 'y', 'default-database' = 'z'";
  expect(sinkOf(make(rest))?.options).toEqual({ ...table, 'catalog-type': 'rest', uri: 'https://h/iceberg', warehouse: 'w', 'header.x': 'y' });
});

test('definitions may stand in files of their own', () => {
  const scripts = [{ name: 'init.sql', text: TABLES }, { name: 'job.sql', text: INSERT }];
  expect(planScript(scripts, SURROUNDINGS)).toEqual(planScript(`${TABLES} ${INSERT}`, SURROUNDINGS));
});

test('an error names file, line, column and statement', () => {
  const error = errorOf([{ name: 'init.sql', text: TABLES }, { name: 'job.sql', text: 'SET;\nINSERT INTO p SELECT b FROM t;' }]);
  expect(error.message).toBe(
    "SQL_VALIDATE at line 2, column 22: Column 'b' not found in any table\n  2 | INSERT INTO p SELECT b FROM t;\n    |                      ^\n  at job.sql:2:22, statement 2",
  );
  expect(error.details).toEqual({ line: 2, column: 22, endLine: 2, endColumn: 22, file: 'job.sql', statement: 2 });
});

test('an option that is refused is located at its statement', () => {
  expect(errorOf(`${TABLES}\nSET 'pipeline.nam' = 'x';`)).toMatchObject({ code: 'OPTION_INVALID', details: { line: 3, column: 1 }, hint: "Did you mean 'pipeline.name'?" });
});

test.each([
  ['no INSERT', TABLES, 'SQL_VALIDATE', 'there is no INSERT in the script', 'A job is one INSERT INTO … SELECT ….'],
  ['a second INSERT', `${TABLES}\n${INSERT}\n${INSERT}`, 'SQL_UNSUPPORTED', 'SQL_UNSUPPORTED at line 4, column 1: a second INSERT in the script of a job', 'Put them into one statement set: EXECUTE STATEMENT SET BEGIN INSERT …; INSERT …; END.'],
  ['SHOW', 'SHOW TABLES;', 'SQL_UNSUPPORTED', 'SQL_UNSUPPORTED at line 1, column 1: a statement that shows something, in the script of a job', 'It consists of SET, CREATE, ALTER, DROP and USE, and one INSERT; `sluice sql` runs other statements.'],
  ['a table that is not there', 'INSERT INTO q SELECT 1;', 'SQL_VALIDATE', "SQL_VALIDATE at line 1, column 13: Cannot find table '`default_catalog`.`default_database`.`q`' in any of the catalogs [default_catalog], nor as a temporary table.", undefined],
])('%s is refused', (_what, script, code, message, hint) => {
  const error = errorOf(script);
  expect({ code: error.code, message: error.message.split('\n')[0], hint: error.hint }).toEqual({ code, message, hint });
});

test('files without an INSERT are named', () => {
  expect(errorOf([{ name: 'a.sql', text: TABLES }, { name: 'b.sql', text: '' }]).message).toBe('there is no INSERT in a.sql, b.sql');
});

test('paths are made absolute wherever they are given', () => {
  const made = "CREATE TABLE f (a STRING) WITH ('connector' = 'filesystem', 'format' = 'json', 'path' = './one');";
  const pathOf = (script: string): unknown => planScript(`${TABLES} ${made} ${script}`, SURROUNDINGS).nodes.find((node) => node.kind === 'sink')?.options['path'];
  expect(pathOf('INSERT INTO f SELECT a FROM t;')).toBe('/at/./one');
  expect(pathOf("ALTER TABLE f SET ('path' = 'two'); INSERT INTO f SELECT a FROM t;")).toBe('/at/two');
  expect(pathOf("INSERT INTO f /*+ OPTIONS('path' = 'three') */ SELECT a FROM t;")).toBe('/at/three');
  expect(pathOf('CREATE TABLE g LIKE f; INSERT INTO g SELECT a FROM t;')).toBe('/at/./one');
});

const BOUNDED = "CREATE TABLE b (a STRING) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json', 'properties.bootstrap.servers' = 'k:1', 'scan.bounded.mode' = 'latest-offset');";
const PROCTIME = "CREATE TABLE q (a STRING, p AS PROCTIME()) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json', 'properties.bootstrap.servers' = 'k:1'); CREATE TABLE n (n BIGINT) WITH ('connector' = 'print');";
const tvf = (kind: string, table = 'q'): string => `TABLE(${kind}(TABLE ${table}, DESCRIPTOR(p), ${kind === 'HOP' || kind === 'CUMULATE' ? "INTERVAL '1' MINUTE, " : ''}INTERVAL '2' MINUTE))`;
const NOT_YET = 'Processing time Window TableFunction is not supported yet.';

test.each([
  [`SET 'execution.runtime-mode' = 'batch'; ${TABLES} ${INSERT}`, 'SQL_VALIDATE', "Querying an unbounded table 'default_catalog.default_database.t' in batch mode is not allowed. The table source is unbounded."],
  [`SET 'execution.runtime-mode' = 'BATCH'; ${TABLES} ${BOUNDED} INSERT INTO p SELECT a FROM b;`, 'SQL_UNSUPPORTED', 'A job in batch mode'],
  ["SET 'execution.runtime-mode' = 'automatic';", 'OPTION_INVALID', "takes one of STREAMING, BATCH, not 'automatic'"],
  [`SET 'table.exec.state.ttl' = '1 d'; ${TABLES} INSERT INTO p SELECT MAX(a) FROM t;`, 'SQL_UNSUPPORTED', "'table.exec.state.ttl' of more than 0 for an aggregation without a window"],
  [`SET 'table.exec.state.ttl' = '1 d'; ${TABLES} INSERT INTO p SELECT DISTINCT a FROM t;`, 'SQL_UNSUPPORTED', "'table.exec.state.ttl' of more than 0 for an aggregation without a window"],
  [`${TABLES} INSERT INTO p SELECT /*+ STATE_TTL('t' = '1 d') */ MAX(a) FROM t;`, 'SQL_UNSUPPORTED', 'The hint STATE_TTL: state without a window is kept for ever'],
  ...['TUMBLE', 'HOP', 'CUMULATE', 'SESSION'].flatMap((kind) => [
    [`${TABLES} ${PROCTIME} INSERT INTO p SELECT a FROM ${tvf(kind)};`, 'SQL_UNSUPPORTED', NOT_YET],
    [`${TABLES} ${PROCTIME} INSERT INTO p SELECT a FROM (SELECT a, window_start FROM ${tvf(kind)} WHERE a <> 'x') UNION ALL SELECT a FROM t;`, 'SQL_UNSUPPORTED', NOT_YET],
    [`${TABLES} ${PROCTIME} INSERT INTO n SELECT COUNT(*) FROM ${tvf(kind)};`, 'SQL_UNSUPPORTED', NOT_YET],
    [`${TABLES} ${PROCTIME} CREATE VIEW v AS SELECT * FROM ${tvf(kind)}; INSERT INTO p SELECT DISTINCT a FROM v;`, 'SQL_UNSUPPORTED', NOT_YET],
  ]),
])('%s is refused', (script, code, message) => {
  const error = errorOf(script);
  expect(error.code).toBe(code);
  expect(error.message).toContain(message);
  expect(error.hint).toBeDefined();
});

test('state in windows has its own end, and windows of processing time are aggregated', () => {
  const plans = [
    `SET 'table.exec.state.ttl' = '1 d'; ${TABLES} INSERT INTO p SELECT MAX(a) FROM t GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);`,
    `SET 'table.exec.state.ttl' = '0 s'; ${TABLES} INSERT INTO p SELECT MAX(a) FROM t;`,
    ...['TUMBLE', 'HOP', 'CUMULATE', 'SESSION'].map((kind) => `${TABLES} ${PROCTIME} CREATE VIEW v AS SELECT * FROM ${tvf(kind)}; INSERT INTO n SELECT COUNT(*) FROM v GROUP BY window_start, window_end;`),
  ];
  for (const script of plans) expect(planScript(script, SURROUNDINGS).nodes.some(({ kind }) => kind === 'window-aggregate')).toBe(true);
});

/** Completion, at the mark `|` of each text. */
import { expect, test } from 'vitest';
import { newCatalogs, type Catalogs } from '../../lib/sql/catalog.ts';
import { changeCatalogs } from '../../lib/sql/catalog-change.ts';
import { completionsAt, type Candidate } from '../../lib/sql/complete.ts';
import { parseScript } from '../../lib/sql/parse.ts';

const SCRIPT = `
  CREATE TABLE orders (id INT, user_id STRING, \`total price\` DOUBLE, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen');
  CREATE TABLE results (id INT, n BIGINT) WITH ('connector' = 'blackhole');
  CREATE VIEW recent (order_id) AS SELECT id FROM orders;
  CREATE DATABASE archive;
  CREATE TABLE archive.past (year_of INT) WITH ('connector' = 'blackhole');
  CREATE CATALOG lake WITH ('type' = 'generic_in_memory')`;

const CATALOGS: Catalogs = parseScript(SCRIPT).reduce<Catalogs>((catalogs, statement) => {
  expect(['create-table', 'create-view', 'create-database', 'create-catalog']).toContain(statement.kind);
  return changeCatalogs(catalogs, statement as Parameters<typeof changeCatalogs>[1], { warehouse: '/w', resolvePath: (path) => path, options: {} });
}, newCatalogs());

const at = (marked: string): readonly Candidate[] => completionsAt(marked.replace('|', ''), marked.indexOf('|'), CATALOGS).candidates;
const texts = (marked: string): string[] => at(marked).map(({ text }) => text);

test.each([
  ['SEL|', ['SELECT']],
  ['sho|', ['show']],
  ['SHOW CURR|', ['CURRENT CATALOG', 'CURRENT DATABASE']],
  ['SELECT * FRO|', ['FROM']],
  ['SELECT a FROM orders WHERE a IS NOT N|', ['NULL']],
  ['SELECT id FROM orders WH|', ['WHERE']],
  ['SELECT id FROM orders WHERE id > 1 AN|', ['AND']],
  ['SELECT id FROM orders UNI|', ['UNION', 'UNION ALL']],
  ['SELECT * FROM o|', ['orders']],
  ['SELECT * FROM re|', ['recent', 'results']],
  ['SELECT * FROM `re|', ['`recent`', '`results`']],
  ['SELECT * FROM archive.|', ['past']],
  ['SELECT * FROM default_catalog.archive.|', ['past']],
  ['SELECT * FROM default_catalog.|', ['archive', 'default_database']],
  ['SELECT * FROM TABLE(TUMBLE(TABLE o|', ['orders']],
  ['SELECT * FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(t|', ['`total price`', 'ts']],
  ['SELECT us| FROM orders', ['user_id']],
  ['SELECT `us| FROM orders', ['`user_id`']],
  ['SELECT o.| FROM orders AS o', ['id', '`total price`', 'ts', 'user_id']],
  ['SELECT order_| FROM recent', ['order_id']],
  ["SELECT window_| FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE))", ['window_end', 'window_start', 'window_time']],
  ['SELECT id FROM orders WHERE id = 1 AND user_|', ['user_id']],
  ['SELECT id FROM orders WHERE user_id LIKE us|', ['user_id']],
  ['SELECT id FROM orders GROUP BY us|', ['user_id']],
  ['SELECT cou| FROM orders', ['count']],
  ['SELECT FROM orders WHERE user_|', ['user_id']],
  ['INSERT INTO re|', ['recent', 'results']],
  ['INSERT INTO results SELECT use| FROM orders', ['user_id']],
  ['USE CATALOG |', ['default_catalog', 'lake']],
  ['USE a|', ['archive']],
  ['DROP VIEW |', ['recent', 'archive', 'default_database', 'default_catalog', 'lake', 'IF EXISTS']],
  ['DESCRIBE ord|', ['orders']],
  ['CREATE TABLE o|', []],
  ['CREATE TABLE o (id BIG|', ['BIGINT']],
  ['SELECT CAST(id AS timestamp_|', ['timestamp_ltz']],
  ["CREATE TABLE o (id INT) WITH ('connector' = 'ka|')", ["'kafka'"]],
  ['SELECT COUNT(us| FROM orders', ['user_id']],
  ['SELECT id FROM orders WHERE id BETWEEN us| AND 3', ['user_id']],
  ["SELECT INTERVAL '1' MI|", ['MINUTE']],
  ['SELECT CASE WHEN user_|', []],
  ['SELECT CASE WHEN user_| FROM orders', ['user_id']],
  ['CREATE VIEW v AS SELECT * FROM o|', ['orders']],
  ["SET 'execution.runtime|", ["'execution.runtime-mode'"]],
  ["SET 'execution.runtime-mode' = 'b|", ["'batch'"]],
  ["SET 'table.dml-sync' = |", ["'false'", "'true'"]],
  ["RESET 'table.dml|'", ["'table.dml-sync'"]],
  ['SELECT 1; SELECT nonsense here; SHOW TAB|', ['TABLES']],
  ['EXECUTE STATEMENT SET BEGIN INSERT INTO results SELECT 1, 2 FROM orders; INS|', ['INSERT']],
  ["SELECT 'or|", []],
  ['SELECT id -- o|', []],
  ['SELECT /* o|', []],
])('%s', (marked, candidates) => {
  expect(texts(marked)).toEqual(candidates);
});

test('candidates say what they are, and which text they replace', () => {
  expect(completionsAt('SELECT * FROM `or', 17, CATALOGS)).toEqual({ start: 14, end: 17, candidates: [{ name: 'orders', kind: 'table', text: '`orders`' }] });
  expect(completionsAt("RESET 'table.dml'", 16, CATALOGS)).toMatchObject({ start: 6, end: 17 });
  expect(completionsAt('SHOW ', 5, CATALOGS)).toMatchObject({ start: 5, end: 5 });
});

test('columns come first, then keywords and functions', () => {
  const kinds = at('SELECT | FROM orders').map(({ kind }) => kind);
  expect([...new Set(kinds)]).toEqual(['column', 'keyword', 'function']);
});

test('whatever the text and the place, there is an answer', () => {
  const text = "SELECT a.`b`, 'c' /* d */ FROM t /*+ OPTIONS('e' = 'f') */ WHERE g > 1 -- h\n; SET 'i' = 'j'; \u0000 \" ( [ 'k";
  for (let position = 0; position <= text.length; position++) {
    const { start, end } = completionsAt(text, position, CATALOGS);
    expect(start <= position && end >= position && end <= text.length).toBe(true);
  }
});

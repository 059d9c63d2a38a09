import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import { parseScript } from '../../lib/sql/parse.ts';

const VALID = [
  "CREATE TABLE t (id INT, c AS id + 1, ts TIMESTAMP(3) METADATA FROM 'x' VIRTUAL, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND, PRIMARY KEY (id) NOT ENFORCED) COMMENT 'c' WITH ('connector' = 'kafka')",
  "INSERT INTO c.d.t SELECT window_start, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end",
  "SELECT CASE WHEN a IS NOT DISTINCT FROM b THEN CAST(c AS DECIMAL(10, 2)) ELSE -1.5e3 END, TRIM(BOTH 'x' FROM s) FROM (SELECT * FROM t /*+ OPTIONS('a' = 'b') */) WHERE a BETWEEN 1 AND 2 AND s NOT LIKE 'x%' ESCAPE '!' ORDER BY a DESC LIMIT 5",
  "SET 'a' = 'b'; RESET; SHOW TABLES; USE c.d; DROP DATABASE IF EXISTS d CASCADE; EXPLAIN SELECT 1",
];

const WORDS = [...new Set(VALID.join(' ').split(/[^\w]+/)), 'JOIN', 'UNION', 'OVER', 'ARRAY', 'ROW', 'EXISTS', 'VALUES', 'WITH'];
const MARKS = `( ) , . ; = <> <= => || + - * / % [ ] != == : @ " ' '' \` \`\` /* */ /*+ -- 1 1.5 1e 数 ı 😀`.split(' ');
const PIECES = [...WORDS, ...MARKS, '\n', '\r', '\t', '\u0000', '\ud800'];

/** The bounds of a failure lie in the text; nothing but errors of SQL comes out. */
function check(text: string): void {
  try {
    for (const { span, text: own } of parseScript(text)) expect(text.slice(span.start, span.end)).toBe(own);
  } catch (error) {
    if (!isError(error, 'SQL_PARSE', 'SQL_UNSUPPORTED', 'SQL_VALIDATE')) throw error;
    checkPosition(text, error.details);
  }
}

function checkPosition(text: string, details: Readonly<Record<string, unknown>>): void {
  const lines = text.split(/\r\n|\r|\n/);
  for (const [row, column] of [
    [details['line'], details['column']],
    [details['endLine'], details['endColumn']],
  ]) {
    const line = lines[Number(row) - 1];
    expect(line).toBeDefined();
    expect(Number(column)).toBeGreaterThanOrEqual(1);
    // The line end itself is a place, too: there a token is missing.
    expect(Number(column)).toBeLessThanOrEqual([...(line ?? '')].length + 2);
  }
}

const soup = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).chain((pieces) =>
  fc.constantFrom('', ' ').map((separator) => pieces.join(separator)),
);

/** A valid statement with a piece cut out and another put in its place. */
const mutated = fc
  .record({
    base: fc.constantFrom(...VALID),
    at: fc.nat(400),
    length: fc.nat(30),
    piece: fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 5 }), fc.constant('')),
  })
  .map(({ base, at, length, piece }) => base.slice(0, at) + piece + base.slice(at + length));

test.each([
  ['a soup of tokens', soup, 10_000],
  ['mutated statements', mutated, 10_000],
  ['random text', fc.string({ unit: 'binary', maxLength: 60 }), 5_000],
  ['random code units', fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes)), 2_000],
])('%s', (_, input, numRuns) => {
  fc.assert(fc.property(input, check), { numRuns });
});

test('every prefix of a valid statement', () => {
  for (const text of VALID) for (let end = 0; end <= text.length; end++) check(text.slice(0, end));
});

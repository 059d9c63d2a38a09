import { describe, expect, test } from 'vitest';
import { parseExpressionText } from '../../lib/sql/parse.ts';
import { sexp } from './sexp.ts';

const CASES: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  precedence: [
    ['a OR b AND NOT c = d + e * -f', '(OR a (AND b (NOT (= c (+ d (* e (- f)))))))'],
    ['(a OR b) AND c', '(AND (OR a b) c)'],
    ['a - b - c', '(- (- a b) c)'],
    ["a + b || 'x'", "(+ a (|| b 'x'))"],
    ['a = b IS TRUE', '(is-true (= a b))'],
    ['NOT a IS NULL', '(NOT (is-null a))'],
    ['a % 2 = 1', '(= (% a 2) 1)'],
    ['a BETWEEN 1 AND 2 AND b', '(AND (between a 1 2) b)'],
    ['a = b BETWEEN c AND d', '(= a (between b c d))'],
    ['- - 1', '(- (- 1))'],
    ['+a', '(+ a)'],
  ],
  predicates: [
    ['a IS NOT NULL', '(is-not-null a)'],
    ['a IS UNKNOWN OR a IS NOT FALSE', '(OR (is-unknown a) (is-not-false a))'],
    ['a IS DISTINCT FROM b + 1', '(distinct a (+ b 1))'],
    ['a IS NOT DISTINCT FROM NULL', '(not-distinct a null)'],
    ['a NOT BETWEEN SYMMETRIC 1 AND 2', '(not-between-symmetric a 1 2)'],
    ['a BETWEEN ASYMMETRIC 1 AND 2', '(between a 1 2)'],
    ['a NOT IN (1, 2)', '(not-in a 1 2)'],
    ["a LIKE 'x%' ESCAPE '!'", "(like a 'x%' '!')"],
    ["a NOT LIKE b || '%'", "(not-like a (|| b '%'))"],
    ['a <> 1 AND b <= 2 AND c >= 3', '(AND (AND (<> a 1) (<= b 2)) (>= c 3))'],
  ],
  literals: [
    ['007', '007'],
    ['1.', '1.'],
    ['.5e-3', '.5e-3'],
    ['123456789012345678901234567890.123', '123456789012345678901234567890.123'],
    ["'it''s'", "'it's'"],
    ["DATE '2024-02-29'", "DATE'2024-02-29'"],
    ["TIMESTAMP '2024-02-29 01:02:03.4'", "TIMESTAMP'2024-02-29 01:02:03.4'"],
    ["INTERVAL '5' SECOND", "INTERVAL '5' SECOND"],
    ["INTERVAL -'1:30' MINUTE TO SECOND(3)", "INTERVAL -'1:30' MINUTE TO SECOND"],
    ['INTERVAL 5 SECONDS', "INTERVAL '5' SECOND"],
    ["INTERVAL '1-5' YEAR(4) TO MONTH", "INTERVAL '1-5' YEAR TO MONTH"],
    ["INTERVAL '1 2:34:56.789' DAY(3) TO SECOND", "INTERVAL '1 2:34:56.789' DAY TO SECOND"],
    ['true AND UNKNOWN', '(AND true null)'],
  ],
  names: [
    ['c.d.t.x', 'c.d.t.x'],
    ['`odd``name`.`select`', 'odd`name.select'],
    ['type + status + event', '(+ (+ type status) event)'],
    ['größe', 'größe'],
  ],
  calls: [
    ['COUNT(*)', '(COUNT *)'],
    ['count(DISTINCT a) FILTER (WHERE b > 1)', '(COUNT-distinct a where (> b 1))'],
    ['SUM(ALL a)', '(SUM a)'],
    ['f()', '(F)'],
    ['CURRENT_TIMESTAMP', '(CURRENT_TIMESTAMP)'],
    ['UPPER(LOWER(a))', '(UPPER (LOWER a))'],
    ['EXTRACT(DAY FROM ts)', '(EXTRACT :DAY ts)'],
    ['FLOOR(ts TO HOUR)', '(FLOOR ts :HOUR)'],
    ['CEIL(1.5)', '(CEIL 1.5)'],
    ['SUBSTRING(s FROM 2 FOR 3)', '(SUBSTRING s 2 3)'],
    ['SUBSTRING(s, 2)', '(SUBSTRING s 2)'],
    ["OVERLAY(s PLACING 'x' FROM 2 FOR 1)", "(OVERLAY s 'x' 2 1)"],
    ["TRIM(BOTH 'x' FROM s)", "(TRIM :BOTH 'x' s)"],
    ['TRIM(LEADING FROM s)', "(TRIM :LEADING ' ' s)"],
    ["TRIM('x' FROM s)", "(TRIM :BOTH 'x' s)"],
    ['TRIM(s)', "(TRIM :BOTH ' ' s)"],
    ["POSITION('a' IN s)", "(POSITION 'a' s)"],
    ['TIMESTAMPADD(WEEK, 1, ts)', '(TIMESTAMPADD :WEEK 1 ts)'],
    ['TIMESTAMPDIFF(DAY, a, b)', '(TIMESTAMPDIFF :DAY a b)'],
    ['IF(a, b, c)', '(IF a b c)'],
  ],
  'case and cast': [
    ['CASE WHEN a THEN 1 WHEN b THEN 2 ELSE 3 END', '(case - a 1 b 2 3)'],
    ['CASE a WHEN 1 THEN 2 END', '(case a 1 2 -)'],
    ['CAST(a AS DECIMAL(10, 2))', '(cast a DECIMAL)'],
    ['TRY_CAST(a AS TIMESTAMP(3) WITH LOCAL TIME ZONE)', '(try-cast a TIMESTAMP_LTZ)'],
  ],
};

for (const [topic, cases] of Object.entries(CASES)) {
  describe(topic, () => {
    test.each(cases)('%s', (text, expected) => {
      expect(sexp(parseExpressionText(text))).toBe(expected);
    });
  });
}

test('spans cover what was written, parentheses included', () => {
  const text = '  (a + b) * c ';
  const expression = parseExpressionText(text);
  expect(text.slice(expression.span.start, expression.span.end)).toBe('(a + b) * c');
});

test('interval precisions', () => {
  expect(parseExpressionText("INTERVAL '1.5' SECOND(4, 3)")).toMatchObject({ precision: 4, fractionPrecision: 3 });
  expect(parseExpressionText("INTERVAL '1' DAY")).toMatchObject({ precision: 2, fractionPrecision: 6, to: null });
});

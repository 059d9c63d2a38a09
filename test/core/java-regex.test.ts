/** Patterns of java.util.regex, with what Java 17 finds. */
import { describe, expect, it } from 'vitest';
import { PatternSyntaxError, javaPattern } from '../../lib/core/java/regex.ts';

/** The first match and its groups as Java counts them. */
function found(pattern: string, text: string): (string | null)[] | null {
  const { regex, groups } = javaPattern(pattern);
  regex.lastIndex = 0;
  const match = regex.exec(text);
  return match === null ? null : groups.map((group) => match[group] ?? null);
}

describe('a pattern of Java', () => {
  it.each<readonly [string, string, readonly (string | null)[] | null]>([
    ['(a)(?>b+)(c)\\2', 'abbcc', ['abbcc', 'a', 'c']],
    ['(x)a++(b)', 'xaab', ['xaab', 'x', 'b']],
    ['a++a', 'aaa', null],
    ['[a-z&&[^bc]]+', 'abcd', ['a']],
    ['[a-d[m-p]]+', 'zamz', ['am']],
    ['(?i)hello', 'HeLLo', ['HeLLo']],
    ['(?i)[a-c]+', 'ABC', ['ABC']],
    ['(?i)é', 'É', null],
    ['(?iu)é', 'É', ['É']],
    ['^a$', 'a\n', ['a']],
    ['\\Aa\\z', 'a\n', null],
    ['(?m)^b$', 'a\nb\nc', ['b']],
    ['(?s).', '\n', ['\n']],
    ['.', '\u2028', null],
    ['.', '😀', ['😀']],
    ['\\p{Lu}+', 'aÄB', ['ÄB']],
    ['\\p{IsGreek}', 'α', ['α']],
    ['\\P{Alpha}', 'a1', ['1']],
    ['\\p{Punct}+', 'a$+<', ['$+<']],
    ['\\Qa.b\\E+', 'a.bb', ['a.bb']],
    ['(?<n>a)\\k<n>', 'aa', ['aa', 'a']],
    ['(?x) a b # c', 'ab', ['ab']],
    ['[]a]+', ']a', [']a']],
    ['\\u00e9\\x41\\0101', 'éAA', ['éAA']],
    ['\\R', '\r\n', ['\r\n']],
    ['\\bfoo\\b', 'éfoo foo', ['foo']],
    ['(?:a|b)*c', 'abac', ['abac']],
    ['}', '}', ['}']],
    ['\\s+', ' \u000b\u00a0', [' \u000b']],
  ])('%s finds in %j', (pattern, text, result) => {
    expect(found(pattern, text)).toStrictEqual(result);
  });

  it.each(['a{2', '*a', '[', '(a', 'a)', '(?<=a*)b', '[z-a]', '\\k<x>', '\\y', 'a{3,2}', '\\p{Nonsense}', '(?<n>a)(?<n>b)', '\\', '(?z)a'])('%s is none', (pattern) => {
    expect(() => javaPattern(pattern)).toThrow(PatternSyntaxError);
  });
});

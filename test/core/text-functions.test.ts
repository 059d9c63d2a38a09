/** Functions on strings, with the results that Flink 2.1 gives. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import type { Value } from '../../lib/core/types.ts';
import { callOf, valueOf } from './functions-support.ts';

type Case = readonly [fn: string, args: readonly Value[], result: Value];

const check = (cases: readonly Case[]): void => {
  it.each(cases.map(([fn, args, result]) => [fn, args, result] as const))('%s(%s) is %s', (fn, args, result) => {
    expect(valueOf(fn, ...args)).toStrictEqual(result);
  });
};

describe('searching', () => {
  check([
    ['POSITION', ['o', 'Hello'], 5],
    ['POSITION', ['', 'Hello'], 1],
    ['LOCATE', ['l', 'Hello', 4], 4],
    ['LOCATE', ['😀', 'a😀b'], 2],
    ['LOCATE', ['b', '😀b'], 2],
    ['INSTR', ['abcabc', 'c'], 3],
    ['INSTR', ['abcabc', 'c', 1, 2], 6],
    ['INSTR', ['abcabc', 'bc', -1], 5],
    ['INSTR', ['abcabc', 'bc', -1, 2], 2],
    ['INSTR', ['abc', 'b', 0], 0],
    ['STARTSWITH', ['Hello', ''], true],
    ['ENDSWITH', ['Hello', 'lo'], true],
    ['ENDSWITH', [Uint8Array.of(1, 2), Uint8Array.of(2)], true],
    ['STARTSWITH', [null, 'a'], null],
  ]);

  it('refuses an appearance of zero', () => {
    expect(() => valueOf('INSTR', 'abc', 'b', 1, 0)).toThrow('nthAppearance must be positive!');
  });
});

describe('cutting and filling', () => {
  check([
    ['LEFT', ['Hello', -1], ''],
    ['RIGHT', ['a😀b', 2], '😀b'],
    ['RIGHT', ['ab', 100], 'ab'],
    ['SUBSTRING', ['Hello', 2, 2], 'el'],
    ['SUBSTRING', ['Hello', -7], ''],
    ['SUBSTRING', ['Hello', 2, -1], null],
    ['OVERLAY', ['abcdef', 'XY', 2], 'aXYdef'],
    ['OVERLAY', ['abcdef', 'XY', 2, 4], 'aXYf'],
    ['OVERLAY', ['abcdef', 'XY', 9], 'abcdef'],
    ['OVERLAY', ['abcdef', 'XY', 2, 0], 'aXY'],
    ['LPAD', ['hi', 5, 'xy'], 'xyxhi'],
    ['LPAD', ['hi', 1, 'xy'], 'h'],
    ['LPAD', ['😀a', 1, '.'], '?'],
    ['RPAD', ['hi', 5, ''], null],
    ['RPAD', ['hi', -1, '.'], null],
    ['REPEAT', ['ab', -3], ''],
    ['LTRIM', ['  a '], 'a '],
    ['RTRIM', ['abxx', 'x'], 'ab'],
    ['BTRIM', ['xxabyx', 'xy'], 'ab'],
    ['TRIM', ['LEADING', 'a', 'aab'], 'b'],
    ['SPLIT_INDEX', ['a,b,,c', ',', 2], ''],
    ['SPLIT_INDEX', ['a,b', 44, 1], 'b'],
    ['SPLIT_INDEX', ['a,b', ',', -1], null],
    ['SPLIT_INDEX', ['', ',', 0], null],
  ]);
});

it.each(['LPAD', 'RPAD', 'REPEAT'])('%s fails where the memory would not be enough', (fn) => {
  const made = fn === 'REPEAT' ? () => valueOf(fn, 'ab', 2147483647) : () => valueOf(fn, 'ab', 2147483647, 'x');
  expect(made).toThrow('does not fit into memory');
});

describe('changing and joining', () => {
  check([
    ['INITCAP', ["o'neil mCDONALD 3x éa"], "O'Neil Mcdonald 3x éA"],
    ['UPPER', ['straße'], 'STRASSE'],
    ['REVERSE', ['a😀b'], 'b😀a'],
    ['REPLACE', ['abc', '', '-'], '-a-b-c-'],
    ['REPLACE', ['a$b', '$', '$&'], 'a$&b'],
    ['TRANSLATE', ['hello', 'lol', '0x1'], 'he00x'],
    ['TRANSLATE', ['hello', 'l', ''], 'heo'],
    ['TRANSLATE', ['hello', 'l', null], 'heo'],
    ['TRANSLATE', ['hello', null, 'x'], 'hello'],
    ['CONCAT', ['a', null], null],
    ['CONCAT_WS', ['-', 'a', null, ''], 'a-'],
    ['ELT', [2, 'a', 'bc'], 'bc'],
    ['ELT', [3, 'a', 'bc'], null],
    ['IS_ALPHA', ['é'], true],
    ['IS_ALPHA', [null], false],
    ['IS_DIGIT', ['12'], true],
    ['IS_DIGIT', [12], true],
    ['IS_DECIMAL', ['-1.5e3'], true],
    ['IS_DECIMAL', ['0x1p3'], true],
    ['IS_DECIMAL', ['1,5'], false],
  ]);

  it('has the lengths of both in the type of a sum of CHARs', () => {
    const sum = callOf('||', { op: 'literal', type: { kind: 'CHAR', length: 1 }, value: 'a' }, { op: 'literal', type: { kind: 'CHAR', length: 2 }, value: 'bc' });
    expect(sum).toMatchObject({ type: { kind: 'CHAR', length: 3 } });
  });
});

describe('encoding', () => {
  check([
    ['ASCII', ['é'], -61],
    ['ASCII', [''], 0],
    ['CHR', [321], 'A'],
    ['CHR', [-1], ''],
    ['HEX', [-7], 'FFFFFFFFFFFFFFF9'],
    ['HEX', ['hé'], '68C3A9'],
    ['BIN', [-1n], '1'.repeat(64)],
    ['UNHEX', ['4'], Uint8Array.of(4)],
    ['UNHEX', ['zz'], null],
    ['TO_BASE64', ['hé'], 'aMOp'],
    ['FROM_BASE64', ['aMOp'], 'hé'],
    ['ENCODE', ['é', 'UTF-16'], Uint8Array.of(0xfe, 0xff, 0, 0xe9)],
    ['DECODE', [Uint8Array.of(0xe9), 'ISO-8859-1'], 'é'],
    ['URL_ENCODE', ['a b*é~'], 'a+b*%C3%A9%7E'],
    ['URL_DECODE', ['a+b%C3%A9'], 'a bé'],
    ['URL_DECODE', ['%zz'], null],
    ['PARSE_URL', ['http://u:p@h.org:80/p/q?a=1&b=2#r', 'AUTHORITY'], 'u:p@h.org:80'],
    ['PARSE_URL', ['http://u:p@h.org:80/p/q?a=1&b=2#r', 'USERINFO'], 'u:p'],
    ['PARSE_URL', ['http://u:p@h.org:80/p/q?a=1&b=2#r', 'FILE'], '/p/q?a=1&b=2'],
    ['PARSE_URL', ['http://h.org/?a=1&b=2', 'QUERY', 'b'], '2'],
    ['PARSE_URL', ['http://h.org/?a=1', 'QUERY', 'x'], null],
    ['PARSE_URL', ['nothing', 'HOST'], null],
    ['SHA2', ['abc', 224], createHash('sha224').update('abc').digest('hex')],
  ]);

  it.each([
    ['FROM_BASE64', 'a b', 'Illegal base64 character 20'],
    ['DECODE', Uint8Array.of(1), 'nonsense'],
  ])('%s fails on what it cannot read', (fn, value, message) => {
    const args = fn === 'DECODE' ? [value, message] : [value];
    expect(() => valueOf(fn, ...args)).toThrow(message);
  });

  it('hashes as node:crypto does', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        for (const [fn, algorithm] of [['MD5', 'md5'], ['SHA1', 'sha1'], ['SHA256', 'sha256'], ['SHA384', 'sha384'], ['SHA512', 'sha512']] as const) {
          expect(valueOf(fn, text)).toBe(createHash(algorithm).update(text).digest('hex'));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('refuses a literal length of SHA2 that is none when it is planned', () => {
    expect(callOf('SHA2', 'abc', 100)).toBe('Unsupported algorithm.');
  });
});

describe('PRINTF', () => {
  check([
    ['PRINTF', ['%d-%s', 3, 'x'], '3-x'],
    ['PRINTF', ['%05d|%-4d|%+d|%,d|%(d', 42, 7, 5, 1234567, -3], '00042|7   |+5|1,234,567|(3)'],
    ['PRINTF', ['%x %X %o', -1, 255n, 8], 'ffffffff FF 10'],
    ['PRINTF', ['%.2f %e %g', 1.005, 12345.678, 0.5], '1.01 1.234568e+04 0.500000'],
    ['PRINTF', ['%2$s %1$s %<s', 'a', 'b'], 'b a a'],
    ['PRINTF', ['%s %b %%%n', null, true], 'null true %\n'],
    ['PRINTF', ['%5s|%-5s|%.1s', 'ab', 'ab', 'ab'], '   ab|ab   |a'],
    ['PRINTF', [null, 1], null],
  ]);

  it.each([
    ['%d', 'x', 'd != org.apache.flink.table.data.binary.BinaryStringData'],
    ['%s %s', 'x', "Format specifier '%s'"],
    ['%q', 'x', "Conversion = 'q'"],
  ])('fails for %s of %s', (format, value, message) => {
    expect(() => valueOf('PRINTF', format, value)).toThrow(message);
  });
});

describe('patterns', () => {
  check([
    ['LIKE', ['a\nb', 'a_b'], false],
    ['LIKE', ['a\nb', 'a%b'], true],
    ['LIKE', ['😀', '_'], true],
    ['LIKE', ['', ''], true],
    ['LIKE', ['😀', ''], false],
    ['LIKE', ['100%', '100!%', '!'], true],
    ['LIKE', ['a.c', 'a.c'], true],
    ['LIKE', ['abc', 'a.c'], false],
    ['SIMILAR TO', ['abcabc', '(abc){2}'], true],
    ['SIMILAR TO', ['x1', '[[:ALPHA:]][[:DIGIT:]]'], true],
    ['SIMILAR TO', ['a$', '_$'], true],
    ['SIMILAR TO', ['ac', 'a(b|c)'], true],
    ['REGEXP', ['abc', ''], false],
    ['REGEXP', ['abc', '['], false],
    ['REGEXP_REPLACE', ['abc', 'b', '$0'], 'a$0c'],
    ['REGEXP_REPLACE', ['abc', '(', 'x'], null],
    ['REGEXP_EXTRACT', ['a-b', '(.)-(.)', 2], 'b'],
    ['REGEXP_EXTRACT', ['a-b', '(.)-(.)', 3], null],
    ['REGEXP_EXTRACT', ['a-b', 'x|(y)?', 1], null],
    ['REGEXP_COUNT', ['aXbX', 'X'], 2],
    ['REGEXP_COUNT', ['a', '['], null],
    ['REGEXP_INSTR', ['abc', 'c'], 3],
    ['REGEXP_INSTR', ['abc', 'x'], 0],
    ['REGEXP_SUBSTR', ['abc', 'b.'], 'bc'],
    ['REGEXP_EXTRACT_ALL', ['a1b2', '([a-z])(\\d)', 2], ['1', '2']],
    ['SPLIT', ['a,b,', ','], ['a', 'b', '']],
    ['SPLIT', ['', ','], []],
    ['STR_TO_MAP', ['a=1,b,a=2'], [['a', '2'], ['b', null]]],
    ['STR_TO_MAP', ['a:1;b:2', ';', ':'], [['a', '1'], ['b', '2']]],
  ]);

  it.each([
    ['a!', '!', "Invalid escape sequence 'a!', 1"],
    ['a', 'xx', "Invalid escape character 'xx'"],
  ])('refuses LIKE %s ESCAPE %s when it is planned', (pattern, escape, message) => {
    expect(callOf('LIKE', 'a', pattern, escape)).toBe(message);
  });

  it('fails on an index of a group that does not exist', () => {
    expect(() => valueOf('REGEXP_EXTRACT_ALL', 'a', 'a')).toThrow(expect.toSatisfy((error) => isError(error, 'EXPRESSION_FAILED')));
  });

  it('matches the text that LIKE is given literally, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = text.replace(/[%_!]/g, '!$&');
        expect(valueOf('LIKE', text, escaped, '!')).toBe(true);
        expect(valueOf('SIMILAR TO', text, text.replace(/[[\]()|^\-+*_%?{}!]/g, '!$&'), '!')).toBe(!/[\ud800-\udfff]/.test(text) || valueOf('LIKE', text, escaped, '!'));
      }),
    );
  });
});

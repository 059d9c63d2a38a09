/** Strings as collections of strings: SPLIT, REGEXP_EXTRACT_ALL, STR_TO_MAP. */
import { storable } from '../../code-points.ts';
import { SluiceError } from '../../errors.ts';
import { capacityFor, inHashOrder, stringHash } from '../../java/hash-map.ts';
import { PatternSyntaxError, javaPattern, type JavaPattern } from '../../java/regex.ts';
import { STRING, type SqlType, type Value } from '../../types.ts';
import { stringOf, type Present } from '../../value-access.ts';
import { strict, type ScalarFunction } from '../function.ts';
import { CHARACTER_STRINGS, INTEGER_NUMBERS, STRINGS, inForms, inSignatures } from '../operands.ts';

const strings = (): SqlType => ({ kind: 'ARRAY', element: { type: STRING, nullable: true } });
const stringMap = (): SqlType => ({ kind: 'MAP', key: { type: STRING, nullable: true }, value: { type: STRING, nullable: true } });

/** An empty separator splits into UTF-16 units; an empty text has no parts. */
function split(value: Present, separator: Present): string[] {
  const [text, by] = [stringOf(value), stringOf(separator)];
  if (by === '') return text.split('').map(storable);
  return text === '' ? [] : text.split(by);
}

/** One group, the first unless the index says another, of every match. */
function extractAll(text: Present, regex: Present, index: Present = 1): (string | null)[] {
  const pattern = requiredPattern(stringOf(regex));
  const group = pattern.groups[Number(index)];
  if (group === undefined) throw failure(`Extract group index ${Number(index)} is out of range [0, ${pattern.groups.length - 1}].`);
  return Array.from(stringOf(text).matchAll(pattern.regex), (match) => match[group] ?? null);
}

function requiredPattern(regex: string): JavaPattern {
  try {
    return javaPattern(regex);
  } catch (error) {
    if (error instanceof PatternSyntaxError) throw failure(error.message);
    throw error;
  }
}

const failure = (message: string): SluiceError => new SluiceError('EXPRESSION_FAILED', { message, hint: 'Correct the regular expression or the index of its group.' });

/** Delimiters are regular expressions; a later pair with the same key replaces an earlier one, and a part without a second delimiter is a key of NULL. The order is a HashMap's. */
function strToMap(text: Present, between: Present = ',', inside: Present = '='): Value {
  if (text === '') return [];
  const map = new Map<string, string | null>();
  const parts = javaSplit(stringOf(text), requiredPattern(stringOf(between)));
  for (const part of parts) {
    const { regex } = requiredPattern(stringOf(inside));
    regex.lastIndex = 0;
    const found = regex.exec(part);
    if (found === null || found[0] === '') map.set(part, null);
    else map.set(part.slice(0, found.index), part.slice(found.index + found[0].length));
  }
  return inHashOrder([...map], ([key]) => stringHash(key), capacityFor(parts.length));
}

/** As Java's String.split: without empty parts at the end. */
function javaSplit(text: string, { regex }: JavaPattern): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(regex)) {
    if (match[0] === '' && match.index === 0) continue;
    parts.push(text.slice(from, match.index));
    from = match.index + match[0].length;
  }
  parts.push(text.slice(from));
  if (from > 0) while (parts.at(-1) === '') parts.pop();
  return parts;
}

export const SPLITS: readonly ScalarFunction[] = [
  { name: 'SPLIT', resolve: inSignatures('SPLIT', [[CHARACTER_STRINGS, CHARACTER_STRINGS]], strings), takesNull: true, compile: strict(split) },
  {
    name: 'REGEXP_EXTRACT_ALL',
    resolve: inSignatures('REGEXP_EXTRACT_ALL', [[CHARACTER_STRINGS, CHARACTER_STRINGS], [CHARACTER_STRINGS, CHARACTER_STRINGS, INTEGER_NUMBERS]], strings),
    takesNull: true,
    nullable: () => true,
    compile: strict(extractAll),
  },
  { name: 'STR_TO_MAP', resolve: inForms('STR_TO_MAP', [[STRINGS], [STRINGS, STRINGS, STRINGS]], stringMap), compile: strict(strToMap) },
];

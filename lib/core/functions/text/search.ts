/** POSITION, LOCATE, INSTR, STARTSWITH, ENDSWITH. Positions count code points from 1; 0 says that there is none. */
import { codePointLength, indexOfCodePoints } from '../../code-points.ts';
import { SluiceError } from '../../errors.ts';
import { bytesOf, stringOf, type Present } from '../../value-access.ts';
import { strict, type ScalarFunction } from '../function.ts';
import { BINARY_STRINGS, CHARACTER_STRINGS, INTEGERS, STRINGS, inForms, inSignatures } from '../operands.ts';
import { aBoolean, anInt } from './result.ts';

/** The empty string is found at 1, wherever the search begins (BinaryStringData.indexOf). */
function position(part: Present, text: Present, from: Present = 1): number {
  const sought = stringOf(part);
  return sought === '' ? 1 : indexOfCodePoints(stringOf(text), sought, Math.max(Number(from) - 1, 0)) + 1;
}

/** The n-th appearance from a position on; a negative one counts from the end and searches backwards (SqlFunctionUtils.instr). */
function instr(text: Present, part: Present, start: Present = 1, appearance: Present = 1): number {
  const [from, nth] = [Number(start), Number(appearance)];
  if (nth <= 0) throw new SluiceError('EXPRESSION_FAILED', { message: 'nthAppearance must be positive!', hint: 'The fourth argument of INSTR counts from 1.' });
  if (from === 0) return 0;
  if (from > 0) return nthPosition(stringOf(text), stringOf(part), from, nth);
  const found = nthPosition(reversed(text), reversed(part), -from, nth);
  return found === 0 ? 0 : codePointLength(stringOf(text)) + 2 - found - codePointLength(stringOf(part));
}

const reversed = (text: Present): string => [...stringOf(text)].reverse().join('');

function nthPosition(text: string, part: string, from: number, nth: number): number {
  let found = from - 1;
  for (let i = 0; i < nth; i++) {
    found = position(part, text, found + 1);
    if (found === 0) return 0;
  }
  return found;
}

const startsWith = (value: Present, start: Present): boolean =>
  typeof value === 'string' ? value.startsWith(stringOf(start)) : hasBytesAt(bytesOf(value), bytesOf(start), 0);

const endsWith = (value: Present, end: Present): boolean =>
  typeof value === 'string' ? value.endsWith(stringOf(end)) : hasBytesAt(bytesOf(value), bytesOf(end), bytesOf(value).length - bytesOf(end).length);

const hasBytesAt = (bytes: Uint8Array, part: Uint8Array, at: number): boolean => at >= 0 && part.every((byte, i) => bytes[at + i] === byte);

const edge = (name: string, holds: (value: Present, part: Present) => boolean): ScalarFunction => ({
  name,
  resolve: inSignatures(name, [[CHARACTER_STRINGS, CHARACTER_STRINGS], [BINARY_STRINGS, BINARY_STRINGS]], aBoolean),
  takesNull: true,
  compile: strict(holds),
});

export const SEARCHES: readonly ScalarFunction[] = [
  { name: 'POSITION', resolve: inForms('POSITION', [[STRINGS, STRINGS], [STRINGS, STRINGS, INTEGERS]], anInt), compile: strict(position) },
  { name: 'LOCATE', resolve: inForms('LOCATE', [[STRINGS, STRINGS], [STRINGS, STRINGS, INTEGERS]], anInt), compile: strict(position) },
  {
    name: 'INSTR',
    resolve: inForms('INSTR', [[STRINGS, STRINGS], [STRINGS, STRINGS, INTEGERS], [STRINGS, STRINGS, INTEGERS, INTEGERS]], anInt),
    compile: strict(instr),
  },
  edge('STARTSWITH', startsWith),
  edge('ENDSWITH', endsWith),
];

/** IS_ALPHA, IS_DIGIT, IS_DECIMAL: never NULL, false for NULL (SqlFunctionUtils). */
import { isDoubleText } from '../../java/double-text.ts';
import type { Value } from '../../types.ts';
import type { ScalarFunction } from '../function.ts';
import { CHARACTERS, NUMBERS, inForms } from '../operands.ts';
import { isInteger, isNumeric } from '../type-rules.ts';
import { aBoolean } from './result.ts';
import type { SqlType } from '../../types.ts';

const test = (name: string, ofNumber: (type: SqlType) => boolean, ofText: (text: string) => boolean): ScalarFunction => ({
  name,
  resolve: inForms(name, [[CHARACTERS], [NUMBERS]], aBoolean),
  nullable: () => false,
  compile: ([argument], { args: [first] }) => {
    const holdsForNumbers = first !== undefined && ofNumber(first.type);
    const holds = (value: Value): boolean => (typeof value === 'string' ? ofText(value) : value !== null && holdsForNumbers);
    return argument === undefined ? () => null : (row) => holds(argument(row));
  },
});

export const CHARACTER_TESTS: readonly ScalarFunction[] = [
  test('IS_ALPHA', () => false, (text) => /^\p{L}+$/u.test(text)),
  test('IS_DIGIT', isInteger, (text) => /^\p{Nd}+$/u.test(text)),
  test('IS_DECIMAL', (type) => isNumeric(type) && type.kind !== 'DECIMAL', (text) => /^[+-]?\p{Nd}+$/u.test(text) || isDoubleText(text)),
];

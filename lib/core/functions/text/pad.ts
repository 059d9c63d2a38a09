/** LPAD, RPAD, REPEAT: lengths count UTF-16 units, as Flink's SqlFunctionUtils does. */
import { storable } from '../../code-points.ts';
import { SluiceError } from '../../errors.ts';
import { stringOf, type Present } from '../../value-access.ts';
import { strict, type ScalarFunction } from '../function.ts';
import { INTEGERS, STRINGS, inForms } from '../operands.ts';
import { aString } from './result.ts';

/** A negative length and an empty pad give NULL; a string that is too long is cut off. */
const pad =
  (left: boolean) =>
  (text: Present, length: Present, filling: Present): string | null => {
    const [base, to, pads] = [stringOf(text), Number(length), stringOf(filling)];
    if (to < 0 || pads === '') return null;
    requireLength(to);
    return storable(left ? base.slice(0, to).padStart(to, pads) : base.slice(0, to).padEnd(to, pads));
  };

/** Longer strings do not fit into memory, neither here nor in Flink. */
const LONGEST = 2 ** 28;

function requireLength(length: number): void {
  if (length <= LONGEST) return;
  throw new SluiceError('EXPRESSION_FAILED', { message: `a string of ${length} characters does not fit into memory`, hint: `The longest has ${LONGEST}.` });
}

function repeated(value: Present, times: Present): string {
  const [text, count] = [stringOf(value), Math.max(Number(times), 0)];
  requireLength(text.length * count);
  return text.repeat(count);
}

const padding = (name: string, left: boolean): ScalarFunction => ({
  name,
  resolve: inForms(name, [[STRINGS, INTEGERS, STRINGS]], aString),
  nullable: () => true,
  compile: strict(pad(left)),
});

export const PADS: readonly ScalarFunction[] = [
  padding('LPAD', true),
  padding('RPAD', false),
  {
    name: 'REPEAT',
    resolve: inForms('REPEAT', [[STRINGS, INTEGERS]], aString),
    compile: strict(repeated),
  },
];

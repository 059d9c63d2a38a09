/** LPAD, RPAD, REPEAT: lengths count UTF-16 units, as Flink's SqlFunctionUtils does. */
import { storable } from '../../code-points.ts';
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
    return storable(left ? base.slice(0, to).padStart(to, pads) : base.slice(0, to).padEnd(to, pads));
  };

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
    compile: strict((text, times) => stringOf(text).repeat(Math.max(Number(times), 0))),
  },
];

/** TRIM, LTRIM, RTRIM, BTRIM: characters (code points) of a set are taken off the ends (BinaryStringDataUtil.trim). */
import { stringOf, type Present } from '../../value-access.ts';
import { strict, type ScalarFunction } from '../function.ts';
import { CHARACTER_STRINGS, STRINGS, cannotApply, expecting, inForms, inSignatures, type Resolve } from '../operands.ts';
import { aString, varying } from './result.ts';
import { isText } from '../type-rules.ts';

function trimmed(text: string, set: string, leading: boolean, trailing: boolean): string {
  const chars = [...text];
  const takenOff = new Set(set);
  let from = 0;
  let to = chars.length;
  if (leading) while (from < to && takenOff.has(chars[from] ?? '')) from++;
  if (trailing) while (to > from && takenOff.has(chars[to - 1] ?? '')) to--;
  return to - from === chars.length ? text : chars.slice(from, to).join('');
}

const trimOf =
  (leading: boolean, trailing: boolean) =>
  (text: Present, set: Present = ' '): string =>
    trimmed(stringOf(text), stringOf(set), leading, trailing);

/** `TRIM(side, characters, text)`, the arguments of `TRIM(side characters FROM text)`. */
const sides = (side: Present, set: Present, text: Present): string => trimmed(stringOf(text), stringOf(set), side !== 'TRAILING', side !== 'LEADING');

const resolveTrim: Resolve = (args) => {
  const [side, ...texts] = args.map(({ type }) => type);
  if (side === undefined || texts.length !== 2) return expecting('TRIM', 3);
  return texts.every(isText) ? { args: [side, ...texts], type: varying(1)(texts) } : cannotApply('TRIM', texts, [[STRINGS, STRINGS]]);
};

const side = (name: string, leading: boolean, trailing: boolean): ScalarFunction => ({
  name,
  resolve: inForms(name, [[STRINGS], [STRINGS, STRINGS]], varying(0)),
  compile: strict(trimOf(leading, trailing)),
});

export const TRIMS: readonly ScalarFunction[] = [
  { name: 'TRIM', resolve: resolveTrim, compile: strict(sides) },
  side('LTRIM', true, false),
  side('RTRIM', false, true),
  {
    name: 'BTRIM',
    resolve: inSignatures('BTRIM', [[CHARACTER_STRINGS], [CHARACTER_STRINGS, CHARACTER_STRINGS]], aString),
    takesNull: true,
    compile: strict(trimOf(true, true)),
  },
];

/**
 * CAST of a short text to a DECIMAL that fits into a long (BinaryStringDataUtil.toDecimalFromBytes). Its quirks are part of the results: one stray character
 * behind the digits is passed over, so that `f` and `12x` are numbers; leading zeros count as digits; rounding may give a digit more than the type has.
 */
import { divideHalfUp, pow10 } from '../decimal.ts';
import type { Value } from '../types.ts';
import type { Read } from './cast-time.ts';

/** Powers of ten that a long can hold. */
const POWERS = 19;
/** Exponents beyond this make no difference any more. */
const LARGEST_EXPONENT = 40;

const SHAPE = /^[ \n\t]*([+-]?)([\d.]*)([^]*)$/;

export function readCompactDecimal(text: string, precision: number, scale: number): Read<Value> {
  const overflow: Read<Value> = { wrong: `For input string: '${text}'. Overflow.` };
  const [, sign = '', number = '', behind = ''] = SHAPE.exec(text) ?? [];
  const [whole = '', fraction = '', ...more] = number.split('.');
  if (more.length > 0 || sign + number + behind === '') return overflow;
  const ending = readEnding(behind);
  if (ending === null) return overflow;
  const digits = whole + fraction;
  const change = ending.exponent - fraction.length + scale;
  if (digits.length + change > precision) return overflow;
  if (-change >= POWERS) return { wrong: `Index ${-change} out of bounds for length ${POWERS}` };
  const size = BigInt(digits === '' ? '0' : digits);
  const unscaled = change >= 0 ? size * pow10(change) : divideHalfUp(size, pow10(-change));
  return { value: sign === '-' ? -unscaled : unscaled };
}

/** The exponent behind the digits; null if what follows one stray character is more than white space. */
function readEnding(behind: string): { readonly exponent: number } | null {
  const stray = behind.slice(0, 1);
  let rest = behind.slice(1);
  let exponent = 0;
  if (/[eE]/.test(stray) && rest !== '') {
    const [, sign = '', digits = '', other = ''] = /^([+-]?)(\d*)([^]*)$/.exec(rest) ?? [];
    if (sign !== '' && digits + other === '') return null;
    for (const digit of digits) if (exponent < LARGEST_EXPONENT) exponent = exponent * 10 + Number(digit);
    if (sign === '-') exponent = -exponent;
    rest = other.slice(1);
  }
  return /^[ \n\t]*$/.test(rest) ? { exponent } : null;
}

/** Exact decimals: a bigint of units of 10^-scale, as the value of DECIMAL(p, s) is stored (java.math.BigDecimal). */

/** The largest precision of a DECIMAL. */
export const MAX_PRECISION = 38;

export const pow10 = (n: number): bigint => 10n ** BigInt(n);

const abs = (n: bigint): bigint => (n < 0n ? -n : n);

/** The quotient rounded HALF_UP (away from zero at the half), which is how Flink rounds every decimal. */
export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = abs(dividend) / abs(divisor);
  const rest = abs(dividend) % abs(divisor);
  const rounded = rest * 2n >= abs(divisor) ? quotient + 1n : quotient;
  return dividend < 0n === divisor < 0n ? rounded : -rounded;
}

/** The same number in units of 10^-to; digits that do not fit are rounded HALF_UP. */
export function rescale(unscaled: bigint, from: number, to: number): bigint {
  return to >= from ? unscaled * pow10(to - from) : divideHalfUp(unscaled, pow10(from - to));
}

/** True if the number has at most `precision` digits. */
export const fitsPrecision = (unscaled: bigint, precision: number): boolean => abs(unscaled) < pow10(precision);

/** Plain text with exactly `scale` digits behind the point: 1250n of scale 2 is `12.50`. */
export function decimalText(unscaled: bigint, scale: number): string {
  const digits = abs(unscaled).toString().padStart(scale + 1, '0');
  const sign = unscaled < 0n ? '-' : '';
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** A number read from text: `unscaled` units of 10^-scale; the scale may be negative. */
interface ScaledNumber {
  readonly unscaled: bigint;
  readonly scale: number;
}

const DECIMAL_TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;

/** Exponents beyond this give up instead of making a number of millions of digits. */
const MAX_EXPONENT = 400;

function readNumber(text: string): ScaledNumber | null {
  const match = DECIMAL_TEXT.exec(text);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return null;
  const shift = Number(exponent);
  if (Math.abs(shift) > MAX_EXPONENT) return null;
  const size = BigInt(whole + fraction);
  return { unscaled: sign === '-' ? -size : size, scale: fraction.length - shift };
}

/** The number that a text such as `-12.5` or `1e3` stands for, in units of 10^-scale; null if it is not a number. */
export function parseDecimal(text: string, scale: number): bigint | null {
  const number = readNumber(text);
  if (number === null) return null;
  const { unscaled, scale: from } = number;
  return from >= 0 ? rescale(unscaled, from, scale) : unscaled * pow10(scale - from);
}

/** The integer part of such a number (truncated towards zero), or null. */
export function parseTruncated(text: string): bigint | null {
  const number = readNumber(text);
  if (number === null) return null;
  const { unscaled, scale } = number;
  return scale > 0 ? unscaled / pow10(scale) : unscaled * pow10(-scale);
}

/** As Java prints `new BigDecimal(text)`, with all the digits of the text: `1.50`, `1E+5`; the text itself if it is no number. */
export function exactDecimalText(text: string): string {
  const number = readNumber(text);
  return number === null ? text : scaledText(number.unscaled, number.scale);
}

/** The same without trailing zeros. */
export function strippedDecimalText(text: string): string {
  const number = readNumber(text);
  return number === null ? text : bigDecimalText(number.unscaled, number.scale, false);
}

/** BigDecimal.toString: plain unless the scale is negative or there are too many zeros behind the point. */
function scaledText(value: bigint, scale: number): string {
  const digits = abs(value).toString();
  const exponent = digits.length - 1 - scale;
  if (scale >= 0 && exponent >= -6) return decimalText(value, scale);
  const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
  return `${value < 0n ? '-' : ''}${mantissa}E${exponent < 0 ? '' : '+'}${exponent}`;
}

/** As Java prints `BigDecimal.stripTrailingZeros()`: `12.5`, `1E+3`, `2.7E-8`; with `isPlain` never with an exponent. */
export function bigDecimalText(unscaled: bigint, scale: number, isPlain: boolean): string {
  let [value, left] = [unscaled, scale];
  for (; value !== 0n && value % 10n === 0n; value /= 10n) left--;
  if (value === 0n) return '0';
  if (!isPlain) return scaledText(value, left);
  return left >= 0 ? decimalText(value, left) : String(value * pow10(-left));
}

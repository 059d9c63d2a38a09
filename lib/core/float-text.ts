/**
 * FLOAT and DOUBLE as Java 17 prints them (`Double.toString`): `1.0`, `1.0E7`, `1.0E-4`, `Infinity`, `NaN`. The digits are those of its FloatingDecimal, which
 * are not always the fewest: `4.9E-324`, `2.14748365E9` for a FLOAT.
 */
import { floatingDecimal, type Digits } from './java/floating-decimal.ts';

export const doubleText = (value: number): string => javaText(value, doubleDigits);
export const floatText = (value: number): string => javaText(value, floatDigits);

/**
 * The digits of Java are the fewest, which are known faster, except for large numbers (some number of few digits may lie exactly between two neighbours),
 * the smallest, powers of two, and where so many digits are needed that the last one may be a tie.
 */
const isOrdinary = (size: number, limit: number): boolean => size < limit && size > 2 ** -120 && !Number.isInteger(Math.log2(size));

const doubleDigits = (size: number): Digits => (isOrdinary(size, 2 ** 49) ? fewest(size.toExponential(), 16) : null) ?? floatingDecimal(size, 53);
const floatDigits = (size: number): Digits => (isOrdinary(size, 2 ** 20) ? fewest(shortestFloat(size), 7) : null) ?? floatingDecimal(size, 24);

function fewest(exponential: string, most: number): Digits | null {
  const [mantissa = '', power = '0'] = exponential.split('e');
  const digits = mantissa.replace('.', '');
  return digits.length > most ? null : { digits, exponent: Number(power) };
}

/** The double of the same text: 0.1 for the FLOAT 0.1. */
export const floatAsDouble = (value: number): number => (Number.isFinite(value) ? Number(floatText(value)) : value);

/** The fewest digits that read back as the same 32-bit number; nine are always enough. */
function shortestFloat(value: number): string {
  for (let digits = 0; digits < 8; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return value.toExponential(8);
}

function javaText(value: number, digitsOfSize: (size: number) => Digits): string {
  if (!Number.isFinite(value)) return String(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (value === 0) return `${sign}0.0`;
  const { digits, exponent } = digitsOfSize(Math.abs(value));
  if (exponent >= -3 && exponent < 7) return sign + plainText(digits, exponent);
  return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${exponent}`;
}

function plainText(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${whole}.${digits.slice(exponent + 1) || '0'}`;
}

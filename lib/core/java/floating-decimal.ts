/**
 * The digits that Java up to version 18 prints of a floating-point number (jdk.internal.math.FloatingDecimal.dtoa). Most often they are the fewest that
 * read back as the same number, as those of JavaScript are; where they are not, the results of Flink have them all the same.
 */

/** The number is 0.d₁d₂d₃… times 10^(exponent + 1). */
export interface Digits {
  readonly digits: string;
  readonly exponent: number;
}

/** Of a positive, finite number of 53 significant bits (double) or 24 (float). */
export function floatingDecimal(value: number, bits: 24 | 53): Digits {
  const { fraction, binaryExponent, significant } = parts(value, bits);
  const zeros = trailingZeros(fraction);
  const fractionBits = 53 - zeros;
  const tinyBits = Math.max(0, fractionBits - binaryExponent - 1);
  if (tinyBits === 0 && binaryExponent <= 62 && fractionBits < 64) return wholeDigits(fraction, binaryExponent, significant);
  return developed(fraction >> BigInt(zeros), fractionBits, tinyBits, binaryExponent, significant, estimatedExponent(fraction, binaryExponent));
}

/** The significant bits, shifted to 53 with the highest one set, and the exponent of the highest. */
function parts(value: number, bits: 24 | 53): { readonly fraction: bigint; readonly binaryExponent: number; readonly significant: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const raw = view.getBigUint64(0);
  const biased = Number(raw >> 52n);
  const mantissa = raw & ((1n << 52n) - 1n);
  const shift = biased === 0 ? 53 - mantissa.toString(2).length : 0;
  const fraction = biased === 0 ? mantissa << BigInt(shift) : mantissa | (1n << 52n);
  const binaryExponent = (biased === 0 ? 1 - shift : biased) - 1023;
  // The smallest numbers have fewer significant bits: a float is one of them below 2^-126.
  const lost = bits === 53 ? shift : Math.max(0, -126 - binaryExponent);
  return { fraction, binaryExponent, significant: bits - lost };
}

function trailingZeros(fraction: bigint): number {
  let zeros = 0;
  for (let rest = fraction; (rest & 1n) === 0n; rest >>= 1n) zeros++;
  return zeros;
}

/** Decimal digits that a number of so many bits more than are significant has too many. */
const INSIGNIFICANT = '0 0 0 0 1 1 1 2 2 2 3 3 3 3 4 4 4 5 5 5 6 6 6 6 7 7 7 8 8 8 9 9 9 9 10 10 10 11 11 11 12 12 12 12 13 13 13 14 14 14 15 15 15 15 16 16 16 17 17 17 18 18 18 19'
  .split(' ')
  .map(Number);

/** A whole number that fits into a long. */
function wholeDigits(fraction: bigint, binaryExponent: number, significant: number): Digits {
  const whole = binaryExponent >= 52 ? fraction << BigInt(binaryExponent - 52) : fraction >> BigInt(52 - binaryExponent);
  const surplus = binaryExponent > significant ? binaryExponent - significant - 1 : 0;
  const dropped = surplus > 1 ? (INSIGNIFICANT[surplus] ?? 0) : 0;
  const unit = 10n ** BigInt(dropped);
  const kept = whole / unit + (dropped > 0 && whole % unit >= unit / 2n ? 1n : 0n);
  const text = String(kept);
  return { digits: text.replace(/0+$/, ''), exponent: text.length - 1 + dropped };
}

function estimatedExponent(fraction: bigint, binaryExponent: number): number {
  const mantissa = Number(fraction) / 2 ** 52;
  return Math.floor((mantissa - 1.5) * 0.289529654 + 0.176091259 + binaryExponent * 0.301029995663981);
}

/** Bits of the powers of five that are looked up; beyond them three a power are assumed. */
const FIVE_BITS = [0, 3, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28, 31, 33, 35, 38, 40, 42, 45, 47, 49, 52, 54, 56, 59, 61];
const bitsOfFive = (power: number): number => FIVE_BITS[power] ?? power * 3;

/** Digit by digit, until what is left is less than half the distance to the next number. */
function developed(fraction: bigint, fractionBits: number, tinyBits: number, binaryExponent: number, significant: number, estimate: number): Digits {
  const [b5, s5] = [Math.max(0, -estimate), Math.max(0, estimate)];
  let b2 = b5 + tinyBits + binaryExponent;
  let s2 = s5 + tinyBits;
  let m2 = b2 - significant;
  b2 -= fractionBits - 1;
  const common = Math.min(b2, s2);
  [b2, s2, m2] = [b2 - common, s2 - common, m2 - common];
  // The distance below a power of two is half of the one above.
  if (fractionBits === 1) m2--;
  if (m2 < 0) [b2, s2, m2] = [b2 - m2, s2 - m2, 0];
  const isShort = fractionBits + b2 + bitsOfFive(b5) < 64 && s2 + 1 + bitsOfFive(s5 + 1) < 64;
  const divisor = (5n ** BigInt(s5)) << BigInt(s2);
  return digitByDigit((fraction * 5n ** BigInt(b5)) << BigInt(b2), divisor, (5n ** BigInt(b5)) << BigInt(m2), estimate, isShort);
}

function digitByDigit(dividend: bigint, divisor: bigint, distance: bigint, estimate: number, isShort: boolean): Digits {
  const tens = divisor * 10n;
  // Where longs are enough, Java compares strictly; where they are not, it does not.
  const isHigh = (rest: bigint, margin: bigint): boolean => (isShort ? rest + margin > tens : rest + margin >= tens);
  let exponent = estimate;
  let digits = '';
  let digit = dividend / divisor;
  let rest = (dividend % divisor) * 10n;
  let margin = distance * 10n;
  let [low, high] = [rest < margin, isHigh(rest, margin)];
  if (digit === 0n && !high) exponent--;
  else digits = String(digit);
  // There is a digit behind the point in any case.
  if (exponent < -3 || exponent >= 8) [low, high] = [false, false];
  while (!low && !high) {
    digit = rest / divisor;
    rest = (rest % divisor) * 10n;
    margin *= 10n;
    [low, high] = [rest < margin, isHigh(rest, margin)];
    digits += String(digit);
  }
  const roundsUp = high && (!low || rest * 2n > tens || (rest * 2n === tens && digit % 2n === 1n));
  return roundsUp ? roundedUp(digits, exponent) : trimmed(digits, exponent);
}

function roundedUp(digits: string, exponent: number): Digits {
  const next = String(BigInt(digits) + 1n);
  return next.length > digits.length ? { digits: '1', exponent: exponent + 1 } : trimmed(next, exponent);
}

/** Zeros at the end say nothing; one digit stays. */
const trimmed = (digits: string, exponent: number): Digits => ({ digits: digits.replace(/(?<=.)0+$/, ''), exponent });

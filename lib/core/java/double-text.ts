/** Texts of floating-point numbers as Java's Double.parseDouble reads them. */

const DECIMAL = /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?)$/;
const HEXADECIMAL = /^([+-]?)0[xX](?:([\da-fA-F]+)\.?|([\da-fA-F]*)\.([\da-fA-F]+))[pP]([+-]?\d+)[dDfF]?$/;
/** What Java's String.trim takes off. */
const CONTROLS = /^[\0- ]+|[\0- ]+$/g;

export const isDoubleText = (text: string): boolean => parseJavaDouble(text) !== null;

/** Null where Java throws a NumberFormatException. */
export function parseJavaDouble(text: string): number | null {
  const trimmed = text.replace(CONTROLS, '');
  if (DECIMAL.test(trimmed)) return trimmed.endsWith('NaN') ? NaN : Number(trimmed.replace(/[dDfF]$/, ''));
  const [, sign, whole, leading = '', fraction = '', exponent] = HEXADECIMAL.exec(trimmed) ?? [];
  if (exponent === undefined) return null;
  const digits = whole ?? leading + fraction;
  const size = Number(BigInt(`0x${digits}`)) * 2 ** (Number(exponent) - 4 * (whole === undefined ? fraction.length : 0));
  return sign === '-' ? -size : size;
}

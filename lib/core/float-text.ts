/** FLOAT and DOUBLE as Java prints them (`Double.toString`): `1.0`, `1.0E7`, `1.0E-4`, `Infinity`, `NaN`. */

export const doubleText = (value: number): string => javaText(value, value.toExponential());

export function floatText(value: number): string {
  return javaText(value, shortestFloat(value));
}

/** The double whose shortest text is also the shortest of the 32-bit number: 0.1 for the FLOAT 0.1. */
export const floatAsDouble = (value: number): number => (Number.isFinite(value) ? Number(shortestFloat(value)) : value);

/** The fewest digits that read back as the same 32-bit number; nine are always enough. */
function shortestFloat(value: number): string {
  for (let digits = 0; digits < 8; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return value.toExponential(8);
}

function javaText(value: number, exponential: string): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa = '', power = '0'] = exponential.split('e');
  const exponent = Number(power);
  if (exponent >= -3 && exponent < 7) return plainText(mantissa, exponent);
  return `${withPoint(mantissa)}E${exponent}`;
}

const withPoint = (mantissa: string): string => (mantissa.includes('.') ? mantissa : `${mantissa}.0`);

function plainText(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace('-', '').replace('.', '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

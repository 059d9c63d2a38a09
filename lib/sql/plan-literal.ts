/** Literals of the dialect as typed values. */
import { literal } from '../core/expression.ts';
import { parseDecimal } from '../core/decimal.ts';
import type { Expression } from '../core/plan.ts';
import { BIGINT, DOUBLE, INT } from '../core/types.ts';
import type { BinaryLiteral, NumberLiteral, Span } from './ast.ts';
import { invalid } from './refusal.ts';

/** As long as its bytes. */
export function bytesLiteral({ hex }: BinaryLiteral): Expression {
  const bytes = Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
  return literal({ kind: 'BINARY', length: bytes.length }, bytes);
}

/** INT if it fits, then BIGINT; with a point DECIMAL, with an exponent DOUBLE. */
export function numberLiteral({ text, span }: NumberLiteral): Expression {
  if (/[eE]/.test(text)) return literal(DOUBLE, Number(text));
  if (text.includes('.')) return decimalLiteral(text, span);
  const value = BigInt(text);
  if (value < 2n ** 31n) return literal(INT, Number(value));
  return value < 2n ** 63n ? literal(BIGINT, value) : decimalLiteral(text, span);
}

function decimalLiteral(text: string, span: Span): Expression {
  const [whole = '', fraction = ''] = text.split('.');
  const scale = fraction.length;
  // 0.5 is a DECIMAL(2, 1) and .5 a DECIMAL(1, 1), as Calcite counts them.
  const precision = whole.replace(/^0+(?=\d)/, '').length + scale;
  if (precision > 38) return invalid(span, `The number ${text} has more than 38 digits`);
  return literal({ kind: 'DECIMAL', precision, scale }, parseDecimal(text, scale));
}

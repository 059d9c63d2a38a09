/** Expressions as text: for EXPLAIN, for the names of aggregates, and as the meaning that uids derive from. */
import { decodeValue, valueText } from '../core/value-codec.ts';
import type { Expression } from '../core/plan.ts';
import { typeText } from '../core/types.ts';
import { fingerprint } from '../core/hash.ts';
import { isText } from '../core/functions/type-rules.ts';

const INFIX: ReadonlySet<string> = new Set(
  'AND,OR,=,<>,<,<=,>,>=,||,+,-,*,/,%,LIKE,IS DISTINCT FROM,IS NOT DISTINCT FROM'.split(','),
);

/** Names of columns are texts of expressions as well, and would double with each aggregation that names them twice. */
const TEXT_MAX = 10_000;

/** The expression with these names for its columns. Equal text means equal expressions; of a long one the end is a fingerprint of the whole. */
export function expressionText(e: Expression, columns: readonly string[]): string {
  const text = wholeText(e, columns);
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX / 10)}… ${fingerprint(text)}`;
}

function wholeText(e: Expression, columns: readonly string[]): string {
  if (e.op === 'column') return columns[e.index] ?? `$${e.index}`;
  if (e.op === 'literal') return literalText(e);
  const args = e.args.map((argument) => expressionText(argument, columns));
  if (e.fn === 'CAST' || e.fn === 'TRY_CAST') return `${e.fn}(${args.join()} AS ${typeText(e.type)})`;
  if (INFIX.has(e.fn) && args.length > 1) return `(${args.join(` ${e.fn} `)})`;
  if (e.fn === 'ARRAY[]' || e.fn === 'MAP[]') return `${e.fn.slice(0, -1)}${args.join(', ')}]`;
  if (e.fn === '[]') return `${args[0]}[${args[1]}]`;
  if (e.fn === '.') return `${args[0]}.${args[1]?.replace(/^'(.*)'$/, '$1')}`;
  return e.fn.startsWith('IS ') ? `(${args.join()} ${e.fn})` : `${e.fn}(${args.join(', ')})`;
}

function literalText({ type, value }: Extract<Expression, { op: 'literal' }>): string {
  if (value === null) return 'NULL';
  const text = valueText(type, decodeValue(type, value));
  if (isText(type)) return `'${text.replaceAll("'", "''")}'`;
  if (type.kind === 'INTERVAL_DAY' || type.kind === 'INTERVAL_YEAR') return `INTERVAL '${text}'`;
  return 'precision' in type && type.kind !== 'DECIMAL' ? `${type.kind} '${text}'` : text;
}

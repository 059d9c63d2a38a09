/** Expressions in a form that shows how they were understood: every operator with its operands in parentheses. */
import type { Expression, GroupingElement } from '../../lib/sql/ast.ts';

const name = (parts: readonly { readonly name: string }[]): string => parts.map((part) => part.name).join('.');
const not = (negated: boolean): string => (negated ? 'not-' : '');

export function sexp(e: Expression): string {
  switch (e.kind) {
    case 'number':
      return e.text;
    case 'string':
      return `'${e.value}'`;
    case 'bytes':
      return `x'${e.hex}'`;
    case 'boolean':
      return String(e.value);
    case 'null':
      return 'null';
    case 'datetime':
      return `${e.type}'${e.text}'`;
    case 'interval':
      return `INTERVAL ${e.negative ? '-' : ''}'${e.text}' ${e.from}${e.to === null ? '' : ` TO ${e.to}`}`;
    case 'column':
      return name(e.name.parts);
    case 'symbol':
      return `:${e.name}`;
    default:
      return `(${operation(e).join(' ')})`;
  }
}

/** An element of GROUP BY; tuples stand in brackets. */
export function groupingText(e: GroupingElement): string {
  switch (e.kind) {
    case 'grouping-tuple':
      return `[${e.expressions.map(sexp).join(' ')}]`;
    case 'grouping-sets':
    case 'rollup':
    case 'cube':
    case 'distinct-sets':
      return `(${[e.kind, ...e.elements.map(groupingText)].join(' ')})`;
    default:
      return sexp(e);
  }
}

type Operation = Exclude<
  Expression,
  { kind: 'number' | 'string' | 'bytes' | 'boolean' | 'null' | 'datetime' | 'interval' | 'column' | 'symbol' }
>;

function operation(e: Operation): string[] {
  switch (e.kind) {
    case 'unary':
      return [e.operator, sexp(e.operand)];
    case 'binary':
      return [e.operator, sexp(e.left), sexp(e.right)];
    case 'is':
      return [`is-${not(e.negated)}${e.test.toLowerCase()}`, sexp(e.operand)];
    case 'distinct-from':
      return [`${not(e.negated)}distinct`, sexp(e.left), sexp(e.right)];
    case 'between':
      return [`${not(e.negated)}between${e.symmetric ? '-symmetric' : ''}`, ...[e.operand, e.low, e.high].map(sexp)];
    case 'in':
      return [`${not(e.negated)}in`, ...[e.operand, ...e.values].map(sexp)];
    case 'like':
      return [`${not(e.negated)}like`, ...[e.operand, e.pattern, ...(e.escape === null ? [] : [e.escape])].map(sexp)];
    case 'cast':
      return [e.safe ? 'try-cast' : 'cast', sexp(e.operand), e.type.type.kind];
    case 'case': {
      const branches = e.branches.flatMap((branch) => [branch.when, branch.then]);
      return ['case', ...[e.operand, ...branches, e.otherwise].map((part) => (part === null ? '-' : sexp(part)))];
    }
    case 'call': {
      const args = e.star ? ['*'] : e.arguments.map(sexp);
      return [e.distinct ? `${e.name}-distinct` : e.name, ...args, ...(e.filter === null ? [] : [`where ${sexp(e.filter)}`])];
    }
  }
}

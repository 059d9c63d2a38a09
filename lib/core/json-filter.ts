/** Conditions of `[?(…)]`: comparisons of `@.path` with literals, whether a path is there, `!`, `&&` and `||`. */
import { NumberText } from './format/json-text.ts';

/** Why a path has no result, or is none. */
export class PathError extends Error {}

export type Filter = (json: unknown) => boolean;

/** Compiles a path that begins with `@`. */
type CompilePath = (text: string) => { read(json: unknown): unknown };

/** Throws PathError for what is no condition. */
export function compileFilter(text: string, compilePath: CompilePath): Filter {
  const compile = (part: string): Filter => compileFilter(part, compilePath);
  const either = text.split('||');
  if (either.length > 1) return some(either.map(compile));
  const both = text.split('&&');
  return both.length > 1 ? every(both.map(compile)) : compileTest(text.trim(), compilePath);
}

const some = (filters: readonly Filter[]): Filter => (json) => filters.some((holds) => holds(json));
const every = (filters: readonly Filter[]): Filter => (json) => filters.every((holds) => holds(json));

function compileTest(text: string, compilePath: CompilePath): Filter {
  if (text.startsWith('!')) {
    const holds = compileTest(text.slice(1).trim(), compilePath);
    return (json) => !holds(json);
  }
  const [, left, operator, right] = /^(.*?)\s*(==|!=|<=|>=|<|>)\s*(.*)$/.exec(text) ?? [];
  if (left === undefined || operator === undefined || right === undefined) {
    const found = compileOperand(text, compilePath);
    return (json) => found(json) !== undefined;
  }
  const [a, b] = [compileOperand(left, compilePath), compileOperand(right, compilePath)];
  return (json) => compare(operator, a(json), b(json));
}

type Operand = (json: unknown) => unknown;

/** A literal, or a path from the element; undefined where it leads nowhere. */
function compileOperand(text: string, compilePath: CompilePath): Operand {
  if (text.startsWith('@')) {
    const path = compilePath(text);
    return (json) => {
      try {
        return plain(path.read(json));
      } catch (error) {
        if (error instanceof PathError) return undefined;
        throw error;
      }
    };
  }
  const literal = literalOf(text.trim());
  return () => literal;
}

function literalOf(text: string): unknown {
  const quoted = /^'(.*)'$/.exec(text)?.[1];
  if (quoted !== undefined) return quoted;
  try {
    return JSON.parse(text);
  } catch {
    throw new PathError(`Failed to parse filter: ${text}`);
  }
}

const plain = (json: unknown): unknown => (json instanceof NumberText ? Number(json.text) : json);

function compare(operator: string, a: unknown, b: unknown): boolean {
  if (operator === '==') return a === b;
  if (operator === '!=') return a !== b;
  const comparable = (typeof a === 'number' && typeof b === 'number') || (typeof a === 'string' && typeof b === 'string');
  if (!comparable) return false;
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

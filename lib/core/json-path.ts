/**
 * JSON paths as Jayway's JsonPath reads them: `$.a['b'][0]`, `[-1]`, `[0,2]`, `[1:3]`, `*`, `..name`, filters `[?(@.x > 1)]` and functions such as `length()`.
 * A path is definite if it can have one result only; the results of all others are a list.
 */
import { PathError, compileFilter, type Filter } from './json-filter.ts';
import { keysInOrder, valuesInOrder } from './format/json-order.ts';
import { NumberText, isObject } from './format/json-text.ts';

export { PathError };

/** A value of a parsed text: null, boolean, string, NumberText, array or object. */
export type Json = unknown;

export interface JsonPath {
  readonly isDefinite: boolean;
  /** Throws PathError where a definite path has no result. */
  read(root: Json): Json;
}

type Step =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'indexes'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly from: number | null; readonly to: number | null }
  | { readonly kind: 'wildcard' | 'scan' }
  | { readonly kind: 'filter'; readonly holds: Filter }
  | { readonly kind: 'function'; readonly name: string };

/** Throws PathError for what is no path. */
export function compilePath(text: string): JsonPath {
  const steps = stepsOf(text.trim());
  const last = steps.at(-1);
  const fn = last?.kind === 'function' ? last.name : null;
  const ways = fn === null ? steps : steps.slice(0, -1);
  const isDefinite = ways.every(isDefiniteStep);
  const read = (root: Json): Json => {
    const found = walk(ways, root);
    if (!isDefinite) return found;
    if (found.length === 0) throw new PathError(`No results for path: ${pathText(ways)}`);
    return found[0];
  };
  return { isDefinite: isDefinite || fn !== null, read: fn === null ? read : (root) => applyFunction(fn, read(root)) };
}

const isDefiniteStep = (step: Step): boolean => step.kind === 'names' || (step.kind === 'indexes' && step.indexes.length === 1);

const STEP_TEXT = /\.\.|\.?\*|\.?([^.[\]()*\s'"]+)(\(\s*\))?|\.?\[\s*(?:(\*)|(-?\d+(?:\s*,\s*-?\d+)*)|(-?\d*)\s*:\s*(-?\d*)|\?\s*\(((?:[^()]|\([^()]*\))*)\)|((?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?:\s*,\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))*))\s*\]/y;

function stepsOf(text: string): Step[] {
  const body = /^[$@]/.test(text) ? text.slice(1) : `.${text}`;
  if (text === '' || body.endsWith('.')) throw new PathError(`Path must not end with a '.' or '..': '${text}'`);
  const steps: Step[] = [];
  // Filters hold paths themselves, so every path has its own place.
  const step = new RegExp(STEP_TEXT);
  while (step.lastIndex < body.length) {
    const at = step.lastIndex;
    const match = step.exec(body);
    if (match === null || (at === 0 && !/^[.[]/.test(match[0]))) throw new PathError(`Could not parse token starting at position ${at + 1} of '${text}'`);
    steps.push(stepOf(match));
  }
  return steps;
}

function stepOf([whole, name, call, star, indexes, from, to, filter, names]: RegExpExecArray): Step {
  if (whole === '..') return { kind: 'scan' };
  if (star !== undefined || whole.endsWith('*')) return { kind: 'wildcard' };
  if (name !== undefined) return call === undefined ? { kind: 'names', names: [name] } : { kind: 'function', name };
  if (indexes !== undefined) return { kind: 'indexes', indexes: indexes.split(',').map(Number) };
  if (filter !== undefined) return { kind: 'filter', holds: compileFilter(filter, compilePath) };
  if (names !== undefined) return { kind: 'names', names: [...names.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)].map((each) => (each[1] ?? each[2] ?? '').replace(/\\(.)/g, '$1')) };
  return { kind: 'slice', from: bound(from), to: bound(to) };
}

const bound = (text: string | undefined): number | null => (text === undefined || text === '' ? null : Number(text));

function walk(steps: readonly Step[], root: Json): Json[] {
  let found: Json[] = [root];
  let isCertain = true;
  steps.forEach((step, i) => {
    const isLast = i === steps.length - 1;
    found = found.flatMap((json) => children(step, json, isCertain, isLast, () => pathText(steps.slice(0, i + 1))));
    isCertain &&= isDefiniteStep(step);
  });
  return found;
}

/** What a step leads to; where the way so far is certain, it must not end before the last step. */
function children(step: Step, json: Json, isCertain: boolean, isLast: boolean, text: () => string): readonly Json[] {
  switch (step.kind) {
    case 'names':
      return properties(step.names, json, isCertain, isLast, text);
    case 'wildcard':
      return Array.isArray(json) ? json : isObject(json) ? valuesInOrder(json) : [];
    case 'scan':
      return descendants(json);
    case 'filter':
      return (Array.isArray(json) ? json : isObject(json) ? [json] : []).filter(step.holds);
    case 'function':
      throw new PathError(`Function ${step.name}() must end the path`);
    default:
      if (Array.isArray(json)) return step.kind === 'slice' ? sliced(json, step.from, step.to) : step.indexes.flatMap((index) => elementAt(json, index));
      if (isCertain) throw new PathError(`Filter: ${text()} can only be applied to arrays`);
      return [];
  }
}

function properties(names: readonly string[], json: Json, isCertain: boolean, isLast: boolean, text: () => string): Json[] {
  if (!isObject(json)) {
    if (isCertain) throw new PathError(`Expected to find an object with property ['${names.join("','")}'] in path ${text()}`);
    return [];
  }
  const found = names.filter((name) => Object.hasOwn(json, name));
  if (names.length > 1) return [Object.fromEntries(found.map((name) => [name, json[name]]))];
  if (found.length === 0 && isCertain && !isLast) throw new PathError(`Missing property in path ${text()}`);
  return found.map((name) => json[name]);
}

const elementAt = (items: readonly Json[], index: number): Json[] => {
  const at = index < 0 ? items.length + index : index;
  return at >= 0 && at < items.length ? [items[at]] : [];
};

const sliced = (items: readonly Json[], from: number | null, to: number | null): Json[] => items.slice(from ?? 0, to ?? items.length);

/** The value itself and all that is inside of it, outermost first. */
function descendants(json: Json): Json[] {
  const inner = Array.isArray(json) ? json : isObject(json) ? valuesInOrder(json) : null;
  return inner === null ? [] : [json, ...inner.flatMap(descendants)];
}

function pathText(steps: readonly Step[]): string {
  return `$${steps.map(stepText).join('')}`;
}

function stepText(step: Step): string {
  if (step.kind === 'names') return `[${step.names.map((name) => `'${name}'`).join(',')}]`;
  if (step.kind === 'indexes') return `[${step.indexes.join(',')}]`;
  if (step.kind === 'slice') return `[${step.from ?? ''}:${step.to ?? ''}]`;
  return step.kind === 'scan' ? '..' : step.kind === 'filter' ? '[?]' : '[*]';
}

const FUNCTIONS: Readonly<Record<string, (json: Json) => Json>> = {
  length: sizeOf,
  size: sizeOf,
  keys: (json) => (isObject(json) ? keysInOrder(json) : null),
  first: (json) => (Array.isArray(json) ? json[0] : null),
  last: (json) => (Array.isArray(json) ? json.at(-1) : null),
  min: (json) => aggregated(json, (numbers) => Math.min(...numbers)),
  max: (json) => aggregated(json, (numbers) => Math.max(...numbers)),
  sum: (json) => aggregated(json, (numbers) => numbers.reduce((sum, n) => sum + n, 0)),
  avg: (json) => aggregated(json, (numbers) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length),
};

function applyFunction(name: string, json: Json): Json {
  const fn = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (fn === undefined) throw new PathError(`Function with name: ${name} does not exist.`);
  return fn(json);
}

function sizeOf(json: Json): Json {
  if (Array.isArray(json)) return new NumberText(String(json.length));
  return isObject(json) ? new NumberText(String(Object.keys(json).length)) : null;
}

function aggregated(json: Json, fold: (numbers: readonly number[]) => number): Json {
  const numbers = Array.isArray(json) ? json.filter((each) => each instanceof NumberText).map(({ text }) => Number(text)) : [];
  if (numbers.length === 0) throw new PathError('Aggregation function attempted to calculate value using empty array');
  const result = fold(numbers);
  return new NumberText(Number.isInteger(result) ? `${result}.0` : String(result));
}

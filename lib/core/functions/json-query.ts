/** JSON_EXISTS, JSON_VALUE and JSON_QUERY (SqlJsonUtils): a path without `lax` or `strict` is strict. */
import { SluiceError } from '../errors.ts';
import { NumberText } from '../format/json-text.ts';
import { PathError, compilePath, type Json, type JsonPath } from '../json-path.ts';
import { isScalar, jsonText, parseJson, scalarText } from '../json-value.ts';
import type { Expression } from '../plan.ts';
import { BOOLEAN, STRING, sameType, typeText, type SqlType, type Value } from '../types.ts';
import { stringOf } from '../value-access.ts';
import type { CallExpression, Evaluator, ScalarFunction, Signature } from './function.ts';
import { literalString } from './literals.ts';
import { isText } from './type-rules.ts';

/** What a path gives in a text; null where a lax path or the text gives nothing. */
type Found = { readonly isLax: boolean; readonly json: Json } | { readonly error: string };

const MODE = /^\s*(strict|lax)\s+([^]+)$/i;

/** Parsing fails on every row alike, and is then told of every row. */
function compileSearch(spec: string): (text: string) => Found {
  const [, mode = 'strict', pathText = spec] = MODE.exec(spec) ?? [];
  const isLax = mode.toLowerCase() === 'lax';
  const path = attempt(() => compilePath(pathText));
  return (text) => {
    const root = attempt(() => parseJson(text));
    if ('error' in root) return isLax ? { isLax, json: null } : root;
    if (root.value === null) return { error: 'json object can not be null' };
    if ('error' in path) return path;
    return read(path.value, root.value, isLax);
  };
}

function read(path: JsonPath, root: Json, isLax: boolean): Found {
  const found = attempt(() => path.read(root));
  if (!('error' in found)) return { isLax, json: found.value };
  return isLax ? { isLax, json: path.isDefinite ? null : [] } : found;
}

function attempt<T>(compute: () => T): { readonly value: T } | { readonly error: string } {
  try {
    return { value: compute() };
  } catch (error) {
    if (error instanceof PathError || error instanceof SyntaxError) return { error: error.message };
    if (error instanceof RangeError) return { error: 'the document is nested too deeply' };
    throw error;
  }
}

/** NULL where text or path is; a path that changes from row to row is compiled again. */
function searching([json, path]: readonly Evaluator[], { args }: CallExpression, result: (found: Found, row: readonly Value[]) => Value): Evaluator {
  if (json === undefined || path === undefined) return () => null;
  let spec = literalString(args[1]);
  let search = spec === null ? null : compileSearch(spec);
  return (row) => {
    const [text, given] = [json(row), path(row)];
    if (text === null || given === null) return null;
    if (search === null || given !== spec) [spec, search] = [stringOf(given), compileSearch(stringOf(given))];
    return result(search(stringOf(text)), row);
  };
}

function failure(message: string): never {
  throw new SluiceError('EXPRESSION_FAILED', { message, hint: 'NULL ON ERROR and DEFAULT … ON ERROR give a value instead.' });
}

/** The types of a call whose first two arguments are the text and the path. */
function ofText(args: readonly Expression[], type: SqlType): Signature | string {
  const types = args.map((argument) => argument.type);
  return types.slice(0, 2).every((each) => isText(each)) ? { args: types, type } : 'it takes a JSON string and a path';
}

const symbolAt = ({ args }: CallExpression, index: number): string => literalString(args[index]) ?? 'NULL';

const JSON_EXISTS: ScalarFunction = {
  name: 'JSON_EXISTS',
  nullable: () => true,
  resolve: (args) => ofText(args, BOOLEAN),
  compile: (args, call) => {
    const onError = symbolAt(call, 2);
    return searching(args, call, (found) => {
      if (!('error' in found)) return found.json !== null && found.json !== undefined;
      return onError === 'ERROR' ? failure(found.error) : onError === 'UNKNOWN' ? null : onError === 'TRUE';
    });
  },
};

const RETURNS: readonly SqlType['kind'][] = ['VARCHAR', 'BOOLEAN', 'INT', 'DOUBLE'];

const JSON_VALUE: ScalarFunction = {
  name: 'JSON_VALUE',
  nullable: () => true,
  resolve: (args): Signature | string => {
    const type = args[2]?.type ?? STRING;
    if (!RETURNS.includes(type.kind)) return `Unsupported type '${typeText(type)}' for RETURNING in JSON_VALUE().`;
    const signature = ofText(args, type);
    if (typeof signature === 'string') return signature;
    if ([args[4], args[6]].some((value) => value !== undefined && readsColumn(value))) return 'DEFAULT takes a literal';
    return { ...signature, args: signature.args.map((each, i) => (i === 4 || i === 6 ? type : each)) };
  },
  compile: (args, call) => {
    const [onEmpty, onError] = [symbolAt(call, 3), symbolAt(call, 5)];
    const convert = scalarReader(call.type);
    const otherwise = (behaviour: string, value: Evaluator | undefined, message: string, row: readonly Value[]): Value =>
      behaviour === 'ERROR' ? failure(message) : behaviour === 'DEFAULT' ? (value?.(row) ?? null) : null;
    return searching(args, call, (found, row) => {
      if ('error' in found) return otherwise(onError, args[6], found.error, row);
      const { isLax, json = null } = found;
      if (json === null || (isLax && !isScalar(json))) return otherwise(onEmpty, args[4], 'Empty result of JSON_VALUE function is not allowed', row);
      if (isScalar(json)) return convert(json);
      return otherwise(onError, args[6], `Strict jsonpath mode requires scalar value, and the actual value is: '${jsonText(json)}'`, row);
    });
  },
};

const readsColumn = (e: Expression): boolean => e.op === 'column' || (e.op === 'call' && e.args.some(readsColumn));

const INT_MAX = 2147483647;

/** Values of other types fail the job, whatever ON ERROR says (JsonValueCallGen). */
function scalarReader(type: SqlType): (json: Json) => Value {
  const wrong = (json: Json): never => failure(`${scalarText(json)} is no ${typeText(type)}`);
  switch (type.kind) {
    case 'BOOLEAN':
      return (json) => (typeof json === 'boolean' ? json : wrong(json));
    case 'INT':
      return (json) => (json instanceof NumberText && /^-?\d+$/.test(json.text) && Math.abs(Number(json.text)) <= INT_MAX ? Number(json.text) : wrong(json));
    case 'DOUBLE':
      return (json) => (json instanceof NumberText && !/^-?\d+$/.test(json.text) ? Number(json.text) : wrong(json));
    default:
      return scalarText;
  }
}

const TEXTS: SqlType = { kind: 'ARRAY', element: { type: STRING, nullable: true } };

const JSON_QUERY: ScalarFunction = {
  name: 'JSON_QUERY',
  nullable: () => true,
  resolve: (args): Signature | string => {
    const type = args[2]?.type ?? STRING;
    const isList = sameType(type, TEXTS);
    if (type.kind !== 'VARCHAR' && !isList) return `Unsupported type '${typeText(type)}' for RETURNING in JSON_QUERY().`;
    if (isList && [args[4], args[5]].some((behaviour) => literalString(behaviour) === 'EMPTY OBJECT')) {
      return "Illegal on empty and on error behavior 'EMPTY OBJECT' specified in JSON_QUERY function for return type ARRAY<STRING>";
    }
    return ofText(args, type);
  },
  compile: (args, call) => {
    const [wrapper, onEmpty, onError] = [symbolAt(call, 3), symbolAt(call, 4), symbolAt(call, 5)];
    const isList = call.type.kind === 'ARRAY';
    const otherwise = (behaviour: string, message: string): Value => {
      if (behaviour === 'ERROR') return failure(message);
      if (behaviour === 'EMPTY ARRAY') return isList ? [] : '[]';
      return behaviour === 'EMPTY OBJECT' ? '{}' : null;
    };
    return searching(args, call, (found) => {
      if ('error' in found) return otherwise(onError, found.error);
      const json = wrapped(found.json ?? null, wrapper);
      if (json === null || (found.isLax && isScalar(json))) return otherwise(onEmpty, 'Empty result of JSON_QUERY function is not allowed');
      if (isScalar(json)) return otherwise(onError, `Strict jsonpath mode requires array or object value, and the actual value is: '${scalarText(json)}'`);
      if (!isList) return jsonText(json);
      return Array.isArray(json) ? json.map(elementText) : otherwise(onError, `${jsonText(json)} is no array`);
    });
  },
};

const elementText = (json: Json): string | null => (json === null ? null : isScalar(json) ? scalarText(json) : jsonText(json));

function wrapped(json: Json, wrapper: string): Json {
  if (json === null || wrapper === 'WITHOUT' || (wrapper === 'CONDITIONAL' && Array.isArray(json))) return json;
  return [json];
}

export const JSON_QUERIES: readonly ScalarFunction[] = [JSON_EXISTS, JSON_VALUE, JSON_QUERY];

/** ARRAY[…], MAP[…] and ROW(…). Brackets in their names keep SQL from calling the first two as functions. */
import { compareValues } from '../compare.ts';
import type { Expression } from '../plan.ts';
import { typeText, type Inner, type SqlType, type Value } from '../types.ts';
import type { Evaluator, ScalarFunction, Signature } from './function.ts';
import { commonType } from './type-rules.ts';

/** Whether the value may be NULL, as far as that can be told without the columns: those may. */
function mayBeNull(e: Expression): boolean {
  if (e.op !== 'call') return e.op === 'column' || e.value === null;
  if (CONSTRUCTED.includes(e.fn)) return false;
  const [operand] = e.args;
  return !['CAST', 'UNARY MINUS'].includes(e.fn) || operand === undefined || mayBeNull(operand);
}

const CONSTRUCTED = ['ARRAY[]', 'MAP[]', 'ROW'];

/** The type that all of them get. */
function commonInner(args: readonly Expression[]): Inner | string {
  const types = args.map((argument) => argument.type);
  const type = commonType(types);
  if (type === null) return `Parameters must be of the same type: ${types.map(typeText).join(', ')} have none in common`;
  return type.kind === 'NULL' ? "Illegal use of 'NULL'; CAST it" : { type, nullable: args.some(mayBeNull) };
}

const never = (): boolean => false;

const evaluated = (args: readonly Evaluator[], row: Parameters<Evaluator>[0]): Value[] => args.map((argument) => argument(row));

const ARRAY: ScalarFunction = {
  name: 'ARRAY[]',
  nullable: never,
  resolve: (args): Signature | string => {
    if (args.length === 0) return 'Require at least 1 argument';
    const element = commonInner(args);
    return typeof element === 'string' ? element : { args: args.map(() => element.type), type: { kind: 'ARRAY', element } };
  },
  compile: (args) => (row) => evaluated(args, row),
};

const isKey = (_: unknown, i: number): boolean => i % 2 === 0;

/** Of two equal keys the last counts, in the place of the first. */
const MAP: ScalarFunction = {
  name: 'MAP[]',
  nullable: never,
  resolve: (args): Signature | string => {
    if (args.length === 0) return 'Map requires at least 2 arguments';
    if (args.length % 2 === 1) return 'Map requires an even number of arguments';
    const [key, value] = [commonInner(args.filter(isKey)), commonInner(args.filter((each, i) => !isKey(each, i)))];
    if (typeof key === 'string') return key;
    if (typeof value === 'string') return value;
    return { args: args.map((each, i) => (isKey(each, i) ? key.type : value.type)), type: { kind: 'MAP', key, value } };
  },
  compile: (args) => (row) => mapOf(evaluated(args, row)),
};

function mapOf(values: readonly Value[]): Value {
  const entries: [Value, Value][] = [];
  for (let i = 0; i < values.length; i += 2) putEntry(entries, values[i] ?? null, values[i + 1] ?? null);
  return entries;
}

/** Sets the value of a key. */
export function putEntry(entries: [Value, Value][], key: Value, value: Value): void {
  const found = entries.find((entry) => sameKey(entry[0], key));
  if (found === undefined) entries.push([key, value]);
  else found[1] = value;
}

/** Equality as in keys and sets: NULL equals NULL, NaN equals NaN. */
export const sameKey = (a: Value, b: Value): boolean =>
  a === null || b === null ? a === b : compareValues(a, b) === 0 && Number.isNaN(a) === Number.isNaN(b);

const ROW: ScalarFunction = {
  name: 'ROW',
  nullable: never,
  resolve: (args): Signature => {
    const fields = args.map((argument, i) => ({ name: `EXPR$${i}`, type: argument.type, nullable: mayBeNull(argument) }));
    const types: SqlType[] = args.map((argument) => argument.type);
    return { args: types, type: { kind: 'ROW', fields } };
  },
  compile: (args) => (row) => evaluated(args, row),
};

export const COLLECTION_CONSTRUCTORS: readonly ScalarFunction[] = [ARRAY, MAP, ROW];

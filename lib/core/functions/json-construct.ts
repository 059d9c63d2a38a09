/** JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON, JSON_QUOTE, JSON_UNQUOTE and IS JSON (JsonGenerateUtils, SqlJsonUtils). */
import { toBase64 } from '../base64.ts';
import { decimalText, exactDecimalText } from '../decimal.ts';
import { SluiceError } from '../errors.ts';
import { doubleText, floatText } from '../float-text.ts';
import { quoteText } from '../format/json-text.ts';
import type { Json } from '../json-path.ts';
import { isScalar, jsonText, parseJson } from '../json-value.ts';
import type { Expression } from '../plan.ts';
import { BOOLEAN, STRING, innerTypes, isNested, typeText, type NestedType, type SqlType, type Value } from '../types.ts';
import { bigintOf, bytesOf, entriesOf, itemsOf, numberOf, stringOf, type Present } from '../value-access.ts';
import { isoText } from '../value-text.ts';
import { strict, type CallExpression, type Evaluator, type ScalarFunction, type Signature } from './function.ts';
import { literalString } from './literals.ts';
import { isText } from './type-rules.ts';

type Write = (value: Present) => string;

/** The JSON of values of a type, or the reason why there is none. */
function writerOf(type: SqlType): Write | string {
  if (isNested(type)) return nestedWriter(type);
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return (value) => quoteText(stringOf(value));
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return String;
    case 'FLOAT':
      return (value) => finite(floatText(numberOf(value)));
    case 'DOUBLE':
      return (value) => finite(doubleText(numberOf(value)));
    case 'DECIMAL':
      return (value) => exactDecimalText(decimalText(bigintOf(value), type.scale));
    case 'BINARY':
    case 'VARBINARY':
      return (value) => `"${toBase64(bytesOf(value))}"`;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return (value) => `"${withoutTrailingZeros(isoText(type, value))}"`;
    default:
      return `Type '${typeText(type)}' is not scalar or cannot be converted into JSON.`;
  }
}

/** Fractions of a second have the digits that they need (ISO_LOCAL_DATE_TIME). */
const withoutTrailingZeros = (iso: string): string => iso.replace(/\.(\d*?)0*(?=Z?$)/, (_, digits: string) => (digits === '' ? '' : `.${digits}`));

/** Jackson quotes what is no number in JSON. */
const finite = (text: string): string => (/^-?\d/.test(text) ? text : `"${text}"`);

function nestedWriter(type: NestedType): Write | string {
  if (type.kind === 'MAP' || type.kind === 'MULTISET') {
    const [key = type, inner = type] = innerTypes(type);
    const write = writerOf(inner);
    if (!isText(key)) return `Type '${typeText(key)}' is not supported for JSON conversion. The key type must be a character string.`;
    return typeof write === 'string' ? write : (value) => objectText(entriesOf(value).map(([name = null, item = null]) => [keyText(name), orNull(write, item)]));
  }
  const writers = innerTypes(type).map(writerOf);
  const refused = writers.find((write) => typeof write === 'string');
  if (typeof refused === 'string') return refused;
  const writeAt = (i: number): Write | string => writers[type.kind === 'ARRAY' ? 0 : i] ?? '';
  const texts = (value: Present): string[] => itemsOf(value).map((item, i) => orNull(writeAt(i), item));
  return type.kind === 'ARRAY' ? (value) => `[${texts(value).join(',')}]` : (value) => objectText(texts(value).map((text, i) => [type.fields[i]?.name ?? '', text]));
}

const orNull = (write: Write | string, value: Value): string => (value === null || typeof write === 'string' ? 'null' : write(value));

function keyText(key: Value): string {
  if (key !== null) return stringOf(key);
  throw new SluiceError('EXPRESSION_FAILED', { message: 'A key was null. This is not supported during conversion to JSON.', hint: 'Leave such entries out.' });
}

/** Keys in the order of their characters; of equal keys the last counts. */
function objectText(members: readonly (readonly [string, string])[]): string {
  const sorted = [...new Map(members)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, text]) => `${quoteText(name)}:${text}`).join(',')}}`;
}

/** The writer of an argument; the symbol in front of it says whether it is JSON already. */
function argumentWriter({ args }: CallExpression, index: number): Write {
  const argument = args[index];
  const write = argument === undefined || literalString(args[index - 1]) === 'JSON' ? stringOf : writerOf(argument.type);
  return typeof write === 'string' ? () => write : write;
}

const refusal = (args: readonly Expression[]): string | undefined => args.map(({ type }) => writerOf(type)).find((write) => typeof write === 'string');

const constructor = (name: string, compile: ScalarFunction['compile'], keyProblem: (args: readonly Expression[]) => string | undefined = () => undefined): ScalarFunction => ({
  name,
  nullable: () => false,
  resolve: (args): Signature | string => keyProblem(args) ?? refusal(args) ?? { args: args.map(({ type }) => type), type: STRING },
  compile,
});

/** Every third argument from the second is a key. */
const keyProblemOf = (args: readonly Expression[]): string | undefined => (args.some(({ type }, i) => i % 3 === 1 && !isText(type)) ? 'Expected a character type' : undefined);

const JSON_OBJECT = constructor('JSON_OBJECT', (args, call) => {
  const omits = literalString(call.args[0]) === 'ABSENT';
  const members = each(args, 1, 3).map((i) => ({ key: args[i], value: args[i + 2], write: argumentWriter(call, i + 2) }));
  return (row) =>
    objectText(
      members.flatMap(({ key, value, write }) => {
        const item = value?.(row) ?? null;
        return item === null && omits ? [] : [[keyText(key?.(row) ?? null), orNull(write, item)] as const];
      }),
    );
}, keyProblemOf);

const JSON_ARRAY = constructor('JSON_ARRAY', (args, call) => {
  const omits = literalString(call.args[0]) === 'ABSENT';
  const items = each(args, 1, 2).map((i) => ({ value: args[i + 1], write: argumentWriter(call, i + 1) }));
  return (row) => {
    const texts = items.flatMap(({ value, write }) => {
      const item = value?.(row) ?? null;
      return item === null && omits ? [] : [orNull(write, item)];
    });
    return `[${texts.join(',')}]`;
  };
});

/** Indexes from `first` in steps. */
const each = (args: readonly Evaluator[], first: number, step: number): number[] => [...args.keys()].filter((i) => i >= first && (i - first) % step === 0);

const RAW: ReadonlySet<string> = new Set(['JSON_OBJECT', 'JSON_ARRAY']);

const JSON_STRING: ScalarFunction = {
  name: 'JSON_STRING',
  resolve: (args): Signature | string => (args.length === 1 ? (refusal(args) ?? { args: args.map(({ type }) => type), type: STRING }) : 'it takes one value'),
  // What JSON_OBJECT and JSON_ARRAY make is JSON already (Flink's JsonStringCallGen).
  compile: (args, { args: [argument] }) => {
    const [text] = args;
    if (text !== undefined && argument?.op === 'call' && RAW.has(argument.fn)) return text;
    const write = argument === undefined ? '' : writerOf(argument.type);
    return strict((value) => orNull(write, value))(args);
  },
};

const ofText = (name: string, apply: (text: string) => Value): ScalarFunction => ({
  name,
  resolve: (args): Signature | string => {
    const types = args.map(({ type }) => type);
    return types.length === 1 && types.every(isText) ? { args: types, type: STRING } : 'it takes a string';
  },
  compile: strict((text) => apply(stringOf(text))),
});

/** JSON as it is, in its shortest form; inside of JSON_OBJECT and JSON_ARRAY only. */
const JSON_RAW: ScalarFunction = {
  ...ofText('JSON', (text) => {
    if (text.trim() === '') return null;
    try {
      return jsonText(parseJson(text));
    } catch (error) {
      throw new SluiceError('EXPRESSION_FAILED', { message: `Invalid JSON string in JSON(value) function: "${text}"`, hint: 'Test it with IS JSON.', cause: error });
    }
  }),
  nullable: () => true,
};

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '/': '\\/', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const quoted = (text: string): string =>
  `"${text.replace(/["\\/\b\f\n\r\t\u0080-\uffff]/g, (char) => ESCAPES[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;

/** A text that is a JSON string loses its quotes and escapes; any other stays. */
function unquoted(text: string): string {
  const json = text.startsWith('"') && text.endsWith('"') ? jsonOf(text) : undefined;
  return typeof json === 'string' ? json : text;
}

/** undefined: the text is not JSON. */
function jsonOf(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

const IS_JSON: readonly (readonly [name: string, holds: (json: Json) => boolean])[] = [
  ['VALUE', () => true],
  ['OBJECT', (json) => !isScalar(json) && !Array.isArray(json)],
  ['ARRAY', (json) => Array.isArray(json)],
  ['SCALAR', isScalar],
];

/** NULL is no JSON. */
const isJson = (name: string, negated: boolean, holds: (json: Json) => boolean): ScalarFunction => ({
  ...ofText(`IS ${negated ? 'NOT ' : ''}JSON ${name}`, () => null),
  nullable: () => false,
  resolve: (args) => (args.every(({ type }) => isText(type)) ? { args: args.map(({ type }) => type), type: BOOLEAN } : 'it takes a string'),
  compile: ([argument]) => (row) => {
    const text = argument?.(row) ?? null;
    const json = text === null ? undefined : jsonOf(stringOf(text));
    return (json !== undefined && holds(json)) !== negated;
  },
});

export const JSON_CONSTRUCTORS: readonly ScalarFunction[] = [
  JSON_OBJECT,
  JSON_ARRAY,
  JSON_STRING,
  JSON_RAW,
  ofText('JSON_QUOTE', quoted),
  ofText('JSON_UNQUOTE', unquoted),
  ...IS_JSON.flatMap(([name, holds]) => [isJson(name, false, holds), isJson(name, true, holds)]),
];

/** Which values a column of a `datagen` table gets: `fields.#.*` (RandomGeneratorVisitor, SequenceGeneratorVisitor). */
import { pow10 } from '../core/decimal.ts';
import { jsonTypeProblem } from '../core/format/json-nested.ts';
import type { FieldGenerator } from '../core/generated-rows.ts';
import { LENGTH_MAX, typeText, type Column, type Inner, type SqlType } from '../core/types.ts';
import type { OptionReader } from './option-reader.ts';

/** The values of a column, and how many of them there are; null: without end. */
export interface FieldValues {
  readonly values: FieldGenerator;
  readonly count: number | null;
}

export function fieldValues(reader: OptionReader, column: Column): FieldValues {
  const prefix = `fields.${column.name}`;
  const kind = reader.text(`${prefix}.kind`) ?? 'random';
  if (kind === 'sequence') return sequence(reader, prefix, column.type);
  if (kind === 'random') return { values: random(reader, prefix, column), count: null };
  return reader.fail(`has a wrong '${prefix}.kind': Unsupported generator kind: ${kind}`, "It is 'random' or 'sequence'.");
}

const SEQUENCES: Partial<Record<SqlType['kind'], Extract<FieldGenerator, { kind: 'sequence' }>['as']>> = {
  TINYINT: 'number',
  SMALLINT: 'number',
  INT: 'number',
  BIGINT: 'number',
  FLOAT: 'number',
  DOUBLE: 'number',
  DECIMAL: 'number',
  CHAR: 'text',
  VARCHAR: 'text',
  BINARY: 'bytes',
  VARBINARY: 'bytes',
};

function sequence(reader: OptionReader, prefix: string, type: SqlType): FieldValues {
  const as = SEQUENCES[type.kind] ?? unsupported(reader, prefix, type);
  const { min, max } = sequenceRange(type);
  const bound = (key: 'start' | 'end'): bigint => {
    const of = `${prefix}.${key}`;
    const value = wholeNumber(reader, of) ?? reader.fail(`has a sequence without its ${key}: Could not find required property '${of}' for sequence generator.`);
    if (value >= min && value <= max) return value;
    return reader.fail(`has a wrong '${of}': Could not parse value '${value}' for key '${of}'.`, `A sequence of ${typeText(type)} has numbers from ${min} to ${max}.`);
  };
  const [start, end] = [bound('start'), bound('end')];
  const count = Number(end - start + 1n);
  if (count < 1) reader.fail(`has a sequence that ends before it begins: '${prefix}.start' is ${start}, '${prefix}.end' is ${end}`);
  return { values: { kind: 'sequence', start: String(start), as }, count: Math.min(count, Number.MAX_SAFE_INTEGER) };
}

/** Flink counts in INT where a type is neither BIGINT nor text; numbers that a smaller type does not hold come out of it as others. */
function sequenceRange(type: SqlType): { readonly min: bigint; readonly max: bigint } {
  const half = INTEGERS[type.kind] ?? (SEQUENCES[type.kind] === 'number' ? 2n ** 31n : 2n ** 63n);
  const [min, max] = [-half, half - 1n];
  if (type.kind !== 'DECIMAL') return { min, max };
  const largest = pow10(type.precision - type.scale) - 1n;
  return largest < max ? { min: -largest, max: largest } : { min, max };
}

const unsupported = (reader: OptionReader, prefix: string, type: SqlType): never => reader.fail(`cannot generate '${prefix}': Unsupported type: ${typeText(type)}`);

function random(reader: OptionReader, prefix: string, { type, nullable }: Inner): FieldGenerator {
  const problem = jsonTypeProblem(type);
  if (problem !== null) reader.fail(`cannot generate '${prefix}', since rows are generated as JSON: ${problem}`);
  checkLength(reader, prefix, type);
  const values = ofType(reader, prefix, type);
  if (values.kind === 'date' || values.kind === 'time') return values;
  const nullRate = part(reader, `${prefix}.null-rate`);
  if (nullRate === 0) return values;
  if (!nullable) reader.fail(`sets '${prefix}.null-rate' of what is NOT NULL`, 'Leave out the rate, or the NOT NULL, which plans rely on.');
  return { ...values, nullRate };
}

/** `min`: where Flink begins by default, the least above 0. `rounded`: the number of the type that stands for one. */
interface Numbers {
  readonly min: number;
  readonly max: number;
  readonly rounded: (value: number) => number;
}

const INTEGERS: Partial<Record<SqlType['kind'], bigint>> = { TINYINT: 2n ** 7n, SMALLINT: 2n ** 15n, INT: 2n ** 31n, BIGINT: 2n ** 63n };
const FLOATS: Numbers = { min: 2 ** -149, max: (2 - 2 ** -23) * 2 ** 127, rounded: Math.fround };
const DOUBLES: Numbers = { min: Number.MIN_VALUE, max: Number.MAX_VALUE, rounded: (value) => value };
const LENGTH = 100;
const COLLECTION_LENGTH = 3;
/** Of what a MULTISET counts. */
const COUNTS = { kind: 'integer', min: '0', max: '10' } as const;

function ofType(reader: OptionReader, prefix: string, type: SqlType): FieldGenerator {
  switch (type.kind) {
    case 'BOOLEAN':
      return { kind: 'boolean' };
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return { kind: 'integer', ...integers(reader, prefix, INTEGERS[type.kind] ?? 0n) };
    case 'FLOAT':
      return { kind: 'double', ...numbers(reader, prefix, FLOATS) };
    case 'DOUBLE':
      return { kind: 'double', ...numbers(reader, prefix, DOUBLES) };
    case 'DECIMAL':
      return { kind: 'decimal', ...numbers(reader, prefix, DOUBLES), precision: type.precision, scale: type.scale };
    case 'CHAR':
    case 'BINARY':
      return { kind: type.kind === 'CHAR' ? 'text' : 'bytes', length: type.length };
    case 'VARCHAR':
    case 'VARBINARY': {
      const length = lengthOf(reader, prefix) ?? (type.length === LENGTH_MAX ? LENGTH : type.length);
      const varies = reader.boolean(`${prefix}.var-len`, false);
      return { kind: type.kind === 'VARCHAR' ? 'text' : 'bytes', length, ...(varies && { varies }) };
    }
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return { kind: 'timestamp', precision: type.precision, isLocal: type.kind === 'TIMESTAMP_LTZ', maxPastMs: reader.duration(`${prefix}.max-past`) ?? 0 };
    case 'DATE':
      return { kind: 'date' };
    case 'TIME':
      return { kind: 'time', precision: type.precision };
    case 'ARRAY':
      return { kind: 'array', length: lengthOf(reader, prefix) ?? COLLECTION_LENGTH, element: random(reader, `${prefix}.element`, type.element) };
    case 'MULTISET':
      return { kind: 'map', length: lengthOf(reader, prefix) ?? COLLECTION_LENGTH, key: random(reader, `${prefix}.element`, type.element), value: COUNTS };
    case 'MAP': {
      const [key, value] = [random(reader, `${prefix}.key`, type.key), random(reader, `${prefix}.value`, type.value)];
      return { kind: 'map', length: lengthOf(reader, prefix) ?? COLLECTION_LENGTH, key, value };
    }
    case 'ROW':
      return { kind: 'row', fields: type.fields.map((field) => ({ name: field.name, values: random(reader, `${prefix}.${field.name}`, field) })) };
    default:
      return unsupported(reader, prefix, type);
  }
}

/** DataGenTableSourceFactory.validateFieldOptions. */
function checkLength(reader: OptionReader, prefix: string, type: SqlType): void {
  const field = prefix.replace(/^fields\./, '');
  const isVariable = type.kind === 'VARCHAR' || type.kind === 'VARBINARY';
  if (!isVariable && reader.boolean(`${prefix}.var-len`, false)) {
    const rule = "Only supports specifying 'fields.#.var-len' option for variable-length types (VARCHAR/STRING/VARBINARY/BYTES).";
    reader.fail(`sets '${prefix}.var-len': ${rule} The type of field '${field}' is not within this range.`);
  }
  const length = lengthOf(reader, prefix);
  if (length === undefined) return;
  if (type.kind === 'CHAR' || type.kind === 'BINARY') {
    reader.fail(`sets '${prefix}.length': Custom length for fixed-length type (CHAR/BINARY) field '${field}' is not supported.`);
  }
  if (isVariable && length > type.length) {
    const rule = `Custom length '${length}' for variable-length type (VARCHAR/STRING/VARBINARY/BYTES) field '${field}' should be shorter than '${type.length}' defined in the schema.`;
    reader.fail(`sets '${prefix}.length': ${rule}`);
  }
}

function lengthOf(reader: OptionReader, prefix: string): number | undefined {
  const key = `${prefix}.length`;
  const value = reader.integer(key);
  return value === undefined || value >= 0 ? value : reader.wrong(key, 'a whole number from 0', String(value));
}

/** `half`: values of the type are from -half to half - 1. */
function integers(reader: OptionReader, prefix: string, half: bigint): { min: string; max: string } {
  const bound = (key: string, otherwise: bigint): bigint => {
    const value = wholeNumber(reader, key) ?? otherwise;
    return value >= -half && value < half ? value : reader.wrong(key, `a number from ${-half} to ${half - 1n}`, String(value));
  };
  const [min, max] = [bound(`${prefix}.min`, -half), bound(`${prefix}.max`, half - 1n)];
  if (min >= max) wrongBounds(reader, prefix, min, max);
  return { min: String(min), max: String(max) };
}

function numbers(reader: OptionReader, prefix: string, { rounded, ...range }: Numbers): { min: number; max: number } {
  const bound = (key: string, otherwise: number): number => {
    const text = reader.text(key);
    if (text === undefined) return otherwise;
    const value = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text.trim()) ? Number(text) : reader.wrong(key, 'a number', text);
    return Math.abs(rounded(value)) <= range.max ? value : reader.wrong(key, `a number from ${-range.max} to ${range.max}`, text);
  };
  const [min, max] = [bound(`${prefix}.min`, range.min), bound(`${prefix}.max`, range.max)];
  if (min >= max) wrongBounds(reader, prefix, min, max);
  return { min, max };
}

const wrongBounds = (reader: OptionReader, prefix: string, min: number | bigint, max: number | bigint): never =>
  reader.fail(`has wrong bounds in '${prefix}.min' and '${prefix}.max': lower bound (${min}) must be strictly less than upper bound (${max})`);

function part(reader: OptionReader, key: string): number {
  const text = reader.text(key) ?? '0';
  const value = text.trim() === '' ? NaN : Number(text);
  return value >= 0 && value <= 1 ? value : reader.wrong(key, 'a number from 0 to 1', text);
}

/** Of any size, unlike `OptionReader.integer`: BIGINT has 64 bits. */
function wholeNumber(reader: OptionReader, key: string): bigint | null {
  const text = reader.text(key);
  if (text === undefined) return null;
  const value = /^[-+]?\d{1,19}$/.test(text.trim()) ? BigInt(text.trim().replace(/^\+/, '')) : null;
  return value !== null && BigInt.asIntN(64, value) === value ? value : reader.wrong(key, 'an integer', text);
}

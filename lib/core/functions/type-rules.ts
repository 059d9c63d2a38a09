/** Families of types, and the type that values of several types have in common (Flink's LogicalTypeMerging). */
import { MAX_PRECISION } from '../decimal.ts';
import { BIGINT, DOUBLE, INT, LENGTH_MAX, STRING, innersOf, isNested, sameType, type Inner, type NestedType, type SqlType } from '../types.ts';
import type { Parameter } from './function.ts';

export type DecimalType = Extract<SqlType, { kind: 'DECIMAL' }>;

const INTEGERS = ['TINYINT', 'SMALLINT', 'INT', 'BIGINT'] as const;
/** Decimal digits of the integer types. */
const DIGITS = { TINYINT: 3, SMALLINT: 5, INT: 10, BIGINT: 19 } as const;

type IntegerKind = (typeof INTEGERS)[number];

const integerKind = (type: SqlType): IntegerKind | undefined => INTEGERS.find((kind) => kind === type.kind);

export const isInteger = (type: SqlType): boolean => integerKind(type) !== undefined;
export const isFloating = (type: SqlType): boolean => type.kind === 'FLOAT' || type.kind === 'DOUBLE';
export const isNumeric = (type: SqlType): boolean => isInteger(type) || isFloating(type) || type.kind === 'DECIMAL';
export const isText = (type: SqlType): boolean => type.kind === 'CHAR' || type.kind === 'VARCHAR';
export const isBinary = (type: SqlType): boolean => type.kind === 'BINARY' || type.kind === 'VARBINARY';
export const isTimestamp = (type: SqlType): boolean => type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ';
export const isDatetime = (type: SqlType): boolean => isTimestamp(type) || type.kind === 'DATE' || type.kind === 'TIME';
export const isInterval = (type: SqlType): boolean => type.kind === 'INTERVAL_DAY' || type.kind === 'INTERVAL_YEAR';

export const TEXT: Parameter = { what: 'string', accepts: isText };
export const NUMERIC: Parameter = { what: 'number', accepts: isNumeric };
export const INTEGER: Parameter = { what: 'integer', accepts: isInteger };
export const CONDITION: Parameter = { what: 'boolean', accepts: (type) => type.kind === 'BOOLEAN' };

export const string = (): SqlType => STRING;
export const int = (): SqlType => INT;
export const firstType = (types: readonly SqlType[]): SqlType => types[0] ?? STRING;

/** The DECIMAL that holds every value of an integer or decimal type; null for other types. */
export function asDecimal(type: SqlType): DecimalType | null {
  if (type.kind === 'DECIMAL') return type;
  const kind = integerKind(type);
  return kind === undefined ? null : { kind: 'DECIMAL', precision: DIGITS[kind], scale: 0 };
}

/** A DECIMAL that would have too many digits gives up digits of the fraction, but keeps six (adjustPrecisionScale). */
export function adjustedDecimal(precision: number, scale: number): DecimalType {
  if (precision <= MAX_PRECISION) return { kind: 'DECIMAL', precision, scale };
  const kept = Math.max(MAX_PRECISION - (precision - scale), Math.min(scale, 6));
  return { kind: 'DECIMAL', precision: MAX_PRECISION, scale: kept };
}

/** The type to which all the others can be cast implicitly, or null. NULL literals fit any type. */
export function commonType(types: readonly SqlType[]): SqlType | null {
  return types.reduce<SqlType | null>((common, type) => (common === null ? null : commonOfTwo(common, type)), { kind: 'NULL' });
}

function commonOfTwo(a: SqlType, b: SqlType): SqlType | null {
  if (a.kind === 'NULL' || sameType(a, b)) return b;
  if (b.kind === 'NULL') return a;
  if (isNested(a) && isNested(b)) return commonNested(a, b);
  if (isNumeric(a) && isNumeric(b)) return commonNumber(a, b);
  if (isText(a) && isText(b)) return { kind: 'VARCHAR', length: Math.max(lengthOf(a), lengthOf(b)) };
  if (isBinary(a) && isBinary(b)) return { kind: 'VARBINARY', length: Math.max(lengthOf(a), lengthOf(b)) };
  return commonDatetime(a, b);
}

/** Collections of one kind whose parts have common types; names of fields are those of the first. */
function commonNested(a: NestedType, b: NestedType): SqlType | null {
  if (a.kind === 'ARRAY' && b.kind === 'ARRAY') return ofInner(commonInner(a.element, b.element), (element) => ({ kind: 'ARRAY', element }));
  if (a.kind === 'MULTISET' && b.kind === 'MULTISET') return ofInner(commonInner(a.element, b.element), (element) => ({ kind: 'MULTISET', element }));
  if (a.kind === 'MAP' && b.kind === 'MAP') {
    return ofInner(commonInner(a.key, b.key), (key) => ofInner(commonInner(a.value, b.value), (value) => ({ kind: 'MAP', key, value })));
  }
  if (a.kind !== 'ROW' || b.kind !== 'ROW' || a.fields.length !== b.fields.length) return null;
  const fields = a.fields.map((field, i) => ofInner(commonInner(field, b.fields[i] ?? field), (inner) => ({ ...field, ...inner })));
  return fields.includes(null) ? null : { kind: 'ROW', fields: fields.filter((field) => field !== null) };
}

function commonInner(a: Inner, b: Inner): Inner | null {
  const type = commonOfTwo(a.type, b.type);
  return type === null ? null : { type, nullable: a.nullable || b.nullable };
}

const ofInner = <T>(inner: Inner | null, make: (inner: Inner) => T): T | null => (inner === null ? null : make(inner));

const lengthOf = (type: SqlType): number => ('length' in type ? type.length : LENGTH_MAX);

/** The common type of two numeric types. */
export function commonNumber(a: SqlType, b: SqlType): SqlType {
  if (isFloating(a) || isFloating(b)) return commonFloat(a, b);
  const [left, right] = [asDecimal(a), asDecimal(b)];
  if (left === null || right === null) return DOUBLE;
  if (isInteger(a) && isInteger(b)) return left.precision >= right.precision ? a : b;
  const scale = Math.max(left.scale, right.scale);
  return adjustedDecimal(Math.max(left.precision - left.scale, right.precision - right.scale) + scale, scale);
}

/** FLOAT takes integers; with DOUBLE or DECIMAL it is a DOUBLE. */
function commonFloat(a: SqlType, b: SqlType): SqlType {
  const narrow = [a, b].every((type) => type.kind === 'FLOAT' || isInteger(type));
  return narrow ? { kind: 'FLOAT' } : DOUBLE;
}

function commonDatetime(a: SqlType, b: SqlType): SqlType | null {
  const precision = Math.max(...[a, b].map((type) => ('precision' in type ? type.precision : 0)));
  if (a.kind === 'TIME' && b.kind === 'TIME') return { kind: 'TIME', precision };
  const dated = (type: SqlType): boolean => isTimestamp(type) || type.kind === 'DATE';
  if (!dated(a) || !dated(b)) return null;
  return { kind: a.kind === 'TIMESTAMP_LTZ' || b.kind === 'TIMESTAMP_LTZ' ? 'TIMESTAMP_LTZ' : 'TIMESTAMP', precision };
}

/** Whether Flink casts values of one type to the other by itself (LogicalTypeCasts.supportsImplicitCast), which may lose digits and characters. */
export function castsImplicitly(from: SqlType, to: SqlType): boolean {
  if (from.kind === 'NULL' || sameType(from, to)) return true;
  if (isNested(from) || isNested(to)) return nestedCastsImplicitly(from, to);
  if (to.kind === 'DECIMAL' || to.kind === 'DOUBLE') return isNumeric(from);
  if (to.kind === 'FLOAT') return isInteger(from) || from.kind === 'DECIMAL' || from.kind === 'FLOAT';
  if (isInteger(from) && isInteger(to)) return bitsOf(from) <= bitsOf(to);
  if (to.kind === 'VARCHAR') return isText(from);
  if (to.kind === 'VARBINARY') return isBinary(from);
  if (to.kind === 'DATE' || to.kind === 'TIME') return from.kind === to.kind || from.kind === 'TIMESTAMP';
  return isTimestamp(to) ? isTimestamp(from) : from.kind === to.kind;
}

/** Collections of one kind, part by part; what may be NULL goes into what may be NULL only. */
function nestedCastsImplicitly(from: SqlType, to: SqlType): boolean {
  if (from.kind !== to.kind || !isNested(from) || !isNested(to)) return false;
  const [parts, targets] = [innersOf(from), innersOf(to)];
  const fits = (part: Inner, target: Inner | undefined): boolean => target !== undefined && (target.nullable || !part.nullable) && castsImplicitly(part.type, target.type);
  return parts.length === targets.length && parts.every((part, i) => fits(part, targets[i]));
}

/** The largest value of an integer type is 2^(bits - 1) - 1. */
export const bitsOf = (type: SqlType): number => ({ TINYINT: 8, SMALLINT: 16, INT: 32, BIGINT: 64 })[integerKind(type) ?? 'INT'];

export const isBigint = (type: SqlType): boolean => type.kind === BIGINT.kind;

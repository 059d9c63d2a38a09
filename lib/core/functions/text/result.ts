/** Types of the results of functions on strings (Calcite's ReturnTypes, Flink's FlinkReturnTypes). */
import { BOOLEAN, INT, LENGTH_MAX, STRING, type SqlType } from '../../types.ts';
import type { Result } from '../operands.ts';

export const aString: Result = () => STRING;
export const anInt: Result = () => INT;
export const aBoolean: Result = () => BOOLEAN;
export const chars =
  (length: number): Result =>
  () => ({ kind: 'CHAR', length });

/** The type of the first argument. */
export const sameAsFirst: Result = ([type = STRING]) => type;

/** The type of the first argument, without a fixed length. */
export const varying =
  (position: number): Result =>
  (types) => {
    const type = types[position] ?? STRING;
    if (type.kind === 'CHAR') return { kind: 'VARCHAR', length: type.length };
    return type.kind === 'BINARY' ? { kind: 'VARBINARY', length: type.length } : type;
  };

/** As long as both together (DYADIC_STRING_SUM_PRECISION): CHAR only if both are. */
export function joined(a: SqlType, b: SqlType): SqlType {
  const length = Math.min(lengthOf(a) + lengthOf(b), LENGTH_MAX);
  return { kind: a.kind === 'CHAR' && b.kind === 'CHAR' ? 'CHAR' : 'VARCHAR', length };
}

const lengthOf = (type: SqlType): number => ('length' in type ? type.length : 0);

/**
 * Bounds of the tumbling window of a row time: what a window table function adds to its rows.
 * The space in their names keeps SQL from calling them.
 */
import type { Expression } from '../plan.ts';
import { TIMESTAMP3, type SqlType } from '../types.ts';
import { toEpoch, toLocal } from '../time/zone.ts';
import { numberOf } from '../value-access.ts';
import { strict, zoneOf, type CallExpression, type ScalarFunction, type Signature } from './function.ts';

function windowStart(time: number, size: number, offset: number): number {
  const into = (time - offset) % size;
  return time - (into < 0 ? into + size : into);
}

const keep =
  (result: (rowTime: SqlType) => SqlType) =>
  (args: readonly Expression[]): Signature | string => {
    const types = args.map((argument) => argument.type);
    return { args: types, type: result(types[0] ?? TIMESTAMP3) };
  };

/** Windows of instants lie on the wall clock of the session. */
const isOfInstant = ({ args }: CallExpression): boolean => args[0]?.type.kind === 'TIMESTAMP_LTZ';

/** `TUMBLE AT(time, size, offset, shift)`: the start of the window plus a shift, which is 0 or the size. */
const TUMBLE_AT: ScalarFunction = {
  name: 'TUMBLE AT',
  resolve: keep(() => TIMESTAMP3),
  isZoned: isOfInstant,
  compile: (args, call) => {
    const zone = zoneOf(call);
    return strict((time, size, offset, shift) => windowStart(toLocal(zone, numberOf(time)), numberOf(size), numberOf(offset)) + numberOf(shift))(args);
  },
};

/** `TUMBLE TIME(time, size, offset)`: the last millisecond of the window, of the family of the row time. */
const TUMBLE_TIME: ScalarFunction = {
  name: 'TUMBLE TIME',
  resolve: keep((rowTime) => (rowTime.kind === 'TIMESTAMP_LTZ' ? { kind: 'TIMESTAMP_LTZ', precision: 3 } : TIMESTAMP3)),
  isZoned: isOfInstant,
  compile: (args, call) => {
    const zone = zoneOf(call);
    return strict((time, size, offset) => toEpoch(zone, windowStart(toLocal(zone, numberOf(time)), numberOf(size), numberOf(offset)) + numberOf(size) - 1))(args);
  },
};

export const WINDOW_BOUNDS: readonly ScalarFunction[] = [TUMBLE_AT, TUMBLE_TIME];

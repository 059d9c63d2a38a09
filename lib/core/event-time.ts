/** Row times and watermarks of a source's rows: its `WATERMARK FOR`, made executable. */
import { columnAt, columnsOf, compileExpression, sameExpression } from './expression.ts';
import { newClock, type Clock } from './functions/clock.ts';
import type { EventTimeSpec, Expression } from './plan.ts';
import type { Column, Row, Value } from './types.ts';

export interface EventTimeReader {
  /** Of the row time, for people. */
  readonly name: string;
  readonly timeOf: (row: Row) => Value;
  /** `time` is what `timeOf` has given for the row. */
  readonly watermarkOf: (row: Row, time: Value) => Value;
}

export function compileEventTime(spec: EventTimeSpec, columns: readonly Column[], clock: Clock = newClock()): EventTimeReader {
  if ('time' in spec) return { name: spec.name, timeOf: compileExpression(spec.time, clock), watermarkOf: compileWatermark(spec.watermark, spec.time, clock) };
  const { column } = spec;
  return { name: columns[column]?.name ?? '', timeOf: (row) => row[column] ?? null, watermarkOf: compileExpression(spec.watermark, clock) };
}

/** Where the watermark depends on nothing but the row time, the expression of the row time is computed once per row, not twice. */
function compileWatermark(watermark: Expression, time: Expression, clock: Clock): EventTimeReader['watermarkOf'] {
  const overTime = replaceAll(watermark, time, columnAt(TIME, time.type));
  if (columnsOf(overTime).some((column) => column !== TIME)) return compileExpression(watermark, clock);
  const compiled = compileExpression(replaceAll(watermark, time, columnAt(0, time.type)), clock);
  const row: Value[] = [null];
  return (_, value) => {
    row[0] = value;
    return compiled(row);
  };
}

/** Stands for the row time among the columns of the source. */
const TIME = -1;

function replaceAll(e: Expression, part: Expression, by: Expression): Expression {
  if (sameExpression(e, part)) return by;
  return e.op === 'call' ? { ...e, args: e.args.map((argument) => replaceAll(argument, part, by)) } : e;
}

/** Objects of a program as rows of a table, by the names of its columns. */
import { SluiceError } from '../../core/errors.ts';
import type { TransformRow } from '../../core/process/code.ts';
import type { Column, Row, Value } from '../../core/types.ts';
import { valueOf } from '../function-call.ts';
import { columnValue } from './column-value.ts';

/** `where` is the sink or table, for messages. `rowTime`: the column that has the event time of the value; null: none. FUNCTION_THREW for a value that fits no row. */
export function rowsTransform(where: string, columns: readonly Column[], rowTime: string | null): TransformRow {
  return ([value, time = null], next) => {
    const fields = fieldsOf(where, valueOf(value));
    const cells = columns.map((column): Value => (column.name === rowTime ? time : columnValue(where, column, fields.get(column.name))));
    next(cells satisfies Row);
  };
}

function fieldsOf(where: string, value: unknown): ReadonlyMap<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return new Map(Object.entries(value));
  throw new SluiceError('FUNCTION_THREW', { message: `${where}: a row is an object with the names of columns, and not ${JSON.stringify(value) ?? typeof value}`, details: { uid: where } });
}

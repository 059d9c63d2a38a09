/** What a table demands of the values that are written into it (Flink's ConstraintEnforcer). */
import { SluiceError } from '../errors.ts';
import type { ScalarFunction } from './function.ts';

/** `ENFORCE NOT NULL(value, 'column')`: the value, or a failure where it is NULL. */
const ENFORCE_NOT_NULL: ScalarFunction = {
  name: 'ENFORCE NOT NULL',
  resolve: ([value, column, ...rest]) => {
    if (value === undefined || column === undefined || rest.length > 0) return 'it takes (value, column)';
    return { args: [value.type, column.type], type: value.type };
  },
  nullable: () => false,
  compile: ([value, column]) => (row) => {
    const found = value?.(row) ?? null;
    if (found !== null) return found;
    throw new SluiceError('EXPRESSION_FAILED', {
      message: `Column '${String(column?.(row))}' is NOT NULL, however, a null value is being written into it. You can set job configuration 'table.exec.sink.not-null-enforcer'='DROP' to suppress this exception and drop such records silently.`,
      hint: 'Filter such rows out, or declare the column without NOT NULL.',
    });
  },
};

export const ENFORCEMENTS: readonly ScalarFunction[] = [ENFORCE_NOT_NULL];

/** PRINTF: the formats of java.util.Formatter. */
import { formatJava } from '../../java/formatter.ts';
import { STRING, type SqlType } from '../../types.ts';
import { stringOf } from '../../value-access.ts';
import type { ScalarFunction } from '../function.ts';
import { CHARACTER_STRINGS, expecting, invalidInput } from '../operands.ts';
import { isText } from '../type-rules.ts';

const ANYTHING = { name: 'ANY', accepts: () => true };
const UNTYPED: SqlType = { kind: 'NULL' };

/** NULL arguments print as `null`; a NULL format is NULL. */
export const PRINTF: ScalarFunction = {
  name: 'PRINTF',
  takesNull: true,
  nullable: () => true,
  resolve: (args) => {
    const types = args.map(({ type }) => type);
    const [format] = types;
    if (format === undefined) return expecting('PRINTF', 1);
    const fits = isText(format) || format.kind === 'NULL';
    return fits ? { args: types, type: STRING } : invalidInput('PRINTF', [[CHARACTER_STRINGS, ANYTHING]]);
  },
  compile: ([format, ...args], call) => {
    const types = call.args.slice(1).map(({ type }) => type);
    return (row) => {
      const text = format?.(row) ?? null;
      if (text === null) return null;
      return formatJava(stringOf(text), args.map((argument, i) => ({ type: types[i] ?? UNTYPED, value: argument(row) })));
    };
  },
};

/** A row as Flink's print connector writes it: `+I[2026-11-20T10:00, click, 2]`, values as Java's `toString` gives them. */
import { javaText } from '../../core/java-text.ts';
import type { SinkNode } from '../../core/plan.ts';
import type { Row, SqlType, Value } from '../../core/types.ts';

/** An insert, unless the row begins with the kind of its change. */
export function rowText({ columns, changelog }: Pick<SinkNode, 'columns' | 'changelog'>, row: Row): string {
  const values = columns.map(({ type }, i) => textOf(type, row[i] ?? null));
  return changelog ? `${values[0] ?? ''}[${values.slice(1).join(', ')}]` : `+I[${values.join(', ')}]`;
}

const textOf = (type: SqlType, value: Value): string => (value === null ? 'null' : javaText(type, value));

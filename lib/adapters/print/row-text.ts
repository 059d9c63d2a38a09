/** A row as Flink's print connector writes it: `+I[2026-11-20T10:00, click, 2]`, values as Java's `toString` gives them. */
import { javaText } from '../../core/java-text.ts';
import type { Column, Row, SqlType, Value } from '../../core/types.ts';

/** An insert; Sluice's sinks get no other kind of change yet. */
export function rowText(columns: readonly Column[], row: Row): string {
  return `+I[${columns.map(({ type }, i) => textOf(type, row[i] ?? null)).join(', ')}]`;
}

const textOf = (type: SqlType, value: Value): string => (value === null ? 'null' : javaText(type, value));

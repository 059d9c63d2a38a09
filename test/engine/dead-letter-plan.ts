/** The lab's plan with a dead-letter table, as the planner makes it, and what comes into the table. */
import { columnAt } from '../../lib/core/expression.ts';
import { FAILED_RECORD_COLUMNS } from '../../lib/core/failed-record.ts';
import { uid } from '../../lib/core/numbers.ts';
import type { Plan, PlanNode } from '../../lib/core/plan.ts';
import type { Row } from '../../lib/core/types.ts';
import type { Stack } from './stack.ts';

export const DEAD_LETTER_TABLE = 'c.d.dead';
export const DEAD_LETTERS = uid('dead-letters-dead');

export function deadLetterNodes(): PlanNode[] {
  const failed = uid('failed-records');
  const calc = uid('calc-dead-letters-dead');
  const columns = FAILED_RECORD_COLUMNS;
  return [
    { kind: 'failed-records', uid: failed, columns },
    { kind: 'calc', uid: calc, input: failed, where: null, project: columns.map(({ type }, i) => columnAt(i, type)), columns },
    { kind: 'sink', uid: DEAD_LETTERS, input: calc, table: DEAD_LETTER_TABLE, connector: 'filesystem', columns, options: { path: '/dead' } },
  ];
}

export const withDeadLetters = (plan: Plan): Plan => ({
  ...plan,
  nodes: [...plan.nodes, ...deadLetterNodes()],
  options: { ...plan.options, 'sluice.on-record-error': 'dlq', 'sluice.dead-letter-table': DEAD_LETTER_TABLE },
});

/** Records that fail. */
export const BAD = '{"event_type": ';
export const ROWTIME_NULL = JSON.stringify({ event_type: 'click', event_time: null });

/** Rows of the dead-letter table by the names of their columns. */
export const letters = (stack: Stack): Record<string, unknown>[] =>
  stack.stores.sinks.rows(DEAD_LETTER_TABLE).map((row: Row) => Object.fromEntries(FAILED_RECORD_COLUMNS.map(({ name }, i) => [name, row[i]])));

export const texts = (stack: Stack): string[] => letters(stack).map(({ value }) => (value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value)));

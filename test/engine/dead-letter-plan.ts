/** The lab's plan with a dead-letter table, as the planner makes it. */
import { columnAt } from '../../lib/core/expression.ts';
import { FAILED_RECORD_COLUMNS } from '../../lib/core/failed-record.ts';
import { uid } from '../../lib/core/numbers.ts';
import type { Plan, PlanNode } from '../../lib/core/plan.ts';

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

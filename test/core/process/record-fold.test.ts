import { expect, test } from 'vitest';
import { recordAt, RecordFold, storedAt } from '../../../lib/core/process/record-fold.ts';
import { Raw } from '../../../lib/core/types.ts';
import { GROUPS } from '../../../lib/core/window/pane.ts';

test('records travel as they came, each a row of its own, in their order', () => {
  const rows = [[new Raw('a'), new Raw({ n: 1n }), 5, 0], [new Raw({ id: 2 }), new Raw([new Date(0)]), null, 1], [new Raw('a'), new Raw('x'), 4, 0]] as const;
  const fold = new RecordFold();
  for (const row of rows) fold.add(row);
  const [columns, more] = structuredClone(fold.columns());
  expect([columns?.end, columns?.rows, columns?.keys, more]).toEqual([GROUPS, [1, 1, 1], ['a', '{"id":2}', 'a'], undefined]);
  if (columns === undefined) throw new Error('there are records');
  expect(rows.map((_, i) => recordAt(columns, i))).toEqual(rows.map(([, ...record]) => record));
  expect(rows.map((_, i) => storedAt(columns, i))).toEqual([{ n: { $bigint: '1' } }, [{ $date: '1970-01-01T00:00:00.000Z' }], 'x']);
});

test('a value that cannot be stored leaves nothing behind', () => {
  const fold = new RecordFold();
  expect(() => fold.add([new Raw('a'), new Raw(() => {}), null, 0])).toThrow(expect.objectContaining({ code: 'STATE_VALUE_INVALID' }));
  expect(fold.columns()).toEqual([]);
});

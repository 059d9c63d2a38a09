/** What a statement gave, as a head and batches of rows: every statement of Flink's SQL gateway has them. */
import { UTC } from '../../../core/time/zone-id.ts';
import type { Row } from '../../../core/types.ts';
import type { Change, StatementResult } from '../../statement-result.ts';
import { listTable, type ResultTable } from '../../table.ts';
import { sizeOf } from '../../value-size.ts';
import type { ResultHead } from './gateway.ts';

/** Rows of one answer; Flink's is as large. */
const BATCH_MAX = 5000;

export interface Result {
  readonly head: ResultHead;
  readonly batches: AsyncIterable<readonly Change[]>;
  /** About the bytes of memory that its rows hold; null: they come as they are read. */
  readonly size: number | null;
  /** Ends what gives the batches. */
  readonly end: () => Promise<void>;
}

export function resultOf(result: StatementResult): Result {
  switch (result.kind) {
    case 'ok':
      return ofTable(listTable('result', ['OK']), { hasContent: false });
    case 'table':
    case 'text':
      return ofTable(result.table, { isQuery: result.isQuery === true });
    case 'job':
      return ofTable(listTable('job id', result.job === null ? [] : [result.job]), { job: result.job });
    case 'changes': {
      const { columns, job, changes, end, zone = UTC } = result;
      return { head: { columns, isQuery: true, hasContent: true, job, zone }, batches: inBatches(changes), size: null, end };
    }
  }
}

const ofTable = ({ columns, rows, zone = UTC }: ResultTable, head: Partial<ResultHead>): Result => ({
  head: { columns, isQuery: false, hasContent: true, job: null, zone, ...head },
  batches: inBatches([rows.map((row: Row): Change => ({ kind: 'INSERT', row }))]),
  size: sizeOf(rows),
  end: async () => {},
});

/** Reads on only when all of what it has read is taken. */
async function* inBatches(changes: AsyncIterable<readonly Change[]> | Iterable<readonly Change[]>): AsyncGenerator<readonly Change[]> {
  for await (const some of changes) {
    for (let from = 0; from < some.length; from += BATCH_MAX) yield some.slice(from, from + BATCH_MAX);
  }
}

/** What a statement gave, as Flink's SQL client prints it. */
import type { StatementResult } from '../control/statement-result.ts';
import { printChanges } from './changes.ts';
import { printInfo, printResult, printTable, type Context } from './context.ts';
import { untilInterrupted } from './interrupt.ts';

/** Resolves when all of it is printed: rows of a query without an end come until Ctrl-C. */
export async function printStatement(context: Context, result: StatementResult): Promise<void> {
  switch (result.kind) {
    case 'ok':
      return printInfo(context, '[INFO] Execute statement succeeded.');
    case 'table':
      return printTable(context, result.table);
    case 'text':
      return context.json ? printTable(context, result.table) : context.console.out(result.table.rows.map(String).join('\n'));
    case 'changes':
      return untilInterrupted((signal) => printChanges(context, result, signal));
    case 'job':
      printInfo(context, '[INFO] Submitting SQL update statement to the cluster...');
      printInfo(context, '[INFO] SQL update statement has been successfully submitted to the cluster:');
      return printResult(context, `Job ID: ${result.job}\n`, { jobId: result.job });
  }
}

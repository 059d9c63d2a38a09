/** Logs, control items and chunks in one DynamoDB table (§3). */
import type { Chunks } from '../../ports/chunks.ts';
import type { Control } from '../../ports/control.ts';
import type { Log } from '../../ports/log.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Limits } from '../aws-requests.ts';
import { tableAddressOf } from './address.ts';
import { DynamoChunks } from './chunks.ts';
import { DynamoControl } from './control.ts';
import { DynamoLog } from './log.ts';
import { Table, type Consumed } from './table.ts';

export { REQUEST_DEADLINE } from '../aws-requests.ts';
export { createTable } from './create-table.ts';
export { inspectTable, type TableFacts } from './inspect.ts';
export type { Consumed } from './table.ts';

export interface DynamoStore {
  readonly log: Log;
  readonly control: Control;
  readonly chunks: Chunks;
  /** Live counters. */
  readonly consumed: Readonly<Consumed>;
  /** Closes the connections. */
  close(): void;
}

/** Opens `dynamodb://TABLE[?endpoint=URL&region=R]`; sends nothing yet. Throws OPTION_INVALID. */
export function openDynamoStore(url: string, { runtime, limits }: { runtime: Runtime; limits?: Limits | undefined }): DynamoStore {
  const table = new Table(tableAddressOf(url), runtime, limits);
  return {
    log: new DynamoLog(table),
    control: new DynamoControl(table),
    chunks: new DynamoChunks(table),
    consumed: table.consumed,
    close: () => table.close(),
  };
}

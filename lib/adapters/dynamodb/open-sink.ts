/** A `dynamodb` table from its plan. */
import type { JobId } from '../../core/numbers.ts';
import { DynamoSink } from './sink.ts';
import { SinkTable, type SinkTableParts } from './sink-table.ts';

/** Sends nothing yet. */
export const openDynamoSink = ({ job, ...parts }: SinkTableParts & { readonly job: JobId }): DynamoSink => new DynamoSink(new SinkTable(parts), job, parts.node);

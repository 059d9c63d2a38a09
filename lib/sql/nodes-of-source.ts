/** The node of a table that is read, with the columns that anything reads of it, and no others. */
import { columnsOf, foldConstants, substitute } from '../core/expression.ts';
import type { Uid } from '../core/numbers.ts';
import type { EventTimeSpec, Expression, RecordFormat, SourceNode } from '../core/plan.ts';
import type { Column } from '../core/types.ts';
import type { Lowered, Lowering } from './lowering.ts';
import type { DatagenOptions } from './datagen-options.ts';
import type { SourceTable } from './plan-source.ts';
import type { FileOptions } from './source-options-filesystem.ts';
import type { RowTime } from './table-columns.ts';

export function lowerSource(base: SourceTable, used: readonly number[], session: Lowering): Lowered {
  const { table, options, rowTime } = base;
  const { identity, columns: needed } = session.read(base, [...used, ...(rowTime === null ? [] : [...columnsOf(rowTime.expression), ...columnsOf(rowTime.watermark)])]);
  const kept = base.columns.map((_, index) => index).filter((index) => needed.has(index));
  const positionOf = (index: number): number => kept.indexOf(index);
  const columns = base.columns.filter((_, index) => needed.has(index));
  const moved = (e: Expression): Expression => substitute(e, (column) => ({ ...column, index: positionOf(column.index) }));
  const node: SourceNode = {
    kind: 'source',
    ...identity,
    table: table.path,
    ...recordsOf(options, identity.uid, columns),
    columns,
    ...besidesValues(base, kept),
    eventTime: rowTime === null ? null : eventTimeOf(rowTime, moved),
    idleTimeoutMs: options.idleTimeoutMs ?? session.idleTimeoutMs,
    ...(options.emitStrategy === 'on-event' ? { emitStrategy: options.emitStrategy } : {}),
    options: table.options,
  };
  return { nodes: [node], uid: node.uid, columns, positionOf };
}

type Records = Pick<SourceNode, 'connector' | 'topics' | 'generated' | 'files' | 'startup' | 'bounded' | 'properties' | 'format'>;

/** Where the records of a table are. */
function recordsOf(options: SourceTable['options'], uid: Uid, columns: readonly Column[]): Records {
  if (options.connector === 'kafka') {
    const { connector, topics, startup, bounded, properties, format } = options;
    return { connector, topics, startup, ...(bounded === undefined ? {} : { bounded }), properties, format };
  }
  return options.connector === 'datagen' ? generatedRecords(options, uid, columns) : linesOfFiles(options, uid);
}

function linesOfFiles({ connector, files, format }: FileOptions, uid: Uid): Records {
  const startup = { kind: 'earliest-offset' } as const;
  return { connector, topics: [`files:${uid}`], files, startup, ...(files.monitorIntervalMs === null ? { bounded: { kind: 'latest-offset' } } : {}), format };
}

/** They have the fields of the columns that are read, and no others. */
function generatedRecords({ connector, generated }: DatagenOptions, uid: Uid, columns: readonly Column[]): Records {
  const fields = generated.fields.filter(({ name }) => columns.some((column) => column.name === name));
  return {
    connector,
    topics: [`datagen:${uid}`],
    generated: { ...generated, fields },
    startup: { kind: 'earliest-offset' },
    ...(generated.count === null ? {} : { bounded: { kind: 'latest-offset' } }),
    format: GENERATED,
  };
}

const GENERATED: RecordFormat = { kind: 'json', failOnMissingField: false, ignoreParseErrors: false, timestampStandard: 'SQL' };

function eventTimeOf({ name, expression, watermark }: RowTime, moved: (e: Expression) => Expression): EventTimeSpec {
  const time = foldConstants(moved(expression));
  const at = time.op === 'column' ? { column: time.index } : { name, time };
  return { ...at, watermark: foldConstants(moved(watermark)) };
}

/** Which of the columns that are kept come from keys and metadata; nothing where none does, so that records are read for their values alone. */
function besidesValues({ options, keyColumns, metadata }: SourceTable, kept: readonly number[]): Pick<SourceNode, 'key' | 'metadata'> {
  const moved = <T extends { readonly column: number }>(columns: readonly T[]): T[] =>
    columns.flatMap((item) => (kept.includes(item.column) ? [{ ...item, column: kept.indexOf(item.column) }] : []));
  const ofKey = moved(keyColumns);
  const ofMetadata = moved(metadata);
  return {
    ...(options.connector === 'datagen' || options.key === null || ofKey.length === 0 ? {} : { key: { format: options.key.format, columns: ofKey } }),
    ...(ofMetadata.length === 0 ? {} : { metadata: ofMetadata }),
  };
}

/** A job with state, and directories for its savepoints. */
import { MemoryDirectories, type MemoryBlob } from '../../lib/adapters/memory/blob.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { KEY_GROUPS } from '../../lib/core/key.ts';
import { eventTime, fireNumber, generation, jobId, offset, uid, wallTime } from '../../lib/core/numbers.ts';
import type { PaneColumns } from '../../lib/core/window/pane.ts';
import type { AggregateCall, Plan, SinkNode, SourceNode, WindowAggregateNode } from '../../lib/core/plan.ts';
import { BIGINT, STRING, TIMESTAMP3, type Column, type SqlType } from '../../lib/core/types.ts';
import { MIN_WATERMARK } from '../../lib/core/watermark.ts';
import type { Compression } from '../../lib/ports/runtime.ts';
import type { SavepointContent } from '../../lib/savepoint/model.ts';
import { savepointName } from '../../lib/savepoint/name.ts';
import { openSavepoint, type OpenedSavepoint } from '../../lib/savepoint/open.ts';
import type { SavepointPorts } from '../../lib/savepoint/verify.ts';
import { writeSavepoint } from '../../lib/savepoint/write.ts';

export const FIVE_MINUTES = 300_000;
/** 2026-11-20T10:05:00Z */
export const END = 1795169100000;

export const decimal = (precision: number, scale: number): SqlType => ({ kind: 'DECIMAL', precision, scale });
export const column = (name: string, type: SqlType): Column => ({ name, type, nullable: true });

export const countAll: AggregateCall = { name: 'n', fn: 'COUNT', argument: null, argumentType: null, type: BIGINT };

/** An aggregate of some column of type `argumentType`. */
export const call = (name: string, fn: AggregateCall['fn'], argumentType: SqlType, type: SqlType = argumentType): AggregateCall => ({
  name,
  fn,
  argument: 1,
  argumentType,
  type,
});

export function windowNode(keys: readonly Column[], aggregates: readonly AggregateCall[], name = 'orders-per-country'): WindowAggregateNode {
  const times = ['window_start', 'window_end', 'window_time'].map((t) => column(t, TIMESTAMP3));
  return {
    kind: 'window-aggregate',
    uid: uid(name),
    input: uid('orders'),
    window: { kind: 'tumble', sizeMs: FIVE_MINUTES, offsetMs: 0 },
    timeColumn: 0,
    keys: keys.map((_, i) => i),
    aggregates,
    columns: [...keys, ...aggregates.map((a) => column(a.name, a.type)), ...times],
  };
}

export const sourceNode = (name = 'orders', topics: readonly string[] = ['orders']): SourceNode => ({
  kind: 'source',
  uid: uid(name),
  table: 'default_catalog.default_database.orders',
  connector: 'kafka',
  topics,
  startup: { kind: 'earliest-offset' },
  format: { kind: 'json', failOnMissingField: false, ignoreParseErrors: false, timestampStandard: 'SQL' },
  columns: [],
  eventTime: null,
  idleTimeoutMs: 0,
  options: {},
});

export const sinkNode = (columns: readonly Column[]): SinkNode => ({
  kind: 'sink',
  uid: uid('out'),
  input: uid('orders-per-country'),
  table: 'default_catalog.default_database.out',
  connector: 'filesystem',
  columns,
  options: {},
});

export const planOf = (nodes: Plan['nodes']): Plan => ({ formatVersion: 1, name: 'orders', sql: 'INSERT INTO out SELECT …', nodes, options: {} });

/** The content of a job with one operator. */
export function contentOf(node: WindowAggregateNode, panes: readonly PaneColumns[], sink = sinkNode([])): SavepointContent {
  return {
    job: jobId('3addd4'.padEnd(32, '0')),
    name: 'orders',
    lineage: [jobId('1'.repeat(32))],
    generation: generation(3),
    triggerId: 'f'.repeat(32),
    createdAt: wallTime(END + 1234),
    drained: false,
    position: {
      f: fireNumber(812),
      watermarks: [MIN_WATERMARK],
      operatorWatermarks: { [node.uid]: eventTime(END - FIVE_MINUTES) },
      procTime: wallTime(END + 1000),
      late: { [node.uid]: 17 },
      lastEmitted: { out: fireNumber(811) },
    },
    plan: planOf([sourceNode(), node, sink]),
    planHash: 'sha256:0',
    sources: [
      {
        uid: uid('orders'),
        index: 0,
        topic: 'orders',
        topicId: 'T1',
        partitions: [
          { partition: 0, next: offset(123456), watermark: eventTime(END - 1), idle: false, dataAt: wallTime(END) },
          { partition: 1, next: offset(0), watermark: MIN_WATERMARK, idle: true, dataAt: wallTime(END) },
        ],
      },
    ],
    sinks: [{ uid: sink.uid, type: sink.connector, position: { g: generation(3), f: fireNumber(811) }, pending: false }],
    operators: [{ uid: node.uid, node, panes }],
    functions: [],
    keyGroups: KEY_GROUPS,
  };
}

export const ordersNode = windowNode([column('country', STRING)], [countAll, call('cnt', 'COUNT', BIGINT, BIGINT), call('sum', 'SUM', decimal(10, 2), decimal(38, 2))]);

/** Two windows of orders, in no order. */
export const ordersContent: SavepointContent = contentOf(ordersNode, [
  { end: END + FIVE_MINUTES, keys: ['DE'], rows: [1], accumulators: [[0], [null]] },
  { end: END, keys: ['FR', 'DE', null], rows: [1, 3, 2], accumulators: [[1, 3, 2], ['-0.10', '12.50', '99999999999999999999.99']] },
]);

/** Directories in memory, one of them the target of savepoints. */
export class Disk {
  readonly #directories = new MemoryDirectories(nodeRuntime);
  /** What a user names as savepoint directory. */
  readonly target: MemoryBlob = this.#directories.open('target');

  write(content: SavepointContent, compression: Compression = 'none'): ReturnType<typeof writeSavepoint> {
    return writeSavepoint({ blob: this.target, codec: nodeCodec }, nameOf(content), content, { compression });
  }

  /** The savepoint's own directory, as a copy: what happens to it leaves the original alone. */
  async copyOf(content: SavepointContent): Promise<SavepointPorts & { readonly blob: MemoryBlob }> {
    const blob = new MemoryDirectories(nodeRuntime).open('copy');
    for (const [name, bytes] of await this.files(content)) await blob.put(name, bytes);
    return { blob, codec: nodeCodec };
  }

  /** The files of a savepoint by name. */
  async files(content: SavepointContent): Promise<Map<string, Uint8Array>> {
    const prefix = `${nameOf(content)}/`;
    const files = new Map<string, Uint8Array>();
    for (const { key } of await this.target.list(prefix, { after: '', limit: 1000 })) {
      files.set(key.slice(prefix.length), (await this.target.get(key)) ?? new Uint8Array());
    }
    return files;
  }
}

export const nameOf = (content: SavepointContent): string => savepointName(nodeCodec, content.job, content.triggerId);

/** Writes a savepoint and opens it in another place. */
export async function throughFiles(content: SavepointContent, compression: Compression = 'none'): Promise<OpenedSavepoint> {
  const disk = new Disk();
  await disk.write(content, compression);
  return openSavepoint(await disk.copyOf(content), 'elsewhere');
}

/** The lines of all data files, in the order of their names. */
export async function linesOf(content: SavepointContent): Promise<string[]> {
  const disk = new Disk();
  await disk.write(content);
  const data = [...(await disk.files(content))].filter(([name]) => name !== '_metadata');
  return data.flatMap(([, bytes]) => new TextDecoder().decode(bytes).trimEnd().split('\n'));
}

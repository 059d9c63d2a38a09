/**
 * Windows with the results that Apache Flink gives: rows, watermarks and results of its own tests and documentation (release 2.2.1,
 * WindowAggregateITCase, GroupWindowITCase, the restore tests and the operator tests), reduced to one key, one time and one number.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { uid } from '../../lib/core/numbers.ts';
import type { Plan, WindowSpec } from '../../lib/core/plan.ts';
import type { Stack } from '../engine/stack.ts';
import { BIGINT, STRING, TIMESTAMP3, type Column } from '../../lib/core/types.ts';

/** Epoch ms; the value may be NULL. */
export type CaseRow = readonly [key: string | null, time: number, value: number | null];
/** A null count: the query does not ask for it. */
export type CaseResult = readonly [key: string | null, start: number, end: number, count: number | null, sum: number | null];

export interface WindowCase {
  readonly name: string;
  readonly window: WindowSpec;
  readonly latenessMs?: number;
  readonly earlyFire?: true;
  /** Watermark behind every row: highest time minus this. */
  readonly delayMs?: number;
  /** No watermark before the end of the input. */
  readonly watermarkAtEndOnly?: boolean;
  readonly rows?: readonly CaseRow[];
  /** Stop with a savepoint and restore behind this row. */
  readonly restoreAfter?: number;
  readonly expected?: readonly CaseResult[];
  /** In the place of rows: an operator driven by hand. */
  readonly steps?: readonly CaseStep[];
}

export type CaseStep =
  | { readonly row: CaseRow }
  | { readonly watermark: number; readonly emits: readonly CaseResult[] }
  | { readonly restore: true }
  | { readonly late: number };

export const CASES: readonly WindowCase[] = JSON.parse(readFileSync(join(import.meta.dirname, 'operator-cases.json'), 'utf8'));

const column = (name: string, type: Column['type']): Column => ({ name, type, nullable: true });
const OUTPUT = [column('k', STRING), column('cnt', BIGINT), column('total', BIGINT), column('window_start', TIMESTAMP3), column('window_end', TIMESTAMP3), column('window_time', TIMESTAMP3)];
const SINK = OUTPUT.slice(0, 5);
export const OPERATOR = uid('windows');

/** SELECT k, COUNT(*), SUM(v), window_start, window_end FROM events GROUP BY k and the window. */
export function planOf(windowCase: Pick<WindowCase, 'window' | 'delayMs' | 'latenessMs' | 'earlyFire'>, emitStrategy: 'on-periodic' | 'on-event' = 'on-event'): Plan {
  const delay = { op: 'literal', value: windowCase.delayMs ?? 0, type: { kind: 'INTERVAL_DAY' } } as const;
  return {
    formatVersion: 1,
    name: 'windows',
    sql: '',
    options: {},
    nodes: [
      {
        kind: 'source',
        uid: uid('events'),
        table: 'c.d.events',
        connector: 'kafka',
        topics: ['events'],
        startup: { kind: 'earliest-offset' },
        format: { kind: 'json', failOnMissingField: false, ignoreParseErrors: false, timestampStandard: 'ISO-8601' },
        columns: [column('k', STRING), column('t', TIMESTAMP3), column('v', BIGINT)],
        eventTime: { column: 1, watermark: { op: 'call', fn: '-', args: [{ op: 'column', index: 1, type: TIMESTAMP3 }, delay], type: TIMESTAMP3 } },
        idleTimeoutMs: 0,
        emitStrategy,
        options: {},
      },
      {
        kind: 'window-aggregate',
        uid: OPERATOR,
        input: uid('events'),
        window: windowCase.window,
        ...(windowCase.latenessMs === undefined ? {} : { allowedLatenessMs: windowCase.latenessMs }),
        ...(windowCase.earlyFire && { earlyFire: windowCase.earlyFire }),
        timeColumn: 1,
        keys: [0],
        aggregates: [
          { name: 'cnt', fn: 'COUNT', argument: null, argumentType: null, type: BIGINT },
          { name: 'total', fn: 'SUM', argument: 2, argumentType: BIGINT, type: BIGINT },
        ],
        columns: OUTPUT,
      },
      {
        kind: 'calc',
        uid: uid('select'),
        input: OPERATOR,
        where: null,
        project: SINK.map(({ type }, index) => ({ op: 'column', index, type })),
        columns: SINK,
      },
      { kind: 'sink', uid: uid('out'), input: uid('select'), table: 'c.d.out', connector: 'filesystem', columns: SINK, options: { path: '/out' } },
    ],
  };
}

/** A record of the plan's source. */
export const recordOf = ([k, time, v]: CaseRow): string => JSON.stringify({ k, t: new Date(time).toISOString().slice(0, -1), v });

/** Settings of a job that checkpoints with every FIRE. */
export const CHECKPOINTED = { checkpointIntervalMs: 0 };

/** Rows of the plan's sink as results. */
export function resultsOf(stack: Stack): CaseResult[] {
  const numberOf = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value));
  return stack.stores.sinks.rows('c.d.out').map(([key, count, sum, start, end]) => [key === null ? null : String(key), Number(start), Number(end), numberOf(count), numberOf(sum)]);
}

/** `key start end count sum`, comparable; without the count where the case has none. */
export function textOf([key, start, end, count, sum]: CaseResult, withCount: boolean): string {
  return `${key} [${start}, ${end}) ${withCount ? `${count} ` : ''}${sum}`;
}

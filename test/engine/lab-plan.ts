/** The lab's query as a plan, and records for it: what engine tests and the simulation run. */
import { uid } from '../../lib/core/numbers.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { BIGINT, STRING, TIMESTAMP3, type Column } from '../../lib/core/types.ts';

const column = (name: string, type: Column['type']): Column => ({ name, type, nullable: true });
const WATERMARK_DELAY_MS = 5000;
export const WINDOW_MS = 60_000;

export function labPlan(options: { topic?: string; path?: string; idleTimeoutMs?: number; planOptions?: Record<string, string> } = {}): Plan {
  const topic = options.topic ?? 'events';
  return {
    formatVersion: 1,
    name: 'lab',
    sql: '',
    options: options.planOptions ?? {},
    nodes: [
      {
        kind: 'source',
        uid: uid('events'),
        table: 'default_catalog.default_database.events',
        connector: 'kafka',
        topics: [topic],
        startup: { kind: 'earliest-offset' },
        format: { kind: 'json', failOnMissingField: false, ignoreParseErrors: false, timestampStandard: 'ISO-8601' },
        columns: [column('event_type', STRING), column('event_time', TIMESTAMP3)],
        eventTime: {
          column: 1,
          watermark: {
            op: 'call',
            fn: '-',
            args: [
              { op: 'column', index: 1, type: TIMESTAMP3 },
              { op: 'literal', value: WATERMARK_DELAY_MS, type: { kind: 'INTERVAL_DAY' } },
            ],
            type: TIMESTAMP3,
          },
        },
        idleTimeoutMs: options.idleTimeoutMs ?? 0,
        options: {},
      },
      {
        kind: 'window-aggregate',
        uid: uid('tumble-event_type'),
        input: uid('events'),
        window: { kind: 'tumble', sizeMs: WINDOW_MS, offsetMs: 0 },
        timeColumn: 1,
        keys: [0],
        aggregates: [{ name: 'event_count', fn: 'COUNT', argument: null, argumentType: null, type: BIGINT }],
        columns: [column('event_type', STRING), column('event_count', BIGINT), column('window_start', TIMESTAMP3), column('window_end', TIMESTAMP3), column('window_time', TIMESTAMP3)],
      },
      {
        kind: 'calc',
        uid: uid('select'),
        input: uid('tumble-event_type'),
        where: null,
        project: [
          { op: 'column', index: 2, type: TIMESTAMP3 },
          { op: 'column', index: 3, type: TIMESTAMP3 },
          { op: 'column', index: 0, type: STRING },
          { op: 'column', index: 1, type: BIGINT },
        ],
        columns: [column('window_start', TIMESTAMP3), column('window_end', TIMESTAMP3), column('event_type', STRING), column('event_count', BIGINT)],
      },
      {
        kind: 'sink',
        uid: uid('out'),
        input: uid('select'),
        table: 'c.d.out',
        connector: 'filesystem',
        columns: [column('window_start', TIMESTAMP3), column('window_end', TIMESTAMP3), column('event_type', STRING), column('event_count', BIGINT)],
        options: { path: options.path ?? '/out' },
      },
    ],
  };
}

/** A record of the lab's shape; `time` in seconds since 2025-12-30T10:00:00. */
export function labRecord(type: string, time: number): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const at = `2025-12-30T${two(10 + Math.floor(time / 3600))}:${two(Math.floor(time / 60) % 60)}:${two(time % 60)}`;
  return JSON.stringify({ event_id: 'x', user_id: 'u', event_type: type, event_time: at });
}

/** Epoch ms of `labRecord`'s second 0. */
export const LAB_START_MS = Date.UTC(2025, 11, 30, 10, 0, 0);

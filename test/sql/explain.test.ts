import { describe, expect, it } from 'vitest';
import { explainPlan } from '../../lib/sql/explain.ts';
import { planOf, TUMBLE } from './plan-support.ts';

describe('EXPLAIN', () => {
  it('shows the nodes with uids, the window and the state', () => {
    const sql = `SELECT window_start, kind, SUM(amount) AS s FROM ${TUMBLE} WHERE n > 0 GROUP BY window_start, window_end, kind`;
    const plan = planOf(sql, { sink: ['a TIMESTAMP(3)', 'b STRING', 'c DECIMAL(38, 2)'], options: { 'table.exec.source.idle-timeout': '1 min' } });
    expect(explainPlan(plan).replace(/-[0-9a-f]{12}/g, '-<hash>')).toBe(
      `Job: insert-into_default_catalog.default_database.target
Sink default_catalog.default_database.target (filesystem)  [uid sink-target]
   columns a TIMESTAMP(3), b STRING, c DECIMAL(38, 2)
   +- Calc  [uid calc-sink-target]
         select window_start AS a, kind AS b, SUM(amount) AS c
      +- WindowAggregate TUMBLE(ts, 1 min)  [uid tumble-kind-<hash>]
            keys kind
            aggregates SUM(amount) DECIMAL(38, 2)
            state: one row per open window and key, until the watermark passes the end of the window
         +- Calc  [uid calc-tumble-kind-<hash>]
               select kind AS kind, ts AS ts, amount AS amount
               where (n > 0)
            +- Source default_catalog.default_database.events (kafka)  [uid source-events]
                  topics events from earliest-offset
                  columns kind STRING, amount DECIMAL(10, 2), n INT, ts TIMESTAMP(3)
                  watermark for ts as (ts - INTERVAL '+0 00:00:05.000')
                  idle after 1 min
                  state: offsets and watermark of every partition`,
    );
  });

  it('writes expressions so that SQL users can read them', () => {
    const sql = "SELECT CASE WHEN kind IS NULL THEN 'it''s' ELSE kind END, TRY_CAST(id AS INT), ts FROM events WHERE ts >= TIMESTAMP '2025-01-01 00:00:00'";
    const text = explainPlan(planOf(sql, { sink: ['a STRING', 'b INT', 'c TIMESTAMP(3)'] }));
    expect(text).toContain("CASE((kind IS NULL), 'it''s', kind)");
    expect(text).toContain('TRY_CAST(id AS INT) AS b');
    expect(text).toContain("(ts >= TIMESTAMP '2025-01-01 00:00:00.000')");
  });
});

it('a source says when its watermarks move, and which computed column is its row time', () => {
  const tables = { said: { columns: ['ms BIGINT', 'ts AS TO_TIMESTAMP_LTZ(ms, 3)'], watermark: "ts AS ts - INTERVAL '1' SECOND", options: { connector: 'kafka', topic: 't', 'properties.bootstrap.servers': 'k:1', format: 'csv', 'scan.watermark.emit.strategy': 'on-event' } } };
  const text = explainPlan(planOf('SELECT ms FROM said', { sink: ['ms BIGINT'], tables }));
  expect(text).toContain('watermark for ts as (TO_TIMESTAMP_LTZ(ms, 3)');
  expect(text).toContain('watermarks move with every record');
});

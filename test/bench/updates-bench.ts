/**
 * What one FIRE costs of results that change with every row, of one key: ms and MB as the rows grow. Run with --expose-gc. COUNT(DISTINCT) is to be
 * linear; what LISTAGG, COLLECT and ARRAY_AGG give for every row is as long as what came before, so that only what they keep can be.
 */
import { emptyStates } from '../../lib/engine/firer/replica.ts';
import { Step } from '../../lib/engine/firer/evaluate.ts';
import { policiesOf } from '../../lib/engine/policies.ts';
import { compileDataflow, type Dataflow } from '../../lib/core/dataflow.ts';
import { jobId, wallTime } from '../../lib/core/numbers.ts';
import { MIN_WATERMARK } from '../../lib/core/watermark.ts';
import { openFold } from '../../lib/core/window/fold.ts';
import { planJob } from '../../lib/sql/plan-script.ts';

const BATCH = 1000;
const EVENTS = "CREATE TABLE events (k STRING, v STRING) WITH ('connector' = 'kafka', 'topic' = 'events', 'properties.bootstrap.servers' = 'b:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json')";
const SINKS = {
  'every change': (type: string) => `CREATE TABLE results (k STRING NOT NULL, n ${type}) WITH ('connector' = 'print')`,
  'newest of a key': (type: string) =>
    `CREATE TABLE results (k STRING NOT NULL, n ${type}, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'out', 'properties.bootstrap.servers' = 'b:1', 'key.format' = 'json', 'value.format' = 'json')`,
};
const CALLS = [['COUNT(DISTINCT v)', 'BIGINT'], ['LISTAGG(v)', 'STRING'], ['COLLECT(v)', 'MULTISET<STRING>'], ['ARRAY_AGG(v)', 'ARRAY<STRING>']] as const;

const flowOf = (call: string, sink: string): Dataflow =>
  compileDataflow(planJob([EVENTS, sink, `INSERT INTO results SELECT COALESCE(k, ''), ${call} FROM events GROUP BY COALESCE(k, '')`].map((text, i) => ({ name: `${i}`, text })), { warehouse: '/w', resolvePath: (path) => path }, { collects: true }).plan);

/** ms, MB kept at the end of the FIRE, and rows. */
function fire(flow: Dataflow, rows: number): readonly [ms: number, mb: number, rows: number] {
  const [operator] = flow.operators;
  if (operator === undefined) throw new Error('the plan has an operator');
  const sections = Array.from({ length: rows / BATCH }, (_, batch) => {
    const fold = openFold(operator);
    for (let i = 0; i < BATCH; i++) fold.add(['a', `v${batch * BATCH + i}`]);
    return fold.columns();
  });
  const progress = { watermarks: [MIN_WATERMARK], operatorWatermarks: {}, procTime: wallTime(0) };
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const from = performance.now();
  const step = new Step({ id: jobId('0'.repeat(32)), dataflow: flow, policies: policiesOf(flow.plan) }, emptyStates(flow), progress, wallTime(0));
  for (const section of sections) step.take({ watermark: MIN_WATERMARK, late: {}, sections: { [operator.uid]: section }, rows: {} }, wallTime(0));
  step.fire(progress);
  const ms = performance.now() - from;
  globalThis.gc?.();
  return [ms, (process.memoryUsage().heapUsed - before) / 1e6, step.rowCount];
}

const sizes = (process.argv[2] ?? '1000,8000').split(',').map(Number);
for (const [call, type] of CALLS) {
  for (const [name, sink] of Object.entries(SINKS)) {
    const flow = flowOf(call, sink(type));
    for (const rows of sizes) {
      const [ms, mb, emitted] = fire(flow, rows);
      console.log(`  ${call.padEnd(18)} ${name.padEnd(16)} ${String(rows).padStart(6)} rows: ${ms.toFixed(0).padStart(6)} ms, ${mb.toFixed(1).padStart(7)} MB, ${emitted} rows out`);
    }
  }
}

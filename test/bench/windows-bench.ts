/**
 * What kinds of windows and aggregates cost: the writer per record, the entry in bytes, and the firer per row, in steady state, with one FIRE
 * per minute of event time. Compare ratios.
 */
import { compileDataflow, type Dataflow } from '../../lib/core/dataflow.ts';
import { eventTime, type EventTime } from '../../lib/core/numbers.ts';
import type { AggregateCall, Plan, WindowSpec } from '../../lib/core/plan.ts';
import { BIGINT, STRING, type Row } from '../../lib/core/types.ts';
import { MIN_WATERMARK } from '../../lib/core/watermark.ts';
import { openFold } from '../../lib/core/window/fold.ts';
import { openOperatorStep } from '../../lib/core/window/operator-step.ts';
import type { PaneColumns } from '../../lib/core/window/pane.ts';
import { openWindowState } from '../../lib/core/window/state.ts';
import { foldBatch } from '../../lib/engine/writer/fold-batch.ts';
import { encodeSegments } from '../../lib/engine/writer/segment.ts';
import { batchesOf } from '../../lib/adapters/lambda/kafka-event.ts';
import { labPlan } from '../engine/lab-plan.ts';
import { eventOf } from './lambda-batch.ts';
import { measure, millions } from './measure.ts';

const ROUNDS = 60;
const WARM_UP = 10;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const WINDOWS: Readonly<Record<string, WindowSpec>> = {
  'TUMBLE 1 h': { kind: 'tumble', sizeMs: HOUR, offsetMs: 0 },
  'HOP 1 h / 1 min': { kind: 'hop', sizeMs: HOUR, slideMs: MINUTE, offsetMs: 0 },
  'CUMULATE 1 h / 1 min': { kind: 'cumulate', sizeMs: HOUR, stepMs: MINUTE, offsetMs: 0 },
  'SESSION 30 s': { kind: 'session', gapMs: MINUTE / 2 },
};

const COUNT_ALL: AggregateCall = { name: 'n', fn: 'COUNT', argument: null, argumentType: null, type: BIGINT };
const of = (fn: string, more: Partial<AggregateCall> = {}): AggregateCall => ({ name: `${fn} ${JSON.stringify(more)}`, fn, argument: 0, argumentType: STRING, type: STRING, ...more });

/** Of the one column of the lab that is kept, a text. */
const TEN: readonly AggregateCall[] = [COUNT_ALL, of('COUNT', { type: BIGINT }), of('MIN'), of('MAX'), ...[1, 2, 3, 4, 5, 6].map((i): AggregateCall => ({ ...of(i % 2 === 0 ? 'MIN' : 'MAX'), name: `a${i}` }))];

function planWith(window: WindowSpec, aggregates: readonly AggregateCall[]): Plan {
  const plan = labPlan();
  return { ...plan, nodes: plan.nodes.map((node) => (node.kind === 'window-aggregate' ? { ...node, window, aggregates } : node)) };
}

/** From bytes to entry. */
function writer(flow: Dataflow): () => number {
  const source = flow.sources[0];
  if (source === undefined) throw new Error('the plan has a source');
  const batches = [...batchesOf(eventOf(1000))];
  return () => {
    let bytes = 0;
    for (const { batch } of batches) {
      bytes += encodeSegments(foldBatch(flow, source, { batch, beside: null, from: 0, watermark: MIN_WATERMARK, horizon: Infinity, fired: null, nonce: '8f1d0c5b7a3e2946', onBad: 'end' }).segments).length;
    }
    return bytes;
  };
}

/** ns of CPU time per record, of the median round. They take turns, so that what else the machine does falls on all. */
async function compare(writers: readonly (() => number)[]): Promise<number[]> {
  const rounds: number[][] = writers.map(() => []);
  for (let i = 0; i < WARM_UP + ROUNDS; i++) {
    for (const [w, write] of writers.entries()) rounds[w]?.push((await measure(write)).cpuSeconds);
  }
  return rounds.map((seconds) => ((seconds.slice(WARM_UP).toSorted((x, y) => x - y)[ROUNDS / 2] ?? NaN) * 1e9) / 10_000);
}

/** ns of CPU time per emitted row and merges per emitted row, over three hours with a FIRE per minute and 1000 keys in each. */
async function firer(flow: Dataflow): Promise<readonly [ns: number, merges: number]> {
  const operator = flow.operators[0];
  if (operator === undefined) throw new Error('the plan has an operator');
  let merges = 0;
  const aggregates = operator.aggregates.map((a) => ({ ...a, merge: (x: unknown, y: unknown) => (merges++, a.merge(x, y)) }));
  const state = openWindowState(operator.node, aggregates);
  const sections = Array.from({ length: 180 }, (_, minute) => minuteOf(flow, minute));
  let rows = 0;
  const { cpuSeconds } = await measure(() => {
    let watermark: EventTime = MIN_WATERMARK;
    for (const [minute, section] of sections.entries()) {
      const step = openOperatorStep(operator, state, watermark);
      step.add(section);
      watermark = eventTime((minute + 1) * MINUTE - 1);
      step.fire(watermark, () => void rows++);
      step.commit();
    }
  });
  return [(cpuSeconds * 1e9) / rows, merges / rows / Math.max(1, aggregates.length)];
}

function minuteOf({ operators }: Dataflow, minute: number): PaneColumns[] {
  const operator = operators[0];
  if (operator === undefined) return [];
  const fold = openFold(operator);
  for (let k = 0; k < 1000; k++) {
    const row: Row = [`type-${k}`, minute * MINUTE + k];
    fold.add(row);
  }
  return fold.columns();
}

const contenders = Object.entries(WINDOWS).flatMap(([name, window]) =>
  ([['COUNT(*)', [COUNT_ALL]], ['MAX', [of('MAX')]], ['ten', TEN]] as const).map(([what, aggregates]) => {
    const flow = compileDataflow(planWith(window, aggregates));
    return { name: `  ${name.padEnd(21)} ${what.padEnd(9)}`, flow, write: writer(flow) };
  }),
);

console.log('(e) windows and aggregates (aim: HOP at most 1.3 times the ns and 1.5 times the bytes of TUMBLE, 3 merges per row; ten aggregates less than 3 times one)');
const writing = await compare(contenders.map(({ write }) => write));
for (const [i, { name, flow, write }] of contenders.entries()) {
  const ns = writing[i] ?? NaN;
  const [nsPerRow, merges] = await firer(flow);
  console.log(
    `${name} writer ${ns.toFixed(0).padStart(5)} ns per record (${millions(1e9 / ns)} per CPU s), entry ${String(write()).padStart(6)} bytes; ` +
      `firer ${nsPerRow.toFixed(0).padStart(6)} ns and ${merges.toFixed(2)} merges per row and aggregate`,
  );
}

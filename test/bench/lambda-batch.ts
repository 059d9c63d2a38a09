/** (a) A Lambda event as the handler receives it → decoded, folded, entry built. In memory; the limit is a bare decode of the same bytes. */
import { offset } from '../../lib/core/numbers.ts';
import { compileDataflow } from '../../lib/core/dataflow.ts';
import { MIN_WATERMARK } from '../../lib/core/watermark.ts';
import { foldBatch } from '../../lib/engine/writer/fold-batch.ts';
import { encodeSegments } from '../../lib/engine/writer/segment.ts';
import { batchesOf, type LambdaKafkaEvent } from '../../lib/adapters/lambda/kafka-event.ts';
import { labPlan } from '../engine/lab-plan.ts';
import { bareDecode } from './bare-decode.ts';
import { eventLine } from './events.ts';
import { measure, millions } from './measure.ts';

const RECORDS = 10_000;
/** Ours and the bare decode take turns, so that what else the machine does falls on both. */
const ROUNDS = 200;
const WARM_UP = 20;
const NONCE = '8f1d0c5b7a3e2946';

export async function benchLambdaBatch(): Promise<void> {
  for (const keys of [10, 100_000]) {
    const event = eventOf(keys);
    const flow = compileDataflow(labPlan());
    const source = flow.sources[0];
    if (source === undefined) throw new Error('the plan has a source');
    let bytes = 0;
    const round = (): void => {
      for (const { batch } of batchesOf(event)) {
        bytes = encodeSegments(foldBatch(flow, source, { batch, beside: null, from: 0, watermark: MIN_WATERMARK, horizon: Infinity, fired: null, nonce: NONCE, onBad: 'end' }).segments).length;
      }
    };
    const ours: number[] = [];
    const bare: number[] = [];
    for (let i = 0; i < WARM_UP + ROUNDS; i++) {
      ours.push((await measure(round)).cpuSeconds);
      bare.push((await measure(() => { for (const { batch } of batchesOf(event)) bareDecode(batch); })).cpuSeconds);
    }
    const [own, limit] = [perSecond(ours), perSecond(bare)];
    console.log(`  ${String(keys).padStart(6)} keys: ${millions(own)} per CPU s, entry ${bytes} bytes; bare decode ${millions(limit)}, ${((own / limit) * 100).toFixed(0)} % of it`);
  }
}

/** Records per second, of the median round. */
const perSecond = (seconds: readonly number[]): number => RECORDS / (seconds.slice(WARM_UP).toSorted((a, b) => a - b)[ROUNDS / 2] ?? NaN);

/** 10,000 records in one event. */
export function eventOf(keys: number): LambdaKafkaEvent {
  const records = Array.from({ length: RECORDS }, (_, i) => ({
    topic: 'events',
    partition: 0,
    offset: offset(i),
    value: Buffer.from(eventLine(i, { keys, ratePerS: 10_000 })).toString('base64'),
  }));
  return { records: { 'events-0': records } };
}

/** What very many timers of one key cost: they are registered, and then fire, a thousand in a step. Nothing but function and state runs. */
import { eventTime, uid, wallTime } from '../../lib/core/numbers.ts';
import type { KeyedFunction } from '../../lib/core/process/keyed-function.ts';
import { openProcessState, type ProcessState } from '../../lib/core/process/process-state.ts';
import { ProcessStep } from '../../lib/core/process/process-step.ts';
import { RecordFold } from '../../lib/core/process/record-fold.ts';
import { Raw } from '../../lib/core/types.ts';
import { measure } from './measure.ts';

const STEP = 1000;
const timers = Number(process.argv[2] ?? 100_000);

const fn: KeyedFunction = { states: [], sideOutputs: [], inputs: [(at, context) => context.timers.registerEventTimeTimer(Number(at))], onTimer: ({ time }) => [time] };

/** Returns the rows of the step. */
function step(state: ProcessState, before: number, watermark: number, times: readonly number[]): number {
  let rows = 0;
  const records = new RecordFold();
  for (const time of times) records.add([new Raw('key'), new Raw(time), null, 0]);
  const one = new ProcessStep({ uid: uid('timers'), fn }, state, eventTime(before), wallTime(0));
  one.add(records.columns());
  one.fire(eventTime(watermark), wallTime(0), () => rows++);
  one.commit();
  return rows;
}

const state = openProcessState([]);
const starts = Array.from({ length: timers / STEP }, (_, i) => i * STEP);
const registered = await measure(() => {
  // Neither in order nor against it.
  for (const from of starts) step(state, 0, 0, Array.from({ length: STEP }, (_, i) => 1 + (((from + i) * 7919) % timers)));
});
let rows = 0;
const fired = await measure(() => {
  for (const from of starts) rows += step(state, from, from + STEP, []);
});
const rate = (seconds: number): string => `${seconds.toFixed(2)} s, ${Math.round(timers / seconds)} per CPU s`;
console.log(`  ${rows} timers of one key, ${STEP} in a step: registered in ${rate(registered.cpuSeconds)}; fired in ${rate(fired.cpuSeconds)}`);

/** Functions that run in the writer (protocol 13.3, stateful partition mode), for their tests: two jobs over the records of the lab, and what comes of them. */
import { valueState } from '../../lib/core/process/declare.ts';
import { hasPayload } from '../../lib/engine/log/entries.ts';
import { decodeSegments, type Segment } from '../../lib/engine/writer/segment.ts';
import { functionJob, keyedFunction, type FunctionJob } from './function-plan.ts';
import { LAB_START_MS } from './lab-plan.ts';
import { MINUTE, Stack, type StackOptions } from './stack.ts';

export const rowsOf = (stack: Stack): unknown[] => stack.stores.sinks.rows('c.d.out').map(([text]) => text);

export const inWriter = (fn: Parameters<typeof functionJob>[0], planOptions: Record<string, string> = {}): FunctionJob => functionJob(fn, { prePartitioned: true, planOptions });

export const counting = (): FunctionJob =>
  inWriter(
    keyedFunction({
      state: { count: valueState<number>({ initial: 0 }) },
      *onEvent({ type }, { state }) {
        state.count.update(state.count.value() + 1);
        yield `${type} ${state.count.value()}`;
      },
    }),
  );

/** Tells of a key a minute of event time behind its first record, and ten seconds of processing time behind each. */
export const timing = (onTimer = (text: string): string => text, planOptions: Record<string, string> = {}): FunctionJob =>
  inWriter(
    keyedFunction({
      state: { last: valueState<number>() },
      onEvent({ time }, { state, timers }) {
        if (state.last.value() === null) timers.registerEventTimeTimer(time + MINUTE);
        state.last.update(time);
        timers.registerProcessingTimeTimer(timers.currentProcessingTime() + 10_000);
      },
      *onTimer({ time, domain }, { key, state, timers }) {
        const last = ((state.last.value() ?? 0) - LAB_START_MS) / 1000;
        yield onTimer(domain === 'event' ? `${key} at ${(time - LAB_START_MS) / 1000}, last ${last}` : `${key} after ${timers.currentProcessingTime() - time}, last ${last}`);
      },
    }),
    planOptions,
  );

/** Those of the entries that have some. */
export async function segmentsOf(stack: Stack): Promise<Segment[]> {
  return (await stack.partition()).flatMap((entry) => (hasPayload(entry) && entry.payload.kind === 'inline' ? decodeSegments(entry.payload.bytes) : []));
}

export const started = (job: FunctionJob, options: StackOptions = {}): Promise<Stack> => Stack.start({ ...job, ...options });

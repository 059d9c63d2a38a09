/** What a firer says of its progress (F12). Pure. */
import type { Dataflow } from '../../core/dataflow.ts';
import { eventTime, type EventTime } from '../../core/numbers.ts';
import { fireTimeOf } from '../../core/window/slices.ts';
import { isPromised, type Hint } from '../hint.ts';
import { fullLimits } from './full-limits.ts';
import { watermarkOf } from './progress.ts';
import type { Replica } from './replica.ts';

export function hintOf(dataflow: Dataflow, replica: Replica): Hint {
  const { f, watermarks, operatorWatermarks, procTime } = replica.position;
  const { at, safeUntil } = replica.checkpoint;
  return { f, watermarks, operatorWatermarks, procTime, nextDue: nextDue(dataflow, replica), full: fullLimits(dataflow, replica.states), checkpointAt: at, safeUntil };
}

/** The earliest event time at which a window or timer of the state fires that writers wait for; null if there is none (§10 a). */
function nextDue({ stages }: Dataflow, { position, states }: Replica): EventTime | null {
  const due = stages.filter(isPromised).flatMap((flow) => {
    const end = states.get(flow.uid)?.nextWindowEnd(watermarkOf(flow, position)) ?? null;
    if (end === null) return [];
    return [flow.kind === 'function' ? end : fireTimeOf(flow.node.window, end)];
  });
  return due.length === 0 ? null : eventTime(Math.min(...due));
}

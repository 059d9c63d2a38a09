/** Windows of time (Flink's WindowAssigners). */
import type { TimeWindow } from '../../core/plan.ts';
import { millisecondsOf, type Duration } from '../duration.ts';
import { refuse } from '../refusal.ts';

/** What `window` takes; made by `tumbling`, `sliding`, `cumulating` and `session`. */
export interface WindowAssigner {
  readonly window: TimeWindow;
}

/** One after the other, aligned to the epoch plus `offset`. */
export const tumbling = (size: Duration, offset: Duration = 0): WindowAssigner => ({
  window: { kind: 'tumble', sizeMs: millisecondsOf(size, 'tumbling', 'size'), offsetMs: millisecondsOf(offset, 'tumbling', 'offset', 0) },
});

/** Of `size`, one beginning every `slide`: a value is in several if the slide is shorter. */
export const sliding = (size: Duration, slide: Duration, offset: Duration = 0): WindowAssigner => ({
  window: { kind: 'hop', sizeMs: millisecondsOf(size, 'sliding', 'size'), slideMs: millisecondsOf(slide, 'sliding', 'slide'), offsetMs: millisecondsOf(offset, 'sliding', 'offset', 0) },
});

/** Of one beginning, one ending every `step` until the last has `size`: running totals of a day, every hour. */
export function cumulating(step: Duration, size: Duration): WindowAssigner {
  const [stepMs, sizeMs] = [millisecondsOf(step, 'cumulating', 'step'), millisecondsOf(size, 'cumulating', 'size')];
  if (sizeMs % stepMs !== 0) refuse('cumulating', `the size '${size}' is no multiple of the step '${step}'`, 'Name the step first: cumulating(\'1 h\', \'1 d\').');
  return { window: { kind: 'cumulate', sizeMs, stepMs, offsetMs: 0 } };
}

/** Until nothing comes for `gap`. */
export const session = (gap: Duration): WindowAssigner => ({ window: { kind: 'session', gapMs: millisecondsOf(gap, 'session', 'gap') } });

/** Windows that have state and have not fired, and when each of them does. */
import type { StageFlow } from '../core/dataflow.ts';
import { eventTime, type EventTime } from '../core/numbers.ts';
import { isFunctionState, type StageState } from '../core/stages.ts';
import { SESSIONS } from '../core/window/pane.ts';
import type { SessionState } from '../core/window/session-state.ts';
import type { SliceState } from '../core/window/slice-state.ts';
import { fireTimeOf, nextWindowEnd, windowStartOf } from '../core/window/slices.ts';

export interface OpenWindow {
  /** All sessions of an operator are told of as one: from the first start to the last end. */
  readonly kind: 'window' | 'sessions';
  /** Wall clock where the window has a zone. */
  readonly start: EventTime;
  readonly end: EventTime;
  /** Panes that its result is made of; a key has one in each slice. Of sessions, how many they are. */
  readonly entries: number;
  /** Of which `firesAt` tells. */
  readonly time: 'event' | 'processing';
  /** It fires when the watermark is there, or the clock; of sessions, the first one. */
  readonly firesAt: EventTime;
}

/** In their order; what has no window has none open. `fired`: the watermark up to which windows have fired. */
export function openWindows(flow: StageFlow, state: StageState, fired: EventTime): OpenWindow[] {
  if (state.kind === 'groups' || isFunctionState(state) || (flow.kind === 'operator' && flow.node.inOrder === true)) return [];
  const time = flow.kind === 'operator' && flow.node.timeColumn === null ? 'processing' : 'event';
  return (state.kind === 'sessions' ? openSessions(state) : openOfSlices(state, fired)).map((window) => ({ ...window, time }));
}

type Found = Omit<OpenWindow, 'time'>;

function openSessions(state: SessionState): Found[] {
  let [start, end, firesAt] = [Infinity, -Infinity, Infinity];
  for (const [, pane] of state.panesAt(SESSIONS)) {
    if (pane.start === undefined || pane.end === undefined) continue;
    start = Math.min(start, pane.start);
    end = Math.max(end, pane.end);
    firesAt = Math.min(firesAt, fireTimeOf(state.window, eventTime(pane.end)));
  }
  return start === Infinity ? [] : [{ kind: 'sessions', start: eventTime(start), end: eventTime(end), entries: state.paneCount(), firesAt: eventTime(firesAt) }];
}

/** Of each slice the window that it goes into next: a slice lives on for later windows, and for rows that are late. */
function openOfSlices(state: SliceState, fired: EventTime): Found[] {
  const { window } = state;
  const slices = state.sliceEnds();
  const ends = new Set(slices.flatMap((slice) => nextWindowEnd(window, slice, fired) ?? []));
  let [first, behind, entries] = [0, 0, 0];
  const panesIn = (i: number): number => state.panesAt(slices[i] ?? 0).size;
  return [...ends].sort((a, b) => a - b).map((end) => {
    const start = windowStartOf(window, end);
    // Neither start nor end goes back from one window to the next.
    for (; (slices[behind] ?? Infinity) <= end; behind++) entries += panesIn(behind);
    for (; first < behind && (slices[first] ?? Infinity) <= start; first++) entries -= panesIn(first);
    return { kind: 'window', start, end, entries, firesAt: fireTimeOf(window, end) };
  });
}

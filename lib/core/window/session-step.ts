/** A step of SESSION windows (protocol E4, E6, 13.2; Flink's MergingWindowProcessFunction). */
import { sortKeys, type Key } from '../key.ts';
import { eventTime, type EventTime } from '../numbers.ts';
import type { DueWindow, OperatorStep } from './operator-step.ts';
import { forEachSession, mergeInto, type PaneColumns } from './pane.ts';
import { resultOf, type EmitResult, type StepSpec } from './pane-result.ts';
import { timerOf } from './window-zone.ts';
import { inOrder, type Session, type SessionState } from './session-state.ts';

export class SessionStep implements OperatorStep {
  readonly #spec: StepSpec;
  readonly #state: SessionState;
  #watermark: EventTime;
  /** Sessions of the keys that the step has touched. */
  readonly #touched = new Map<Key, readonly Session[]>();

  readonly pending = 0;

  constructor(spec: StepSpec, state: SessionState, watermark: EventTime) {
    this.#spec = spec;
    this.#state = state;
    this.#watermark = watermark;
  }

  add(section: readonly PaneColumns[]): number {
    let dropped = 0;
    for (const columns of section) {
      forEachSession(columns, this.#state.aggregates, (key, session) => {
        if (!this.#merge(key, session)) dropped += session.rows;
      });
    }
    return dropped;
  }

  due(watermark: EventTime): DueWindow[] {
    const rows = new Map<number, number>();
    for (const { session } of this.#dueSessions(watermark)) rows.set(session.end, (rows.get(session.end) ?? 0) + 1);
    return [...rows].map(([end, n]) => ({ end: eventTime(end), rows: n }));
  }

  fire(watermark: EventTime, emit: EmitResult): void {
    const due = this.#dueSessions(watermark);
    for (const { key, session } of due) {
      emit(session, key, resultOf(this.#spec, session), null);
      this.#touched.set(key, this.#sessionsOf(key).filter((other) => other !== session));
    }
    this.#watermark = watermark;
  }

  commit(): void {
    for (const [key, sessions] of this.#touched) this.#state.put(key, sessions);
  }

  #sessionsOf(key: Key): readonly Session[] {
    return this.#touched.get(key) ?? this.#state.sessionsOf(key);
  }

  /** Merges a session with every one of its key that it meets, inclusively; false: what comes of it is late, and nothing happens. */
  #merge(key: Key, session: Session): boolean {
    const meets = (other: Session): boolean => other.start <= session.end && session.start <= other.end;
    const sessions = this.#sessionsOf(key);
    const met = sessions.filter(meets);
    const start = Math.min(session.start, ...met.map((s) => s.start));
    const end = Math.max(session.end, ...met.map((s) => s.end));
    if (timerOf(this.#state.window, end) <= this.#watermark) return false;
    const merged: Session = { start, end, rows: 0, accumulators: this.#state.aggregates.map(({ zero }) => zero) };
    for (const part of [...met, session]) mergeInto(merged, part.rows, part.accumulators, this.#state.aggregates);
    this.#touched.set(key, inOrder([...sessions.filter((s) => !meets(s)), merged]));
    return true;
  }

  /** Sessions that end at or before `watermark`, by end, then key. */
  #dueSessions(watermark: EventTime): { readonly key: Key; readonly session: Session }[] {
    const keys = new Set([...this.#state.dueKeys(watermark), ...this.#touched.keys()]);
    const due = sortKeys([...keys]).flatMap((key) =>
      this.#sessionsOf(key).filter((session) => timerOf(this.#state.window, session.end) <= watermark).map((session) => ({ key, session })),
    );
    return due.sort((a, b) => a.session.end - b.session.end);
  }
}

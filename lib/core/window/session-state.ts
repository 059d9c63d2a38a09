/** Sessions by key: the state of SESSION windows (protocol E4, 13.2). The live sessions of a key never meet. */
import type { Aggregate } from '../aggregates/aggregate.ts';
import { keyGroupOf, type Key } from '../key.ts';
import { eventTime, type EventTime } from '../numbers.ts';
import type { SessionWindow } from '../plan.ts';
import { forEachSession, SESSIONS, type Pane, type PaneColumns, type Span } from './pane.ts';
import type { KeyedState, StatePane } from './state.ts';
import { timerOf } from './window-zone.ts';

export type Session = Pane & Span;

const NO_SESSIONS: readonly Session[] = [];
const CLEAN: ReadonlySet<number> = new Set();

export class SessionState implements KeyedState {
  readonly kind = 'sessions';
  readonly window: SessionWindow;
  readonly aggregates: readonly Aggregate[];
  readonly #keys = new Map<Key, { readonly group: number; readonly sessions: readonly Session[] }>();
  readonly #dirty = new Set<number>();
  /** No live session ends before this: most steps need not look at them all. */
  #earliestEnd = Number.POSITIVE_INFINITY;

  constructor(window: SessionWindow, aggregates: readonly Aggregate[]) {
    this.window = window;
    this.aggregates = aggregates;
  }

  sliceEnds(): number[] {
    return this.#keys.size === 0 ? [] : [SESSIONS];
  }

  *panesAt(sliceEnd: number): Generator<readonly [Key, StatePane]> {
    if (sliceEnd !== SESSIONS) return;
    for (const [key, { group, sessions }] of this.#keys) for (const session of sessions) yield [key, { ...session, group }];
  }

  dirtyAt(sliceEnd: number): ReadonlySet<number> {
    return sliceEnd === SESSIONS ? this.#dirty : CLEAN;
  }

  markClean(): void {
    this.#dirty.clear();
  }

  paneCount(): number {
    let n = 0;
    for (const { sessions } of this.#keys.values()) n += sessions.length;
    return n;
  }

  /** The live sessions of a key, in time order. */
  sessionsOf(key: Key): readonly Session[] {
    return this.#keys.get(key)?.sessions ?? NO_SESSIONS;
  }

  /** Keys with a session that has ended when the watermark is `watermark`. */
  dueKeys(watermark: EventTime): Key[] {
    if (this.#keys.size === 0 || timerOf(this.window, this.#earliestEnd) > watermark) return [];
    const due: Key[] = [];
    let earliest = Number.POSITIVE_INFINITY;
    for (const [key, { sessions }] of this.#keys) {
      const end = sessions[0]?.end ?? Number.POSITIVE_INFINITY;
      if (end < earliest) earliest = end;
      if (timerOf(this.window, end) <= watermark) due.push(key);
    }
    this.#earliestEnd = earliest;
    return due;
  }

  nextWindowEnd(): EventTime | null {
    return this.#keys.size === 0 ? null : eventTime(this.#earliestEnd);
  }

  /** Replaces the sessions of a key. */
  put(key: Key, sessions: readonly Session[]): void {
    const group = this.#keys.get(key)?.group ?? keyGroupOf(key);
    this.#dirty.add(group);
    this.#set(key, group, sessions);
  }

  merge(columns: PaneColumns): void {
    forEachSession(columns, this.aggregates, (key, session) => this.put(key, inOrder([...this.sessionsOf(key), session])));
  }

  restore(columns: PaneColumns): void {
    forEachSession(columns, this.aggregates, (key, session) => this.#set(key, keyGroupOf(key), inOrder([...this.sessionsOf(key), session])));
  }

  #set(key: Key, group: number, sessions: readonly Session[]): void {
    const [first] = sessions;
    if (first === undefined) this.#keys.delete(key);
    else this.#keys.set(key, { group, sessions });
    if (first !== undefined && first.end < this.#earliestEnd) this.#earliestEnd = first.end;
  }
}

/** Live sessions of one key do not meet: the order of their ends is that of their starts. */
export const inOrder = (sessions: Session[]): Session[] => sessions.sort((a, b) => a.start - b.start);

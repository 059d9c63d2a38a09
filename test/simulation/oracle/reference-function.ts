/**
 * The reference of process functions: one call after the other, on a plain map, with none of the engine's code for state, timers and overlays. Written from
 * Flink's rules (InternalTimerServiceImpl, KeyedProcessOperator) and protocol 13.3: records in order, then timers of event time, then those of processing time.
 */
import type { KeyContext, KeyedFunction, Outputs, Timer, TimerService } from '../../../lib/core/process/keyed-function.ts';
import { MIN_WATERMARK } from '../../../lib/core/watermark.ts';
import { isEndKey } from '../traffic.ts';
import { findingText, ReferenceCalls } from './reference-calls.ts';
import type { FailedRow } from './reference-letters.ts';
import { cellJson, hasLeft, NaiveState, type Cell } from './reference-states.ts';
import type { ReferenceOperator, ReferenceRow } from './reference-window.ts';

interface Contents {
  readonly cells: readonly Cell[];
  readonly event: Set<number>;
  readonly processing: Set<number>;
}

export class ReferenceFunction extends ReferenceCalls implements ReferenceOperator {
  readonly #fn: KeyedFunction;
  readonly #firesPassed: boolean;
  #keys = new Map<string, Contents>();
  #watermark: number = MIN_WATERMARK;
  #now = 0;

  /** `firesPassed`: event-time timers that the watermark has passed wait for nothing. */
  constructor(fn: KeyedFunction, count: (what: string) => void, { firesPassed = false }: { readonly firesPassed?: boolean } = {}) {
    super(count);
    this.#fn = fn;
    this.#firesPassed = firesPassed;
  }

  copy(): ReferenceFunction {
    const copy = new ReferenceFunction(this.#fn, this.count, { firesPassed: this.#firesPassed });
    copy.#keys = structuredClone(this.#keys);
    copy.#watermark = this.#watermark;
    copy.failed = this.failed;
    return copy;
  }

  begin(procTime: number): void {
    this.#now = procTime;
  }

  add({ key, amount, time, origin, from = 0 }: ReferenceRow): void {
    const input = this.#fn.inputs[Math.min(from, this.#fn.inputs.length - 1)];
    if (input !== undefined) this.#call({ key, value: { key, amount }, ...(origin && { origin }) }, time, (context) => input({ key, amount }, context));
  }

  fire(watermark: number, procTime: number): string[] {
    if (watermark > this.#watermark || this.#firesPassed) {
      this.#watermark = watermark;
      this.#fireTimers('event', watermark);
    }
    this.#fireTimers('processing', procTime);
    return this.takeMain();
  }

  open(named = (key: string): string => key): string[] {
    return [...this.#keys].map(([key, { cells, event, processing }]) => {
      const timers = [event, processing].map((times) => [...times].sort((a, b) => a - b));
      return `${named(key)} ${JSON.stringify([...this.#fn.states.map((state, i) => cellJson(state, cells[i] ?? { items: [] })), timers])}`;
    }).sort();
  }

  /** Timers of the last records may lie behind all that comes. */
  waiting(): string[] {
    return [...this.#keys].flatMap(([key, { event, processing }]) => [...(isEndKey(key) ? [] : event), ...processing].map((time) => `timer of ${key} at ${time}`));
  }

  cleanUp(now: number): void {
    for (const [key, { cells }] of this.#keys) {
      for (const [i, state] of this.#fn.states.entries()) {
        const cell = cells[i] ?? { items: [] };
        const live = cell.items.filter((item) => !hasLeft(state, item, now));
        if (live.length < cell.items.length) this.count('expired:cleanedUp');
        cell.items = live;
      }
      this.#forgetEmpty(key);
    }
  }

  delay(ms: number): void {
    for (const { cells } of this.#keys.values()) for (const cell of cells) cell.items = cell.items.map((item) => ({ ...item, at: item.at + ms }));
  }

  #fireTimers(domain: 'event' | 'processing', upTo: number): void {
    for (let next = this.#nextTimer(domain, upTo); next !== null; next = this.#nextTimer(domain, upTo)) {
      const { key, time } = next;
      this.count(`timer:${domain}`);
      this.#keys.get(key)?.[domain].delete(time);
      const timer: Timer = { time, domain };
      this.#call({ key }, time, (context) => this.#fn.onTimer?.(timer, context), domain === 'event' ? time : null);
    }
  }

  #nextTimer(domain: 'event' | 'processing', upTo: number): { readonly key: string; readonly time: number } | null {
    const due = [...this.#keys].flatMap(([key, contents]) => [...contents[domain]].map((time) => ({ key, time }))).filter(({ time }) => time <= upTo);
    const [first = null] = due.sort((a, b) => a.time - b.time || (a.key < b.key ? -1 : 1));
    return first;
  }

  /** `row`: what becomes a letter if it fails. */
  #call(row: FailedRow, timestamp: number | null, run: (context: KeyContext) => Outputs<unknown>, outputTime = timestamp): void {
    const { key } = row;
    // A call that fails has changed nothing but this.
    const contents = structuredClone(this.#keys.get(key)) ?? { cells: this.#fn.states.map(() => ({ items: [] })), event: new Set<number>(), processing: new Set<number>() };
    const states = this.#fn.states.map((state, i) => [state.field, new NaiveState(state, contents.cells[i] ?? { items: [] }, this.#now, this.count).handle()]);
    const isTaken = this.takes(row, ({ main, side }) => {
      const context: KeyContext = {
        key,
        state: Object.fromEntries(states),
        timers: this.#timers(contents),
        timestamp,
        output: (_tag, value) => void side.push(findingText(value, timestamp)),
      };
      for (const given of run(context) ?? []) main.push(findingText(given, outputTime));
    });
    if (isTaken) this.#keys.set(key, contents);
    this.#forgetEmpty(key);
  }

  #timers({ event, processing }: Contents): TimerService {
    const remove = (times: Set<number>, time: number): void => {
      if (times.delete(time)) this.count('timer:deleted');
    };
    return {
      currentProcessingTime: () => this.#now,
      currentWatermark: () => (this.#watermark === MIN_WATERMARK ? null : this.#watermark),
      registerEventTimeTimer: (time) => void event.add(time),
      registerProcessingTimeTimer: (time) => void processing.add(time),
      deleteEventTimeTimer: (time) => remove(event, time),
      deleteProcessingTimeTimer: (time) => remove(processing, time),
    };
  }

  #forgetEmpty(key: string): void {
    const contents = this.#keys.get(key);
    if (contents === undefined) return;
    const { cells, event, processing } = contents;
    if (event.size + processing.size === 0 && cells.every(({ items }) => items.length === 0)) this.#keys.delete(key);
  }
}

/** The reference log: one sorted array per key. */
import type { Seq, WallTime } from '../../core/numbers.ts';
import type { AppendResult, Log, LogItem, LogKey, LogPage } from '../../ports/log.ts';
import type { Runtime } from '../../ports/runtime.ts';
import { entryOf, lowerBound } from './collections.ts';

export class MemoryLog implements Log {
  readonly #logs = new Map<LogKey, LogItem[]>();
  readonly #runtime: Pick<Runtime, 'now'> | null;
  #serverTime: WallTime | null = null;

  /** `runtime` is the clock of the store, whatever the clocks of its clients show; null for a store without one. */
  constructor(runtime: Pick<Runtime, 'now'> | null) {
    this.#runtime = runtime;
  }

  get serverTime(): WallTime | null {
    return this.#serverTime;
  }

  async append(log: LogKey, item: LogItem): Promise<AppendResult> {
    this.#answer();
    const items = entryOf(this.#logs, log, () => []);
    const at = indexFrom(items, item.seq);
    const stored = items[at];
    if (stored?.seq === item.seq) return { kind: 'exists', item: copy(stored) };
    items.splice(at, 0, copy(item));
    return { kind: 'appended' };
  }

  async head(log: LogKey): Promise<LogItem | null> {
    this.#answer();
    return copied(this.entries(log).at(-1));
  }

  async get(log: LogKey, seq: Seq): Promise<LogItem | null> {
    this.#answer();
    const items = this.entries(log);
    const item = items[indexFrom(items, seq)];
    return copied(item?.seq === seq ? item : undefined);
  }

  async readAfter(log: LogKey, after: number, limitBytes: number): Promise<LogPage> {
    this.#answer();
    const items = this.entries(log);
    const start = indexFrom(items, after + 1);
    let end = start;
    for (let bytes = 0; end < items.length && (end === start || bytes < limitBytes); end++) bytes += sizeOf(items[end]);
    return { items: items.slice(start, end).map(copy), more: end < items.length };
  }

  /** Keys of all logs in the order of their first append; for checkers. */
  logs(): LogKey[] {
    return [...this.#logs.keys()];
  }

  /** The stored items of a log, ascending; for checkers, not to be changed. */
  entries(log: LogKey): readonly LogItem[] {
    return this.#logs.get(log) ?? [];
  }

  #answer(): void {
    this.#serverTime = this.#runtime?.now() ?? null;
  }

  /** Of all items. */
  get bytes(): number {
    let sum = 0;
    for (const items of this.#logs.values()) for (const item of items) sum += sizeOf(item);
    return sum;
  }

  /** Deletes what `drop` names, in whatever order: TTL of a store (T3), or a sweep. */
  forget(drop: (log: LogKey, item: LogItem) => boolean): void {
    for (const [log, items] of this.#logs) {
      this.#logs.set(
        log,
        items.filter((item) => !drop(log, item)),
      );
    }
  }
}

const indexFrom = (items: readonly LogItem[], seq: number): number => lowerBound(items, seq, (item) => item.seq);
const sizeOf = (item: LogItem | undefined): number => (item?.body.length ?? 0) + (item?.data?.length ?? 0);

/** Neither the caller's buffer nor a reader's may change what is stored (I2). */
const copy = (item: LogItem): LogItem => ({ ...item, data: item.data === null ? null : item.data.slice() });
const copied = (item: LogItem | undefined): LogItem | null => (item === undefined ? null : copy(item));

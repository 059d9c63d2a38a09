/** Logs in SQLite. Items do not expire here; `ttl` is kept for the engine to judge. */
import type { StatementSync } from 'node:sqlite';
import { StoreError } from '../../core/errors.ts';
import { seq, type Seq } from '../../core/numbers.ts';
import type { AppendResult, Log, LogItem, LogKey, LogPage } from '../../ports/log.ts';
import { bytesOrNull, integerOf, textOf, type SqlRow } from './columns.ts';
import type { Store } from './store.ts';

export class EmbeddedLog implements Log {
  /** The file lies on the machine whose clock the process reads. */
  readonly serverTime = null;
  readonly #store: Store;
  readonly #append: StatementSync;
  readonly #head: StatementSync;
  readonly #after: StatementSync;
  readonly #get: StatementSync;

  constructor(store: Store) {
    this.#store = store;
    this.#append = store.prepare('INSERT INTO log (log, seq, id, body, data, ttl) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
    this.#head = store.reader('SELECT * FROM log WHERE log = ? ORDER BY seq DESC LIMIT 1');
    this.#after = store.reader('SELECT * FROM log WHERE log = ? AND seq > ? ORDER BY seq');
    this.#get = store.reader('SELECT * FROM log WHERE log = ? AND seq = ?');
  }

  /** One statement, so the insert that finds no row is the commit. */
  async append(log: LogKey, item: LogItem): Promise<AppendResult> {
    const { changes } = this.#store.attempt(() => this.#append.run(log, item.seq, item.id, item.body, item.data, item.ttl));
    if (changes === 1) return { kind: 'appended' };
    const stored = await this.get(log, item.seq);
    if (stored !== null) return { kind: 'exists', item: stored };
    throw new StoreError('no', { message: `${log} ${item.seq} was swept away during the append` });
  }

  async head(log: LogKey): Promise<LogItem | null> {
    return itemOrNull(log, this.#store.attempt(() => this.#head.get(log)));
  }

  async get(log: LogKey, at: Seq): Promise<LogItem | null> {
    return itemOrNull(log, this.#store.attempt(() => this.#get.get(log, at)));
  }

  async readAfter(log: LogKey, after: number, limitBytes: number): Promise<LogPage> {
    return this.#store.attempt(() => pageOf(log, this.#after.iterate(log, after), limitBytes));
  }
}

/** Items until `limitBytes` are reached; the row behind them is what tells that more remain. */
function pageOf(log: LogKey, rows: Iterable<SqlRow>, limitBytes: number): LogPage {
  const items: LogItem[] = [];
  let bytes = 0;
  for (const row of rows) {
    if (items.length > 0 && bytes >= limitBytes) return { items, more: true };
    const item = itemOf(log, row);
    items.push(item);
    bytes += item.body.length + (item.data?.length ?? 0);
  }
  return { items, more: false };
}

/** The engine knows what is in an entry, and checks it. */
function itemOf(log: LogKey, row: SqlRow): LogItem {
  const key = `entry ${String(row['seq'])} of ${log}`;
  return {
    seq: seq(integerOf(row, 'seq', key)),
    id: textOf(row, 'id', key),
    body: textOf(row, 'body', key),
    data: bytesOrNull(row, 'data', key),
    ttl: integerOf(row, 'ttl', key),
  };
}

const itemOrNull = (log: LogKey, row: SqlRow | undefined): LogItem | null => (row === undefined ? null : itemOf(log, row));

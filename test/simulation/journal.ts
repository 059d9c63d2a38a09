/** Everything that was ever put into a log, also what the store has deleted since: what the oracle judges by. */
import type { LogItem, LogKey } from '../../lib/ports/log.ts';

export interface Put {
  readonly item: LogItem;
  /** World time of the effect. */
  readonly at: number;
}

export class Journal {
  readonly #logs = new Map<LogKey, Put[]>();
  /** Entries put into a sequence number that the store had freed: they exist, but are not part of the log. */
  ghosts = 0;

  /** Notes an append that took effect. The first holder of a place is the entry; whoever comes after the store forgot it is a ghost. */
  append(log: LogKey, item: LogItem, at: number): void {
    let puts = this.#logs.get(log);
    if (puts === undefined) this.#logs.set(log, (puts = []));
    if (item.seq < puts.length) this.ghosts++;
    else puts.push({ item, at });
  }

  logs(): LogKey[] {
    return [...this.#logs.keys()];
  }

  /** The log as it would be if nothing were ever deleted. */
  of(log: LogKey): readonly Put[] {
    return this.#logs.get(log) ?? [];
  }
}

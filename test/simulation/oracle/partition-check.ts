/** One partition log, entry by entry as it grows: I-LOG, I-OFF, E1, W4, W9. */
import type { PartitionId } from '../../../lib/core/numbers.ts';
import type { PartitionEntry } from '../../../lib/engine/log/entries.ts';
import type { TopicRecord } from '../topics.ts';
import { violate } from '../violation.ts';
import { WATERMARK_DELAY_MS } from '../shape.ts';
import type { LoggedEntry } from './reference-job.ts';
import type { LoggedTime } from './reference-within.ts';

export class PartitionCheck {
  readonly entries: PartitionEntry[] = [];
  readonly p: PartitionId;
  /** What entries say that functions have come to, by place. */
  readonly times = new Map<number, LoggedTime>();
  readonly #name: string;
  readonly #records: () => readonly TopicRecord[];
  #read = 0;

  constructor(name: string, p: PartitionId, records: () => readonly TopicRecord[]) {
    this.#name = name;
    this.p = p;
    this.#records = records;
  }

  get head(): PartitionEntry | undefined {
    return this.entries.at(-1);
  }

  /** Entries in `(from, to]` that say a time of functions, as the reference takes them in. */
  timed(from: number, to: number): LoggedEntry[] {
    return this.entries.slice(from + 1, to + 1).flatMap((entry) => {
      const time = this.times.get(entry.seq);
      return time === undefined ? [] : [{ first: entry.kind === 'DATA' ? entry.first : entry.next, next: entry.next, time }];
    });
  }

  /** K3: functions never go back in time; `fired` is where the job is (F5), `wallTime` the latest that any clock can show. */
  takeTime({ seq }: PartitionEntry, time: LoggedTime, { fired, wallTime }: { readonly fired: number; readonly wallTime: number }): void {
    const at = `${this.#name} entry ${seq}`;
    const before = [...this.times.values()].at(-1);
    violate(time.watermark > fired, `I-WM: ${at}: functions are at ${time.watermark}, the job at ${fired}`);
    violate(before !== undefined && (time.watermark < before.watermark || time.procTime < before.procTime), `I-WM: ${at}: functions go back to ${time.watermark} at ${time.procTime} from ${before?.watermark} at ${before?.procTime}`);
    violate(time.procTime > wallTime, `I-WM: ${at}: functions are at ${time.procTime}, no clock is behind ${wallTime}`);
    this.times.set(seq, time);
  }

  take(entry: PartitionEntry, isRegistered: boolean): void {
    const at = `${this.#name} entry ${entry.seq}`;
    const before = this.head;
    violate(entry.seq !== this.entries.length || entry.prev !== (before?.id ?? null), `I-LOG: ${at} does not follow ${before?.seq}`);
    violate((before === undefined) !== (entry.kind === 'INIT'), `I-LOG: ${at} is ${entry.kind}`);
    violate(before?.kind === 'FROZEN', `I-LOG: ${at} lies behind FROZEN (W9)`);
    violate(before !== undefined && entry.ttl < before.ttl, `I-HEAD: ${at} expires before the entry in front of it (T1)`);
    if (before !== undefined) this.#follow(entry, before, isRegistered, at);
    this.entries.push(entry);
  }

  #follow(entry: PartitionEntry, before: PartitionEntry, isRegistered: boolean, at: string): void {
    if (entry.kind !== 'DATA') {
      violate(entry.next !== before.next || entry.watermark !== before.watermark, `I-OFF: ${at} (${entry.kind}) changes where the log stands`);
      return;
    }
    violate(!isRegistered, `I-OFF: ${at} lies in a log that is not registered (W4)`);
    violate(entry.first !== before.next, `I-OFF: ${at} begins at ${entry.first}, not ${before.next}`);
    violate(entry.next <= entry.first, `I-OFF: ${at} contains nothing`);
    const expected = this.#watermark(entry.first, entry.next, before.watermark);
    violate(entry.watermark !== expected, `I-WM: ${at} has watermark ${entry.watermark}, not ${expected} (E1)`);
  }

  /** E1: the highest of the good records up to `next`, filtered or not. */
  #watermark(first: number, next: number, before: number): number {
    const records = this.#records();
    let highest = before;
    for (; (records[this.#read]?.offset ?? Infinity) < next; this.#read++) {
      const record = records[this.#read];
      if (record !== undefined && record.bad === undefined && record.offset >= first) highest = Math.max(highest, record.time - WATERMARK_DELAY_MS);
    }
    return highest;
  }
}

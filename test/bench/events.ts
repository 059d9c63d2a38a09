/** Lab-like events: 113 bytes of JSON each, event time advancing, keys spread evenly. */
import { closeSync, openSync, writeSync } from 'node:fs';

export interface EventShape {
  readonly keys: number;
  /** Records per second of event time. */
  readonly ratePerS: number;
}

const two = (n: number): string => String(n).padStart(2, '0');

export function eventLine(i: number, { keys, ratePerS }: EventShape): string {
  const t = Math.floor(i / ratePerS);
  const time = `2025-12-30T${two(10 + Math.floor(t / 3600))}:${two(Math.floor(t / 60) % 60)}:${two(t % 60)}`;
  // 7919 is prime: every key of a window comes, in no order.
  const type = `type-${String((i * 7919) % keys).padStart(6, '0')}`;
  return `{"event_id":"sp${String(i).padStart(10, '0')}","user_id":"user-${String(i % 1000).padStart(4, '0')}","event_type":"${type}","event_time":"${time}"}`;
}

const CHUNK = 20_000;

/** Writes `count` events to a file, in pieces. */
export function writeEvents(path: string, count: number, shape: EventShape): void {
  const file = openSync(path, 'w');
  for (let from = 0; from < count; from += CHUNK) {
    const lines = Array.from({ length: Math.min(CHUNK, count - from) }, (_, i) => eventLine(from + i, shape));
    writeSync(file, `${lines.join('\n')}\n`);
  }
  closeSync(file);
}

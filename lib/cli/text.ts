/** Facts as text, the same in every command. */
import { timestampText } from '../core/calendar.ts';
import type { EventTime } from '../core/numbers.ts';
import { MAX_WATERMARK, MIN_WATERMARK } from '../core/watermark.ts';
import type { DeadLetters } from '../control/summary.ts';
import type { FireErrorItem } from '../engine/fire-errors.ts';
import type { RecordErrorItem } from '../engine/record-errors.ts';
import type { SinkErrorItem } from '../engine/sink-errors.ts';

const LOCAL_TIME = new Intl.DateTimeFormat('de-DE', { dateStyle: 'medium', timeStyle: 'medium' });

/** Wall-clock time in the zone of the user, as Flink's `list` has it: `21.11.2026 02:39:32`. */
export const timeText = (epochMs: number): string => LOCAL_TIME.format(epochMs).replace(',', '');

/** Event time without a zone: `2025-12-30 10:01:55.000`. */
export function eventTimeText(time: EventTime): string {
  if (time === MIN_WATERMARK) return 'none';
  return time === MAX_WATERMARK ? 'end of input' : timestampText(BigInt(time) * 1_000_000n, 3, ' ');
}

/** `12.3 kB`; powers of 1000. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power] ?? ''}`;
}

/** Bad records: where each one lies, what is wrong with it, and what to do. */
export const recordErrorLines = (errors: readonly RecordErrorItem[], margin: string): string[] =>
  errors.flatMap((e) => [
    `${margin}${e.topic}-${e.partition} at offset ${e.offset}: ${e.code}: ${e.message}${e.excerpt === null ? '' : ` (${e.excerpt})`}`,
    ...(e.hint === null ? [] : [`${margin}  hint: ${e.hint}`]),
  ]);

/** What fails, which FIRE waits for it, since when, and what to do. */
export const fireErrorLines = ({ f, code, message, hint, since }: FireErrorItem): string[] => [
  `${code}: ${message}`,
  `FIRE ${f} cannot be made since ${timeText(since)}; the job tries again`,
  ...(hint === null ? [] : [`hint: ${hint}`]),
];

/** How many, and the last one. */
export const deadLetterLines = (letters: DeadLetters | null, margin: string): string[] =>
  letters === null ? [] : [`${margin}${counted(letters.count, 'dead letter')}, the last one ${timeText(letters.last.at)}:`, ...recordErrorLines([{ ...letters.last, hint: null }], `${margin}  `)];

/** Sinks that take no rows: what is wrong, since when, and what to do. */
export const sinkErrorLines = (errors: readonly SinkErrorItem[], margin: string): string[] =>
  errors.flatMap((e) => [
    `${margin}${e.table} [uid ${e.sink}] since ${timeText(e.since)}: ${e.code}: ${e.message}`,
    ...(e.hint === null ? [] : [`${margin}  hint: ${e.hint}`]),
  ]);

/** `1 row`, `2 rows`. */
export const counted = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** What the emitters emit: the same rows for the same FIRE, whoever emits it. */
import { jobId } from '../../../lib/core/numbers.ts';
import { BIGINT, INT, STRING, type Column, type Row } from '../../../lib/core/types.ts';

export const JOB = jobId('0123456789abcdef0123456789abcdef');

export const COLUMNS: readonly Column[] = [
  { name: 'k', type: STRING, nullable: false },
  { name: 'part', type: INT, nullable: false },
  { name: 'f', type: BIGINT, nullable: false },
];

/** Rows of one FIRE, and keys that later ones replace. */
const ROWS = 60;
const KEYS = 200;
const PARTS = 3;

/** Every FIRE has a stretch of the keys, so that most of them are written by several FIREs. */
export const rowsOf = (f: number): Row[] =>
  Array.from({ length: ROWS }, (_, i) => {
    const n = (f * 37 + i) % KEYS;
    return [`k${n}`, n % PARTS, BigInt(f)];
  });

/** Key → FIRE that wrote it last, of FIREs 1 to `fires`. */
export function lastWriters(fires: number): Record<string, number> {
  const last: Record<string, number> = {};
  for (let f = 1; f <= fires; f++) for (const [k] of rowsOf(f)) last[String(k)] = f;
  return last;
}

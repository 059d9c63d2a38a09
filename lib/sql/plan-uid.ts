/**
 * Uids of nodes, by which state finds its operator again after the statement has changed. They derive from meaning, so that
 * reformatting, another alias or a column more do not change them.
 */
import { fingerprint } from '../core/hash.ts';
import { uid, type Uid } from '../core/numbers.ts';
import type { WindowSpec } from '../core/plan.ts';
import type { Aggregation } from './plan-scope.ts';

const MAX_LENGTH = 64;
const DIGITS = 12;

/** A text as uid; what does not fit the characters or the length is replaced by a fingerprint of the whole. */
export function uidOf(text: string): Uid {
  const plain = text.replace(/[^A-Za-z0-9_-]/g, '_');
  if (plain === text && text.length <= MAX_LENGTH) return uid(text);
  return uid(`${plain.slice(0, MAX_LENGTH - DIGITS - 1)}-${fingerprint(text).slice(0, DIGITS)}`);
}

/** Kind of window, names of the keys, and a fingerprint of window, row time, keys, aggregates and source table. */
export function aggregationUid({ keys, aggregates }: Aggregation, spec: WindowSpec, rowTime: string, table: string): Uid {
  const names = keys.map((key) => key.name);
  const meaning = JSON.stringify([...Object.values(spec), rowTime, names, aggregates.map(({ text }) => text), table]);
  const readable = [spec.kind, ...names].join('-').replace(/[^A-Za-z0-9_-]+/g, '_');
  return uid(`${readable.slice(0, MAX_LENGTH - DIGITS - 1)}-${fingerprint(meaning).slice(0, DIGITS)}`);
}

/** What an emission or a fence does to a table, decided from the table's properties alone. */
import { type Generation, fireNumber, generation, type JobId, type Uid } from '../../core/numbers.ts';
import { SluiceError } from '../../core/errors.ts';
import type { Emission, SinkPosition } from '../../ports/sink.ts';

/** (job, sink uid): two sinks of one job may share a table. */
export interface SinkIdentity {
  readonly job: JobId;
  readonly uid: Uid;
}

/**
 * Where a sink stands: the property `sluice.<job>.<uid>.committed` = `<g>:<f>`, and `sluice.<job>.<uid>.fence` = `<g>` where a newer generation has
 * fenced without an effect yet. Properties survive the expiry of snapshots.
 */
export interface Cursor {
  readonly committed: SinkPosition | null;
  /** Generations below this one have no effect any more (X3). */
  readonly owner: Generation;
}

export const committedKey = ({ job, uid }: SinkIdentity): string => `sluice.${job}.${uid}.committed`;
export const fenceKey = ({ job, uid }: SinkIdentity): string => `sluice.${job}.${uid}.fence`;
export const positionText = ({ g, f }: SinkPosition): string => `${g}:${f}`;

/** Throws SINK_UNAVAILABLE for properties that no Sluice has written: guessing would write rows twice. */
export function cursorOf(properties: Readonly<Record<string, string>>, sink: SinkIdentity): Cursor {
  const committed = properties[committedKey(sink)];
  const fence = properties[fenceKey(sink)];
  const position = committed === undefined ? null : parsePosition(committedKey(sink), committed);
  const fenced = fence === undefined ? 0 : parseGeneration(fenceKey(sink), fence);
  return { committed: position, owner: generation(Math.max(position?.g ?? 0, fenced)) };
}

function parsePosition(key: string, text: string): SinkPosition {
  const [, g, f] = /^(\d{1,15}):(\d{1,15})$/.exec(text) ?? [];
  if (g === undefined || f === undefined) throw unreadable(key, text);
  return { g: generation(Number(g)), f: fireNumber(Number(f)) };
}

function parseGeneration(key: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw unreadable(key, text);
  return Number(text);
}

const unreadable = (key: string, text: string): SluiceError =>
  new SluiceError('SINK_UNAVAILABLE', { message: `the table property '${key}' is '${text}', which Sluice has not written`, hint: 'Set it to what it was: the generation and the number of the FIRE that was committed last, as 0:17.' });

export type Decision =
  | { readonly kind: 'append' }
  /** The table does not know that this generation owns the sink: it must before rows are appended, or older ones might follow them. */
  | { readonly kind: 'unfenced' }
  /** Has taken effect; `isNewest`: nothing has since, so its rows can still be compared (X4). */
  | { readonly kind: 'done'; readonly isNewest: boolean }
  | { readonly kind: 'fenced'; readonly by: Generation }
  | { readonly kind: 'out-of-order'; readonly at: SinkPosition };

/**
 * X1, X2, X3. The first effect of a generation follows the base of its restore, which may lie anywhere. Its fence may be gone with the table that it
 * was set on, if that was made anew or registered again from older metadata.
 */
export function decideCommit({ committed, owner }: Cursor, { g, f, pf }: Omit<Emission, 'rows'>): Decision {
  if (g < owner) return { kind: 'fenced', by: owner };
  if (g > owner) return { kind: 'unfenced' };
  if (committed === null || committed.g < g) return { kind: 'append' };
  if (f <= committed.f) return { kind: 'done', isNewest: f === committed.f };
  return committed.f === pf ? { kind: 'append' } : { kind: 'out-of-order', at: committed };
}

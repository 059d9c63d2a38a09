/**
 * How far a sink has come in its topic (protocol section 7, "Kafka"): the committed offset of a consumer group that nobody is a member of. It
 * moves within the transactions that write the rows, so it says what took effect, and who may go on.
 */
import { SluiceError } from '../../core/errors.ts';
import { fireNumber, generation, type Generation } from '../../core/numbers.ts';
import type { SinkPosition } from '../../ports/sink.ts';

export interface SinkCursor {
  /** The newest generation that has fenced the others or has written. */
  readonly owner: Generation;
  /** The newest position that took effect; null: none, or Kafka has forgotten it. */
  readonly at: SinkPosition | null;
  /** Of the records at that position; '' if it is not known. */
  readonly digest: string;
  /** Epoch ms at which the cursor was written last: Kafka forgets it some days later. */
  readonly writtenAt: number;
}

/** As Kafka keeps it: the offset is `g * 2^40 + f` (0: nothing yet), the rest is its metadata. */
export interface StoredCursor {
  readonly offset: bigint;
  readonly metadata: string;
}

export const NO_CURSOR: SinkCursor = { owner: generation(0), at: null, digest: '', writtenAt: 0 };

const FIRES = 2 ** 40;

export const versionOf = ({ g, f }: SinkPosition): number => g * FIRES + f;

export const storedCursor = ({ owner, at, digest, writtenAt }: SinkCursor): StoredCursor => ({
  offset: BigInt(at === null ? 0 : versionOf(at)),
  metadata: JSON.stringify({ owner, at: at === null ? 0 : versionOf(at), digest, writtenAt }),
});

/** An offset that an administrator has set comes without its metadata: the position counts. */
export function cursorOf(stored: StoredCursor | null): SinkCursor {
  if (stored === null) return NO_CURSOR;
  const version = Number(stored.offset);
  const at = version === 0 ? null : { g: generation(Math.floor(version / FIRES)), f: fireNumber(version % FIRES) };
  const found = /^\{"owner":(\d+),"at":(\d+),"digest":"([0-9a-f]*)","writtenAt":(\d+)\}$/.exec(stored.metadata);
  if (found === null || Number(found[2]) !== version) return { owner: at?.g ?? NO_CURSOR.owner, at, digest: '', writtenAt: 0 };
  return { owner: generation(Number(found[1])), at, digest: found[3] ?? '', writtenAt: Number(found[4]) };
}

export type EmissionDecision = { readonly kind: 'write' | 'done' } | { readonly kind: 'fenced'; readonly by: Generation };

/** X1, X3, X4: what is left to do for the emission (g, f); a cursor that is older than it could be says `write`. Throws REPLAY_DIFFERS. */
export function decideEmission({ owner, at, digest }: SinkCursor, { g, f }: SinkPosition, digestOf: () => string): EmissionDecision {
  if (g < owner) return { kind: 'fenced', by: owner };
  if (at === null || at.g !== g || f > at.f) return { kind: 'write' };
  if (f < at.f || digest === '' || digest === digestOf()) return { kind: 'done' };
  throw new SluiceError('REPLAY_DIFFERS', { message: `emission ${g}:${f} was repeated with other rows (X4)` });
}

/**
 * X2, of the cursor as it is: the predecessor of what is to be written has taken effect. A cursor that Kafka has forgotten says nothing against it:
 * `ACK` is the lower bound. Throws INVARIANT.
 */
export function requireOrder({ at }: SinkCursor, { g, f, pf }: SinkPosition & { readonly pf: number | null }): void {
  if (at === null || at.g !== g || at.f === pf) return;
  throw new SluiceError('INVARIANT', { message: `emission ${g}:${f} follows ${pf}, but the sink is at ${at.g}:${at.f} (X2)` });
}

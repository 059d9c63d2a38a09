/**
 * The hint of a generation (protocol §3, F12): progress that was true when it was written. It may be old or missing; whoever reads it
 * drops less (W8), waits earlier (T5) or triggers once more (§10), and is never wrong.
 */
import type { StageFlow } from '../core/dataflow.ts';
import { isError } from '../core/errors.ts';
import type { EventTime, FireNumber, Uid } from '../core/numbers.ts';
import { decodeWatermark, encodeWatermark } from '../core/watermark.ts';
import type { Ports } from '../ports/ports.ts';
import { hintKey } from './keys.ts';
import type { GenerationRef } from './log/logs.ts';
import { mapValues } from './position.ts';
import type { Progress } from './firer/progress.ts';

export interface Hint extends Progress {
  readonly f: FireNumber;
  /** Earliest event time at which a window or timer of the state fires that `isPromised`; null without one. */
  readonly nextDue: EventTime | null;
  /** Each LIMIT that has handed on all its rows: it takes none any more, as long as the generation lasts. */
  readonly full: readonly Uid[];
  /** When the newest checkpoint was taken, epoch ms; 0 where there is none. */
  readonly checkpointAt: number;
  /** Until then the chunks of the newest checkpoint are there, epoch ms. */
  readonly safeUntil: number;
}

/** Whether `nextDue` tells of the stage's windows or timers. Rows that are put in order end a window with nearly every entry: nobody waits for that one. */
export const isPromised = (flow: StageFlow): boolean => flow.kind === 'function' || (flow.node.timeColumn !== null && flow.node.inOrder !== true);

/** The item's body. */
interface HintJson extends Pick<Hint, 'f' | 'procTime' | 'nextDue' | 'checkpointAt' | 'safeUntil'> {
  readonly G: readonly (number | null)[];
  readonly operatorG: Readonly<Record<string, number | null>>;
  /** Absent in items of older versions. */
  readonly full?: readonly Uid[];
}

/** Replaces whatever is there; the caller has confirmed that the values were true (G2). */
export async function writeHint(ports: Pick<Ports, 'control'>, job: GenerationRef, hint: Hint): Promise<void> {
  const { watermarks, operatorWatermarks, ...rest } = hint;
  const body: HintJson = { ...rest, G: watermarks.map(encodeWatermark), operatorG: mapValues(operatorWatermarks, encodeWatermark) };
  await ports.control.put(hintKey(job.id, job.g), JSON.stringify(body), 'any');
}

/** A damaged hint is a missing one: nothing rests on it, and the next one takes its place. */
export async function readHint(ports: Pick<Ports, 'control'>, job: GenerationRef): Promise<Hint | null> {
  const item = await ports.control.get(hintKey(job.id, job.g)).catch(nullIfDamaged);
  if (item === null) return null;
  const { G, operatorG, full = [], ...rest }: HintJson = JSON.parse(item.body);
  return { ...rest, full, watermarks: G.map(decodeWatermark), operatorWatermarks: mapValues(operatorG, decodeWatermark) };
}

function nullIfDamaged(error: unknown): null {
  if (isError(error, 'STORE_CORRUPT')) return null;
  throw error;
}

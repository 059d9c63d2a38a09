/**
 * Sinks that do not take the rows of a FIRE, or cannot be fenced: an item per sink, which counts while that FIRE waits. Whoever sees the sink recover
 * removes it; one that is left is told to be over by the FIRE that it names.
 */
import { errorText } from '../core/error-text.ts';
import { isError, type SluiceError } from '../core/errors.ts';
import type { FireNumber, Generation, JobId, Uid, WallTime } from '../core/numbers.ts';
import type { SinkNode } from '../core/plan.ts';
import type { Ports } from '../ports/ports.ts';
import type { Job } from './job.ts';
import { sinkErrorKey } from './keys.ts';
import { openCoordinatorLog, type GenerationRef } from './log/logs.ts';
import { newestFireMark, type FireMark } from './log/newest-fire.ts';

export interface SinkErrorItem {
  readonly sink: Uid;
  readonly table: string;
  /** The FIRE whose rows wait, and since when. */
  readonly f: FireNumber;
  readonly since: WallTime;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** When this error was met first. */
  readonly at: WallTime;
}

/** What waits for a sink: the rows of a FIRE, or, at the last one of its base, a generation that must not begin before the sink is fenced. */
export type Waiting = Pick<SinkErrorItem, 'f' | 'since'>;

/** The sink, its table or who may write to it: a matter of its operator, for which rows are kept and resumes wait. A broken invariant is none. */
export const canBeMended = (error: unknown): error is SluiceError => isError(error) && (error.kind === 'retry' || error.kind === 'usage' || error.kind === 'data');

/** The same error of the same FIRE, which other processes meet as well, is kept as it was met first. */
export async function recordSinkError(ports: Pick<Ports, 'control' | 'runtime'>, job: Pick<Job, 'id' | 'g'>, node: SinkNode, { f, since }: Waiting, error: SluiceError): Promise<void> {
  const { code, message, hint } = error;
  const item: SinkErrorItem = { sink: node.uid, table: node.table, f, since, code, message: errorText(message), hint: hint === undefined ? null : errorText(hint), at: ports.runtime.now() };
  const key = sinkErrorKey(job.id, job.g, node.uid);
  const stored = await ports.control.get(key);
  const known: SinkErrorItem | null = stored === null ? null : JSON.parse(stored.body);
  if (known?.f === f && known.message === item.message) return;
  await ports.control.put(key, JSON.stringify(item), 'any');
}

export const forgetSinkError = (ports: Pick<Ports, 'control'>, job: Pick<Job, 'id' | 'g'>, sink: Uid): Promise<void> => ports.control.remove(sinkErrorKey(job.id, job.g, sink));

/** All that are remembered of a generation; those of another FIRE than the one that waits are over. */
export async function sinkErrorsOf(ports: Pick<Ports, 'control'>, job: { readonly id: JobId; readonly g: Generation }): Promise<SinkErrorItem[]> {
  const items = await ports.control.list(`J#${job.id}`, `ERR-SINK#g${job.g}#`, { after: '', limit: 1000 });
  return items.map((item): SinkErrorItem => JSON.parse(item.body));
}

/** Those of `items` whose FIRE waits, by the end of the coordinator log alone. A generation that has not begun waits for its sinks. */
export async function liveSinkErrors(ports: Pick<Ports, 'log' | 'runtime' | 'codec'>, job: GenerationRef, items: readonly SinkErrorItem[]): Promise<readonly SinkErrorItem[]> {
  const mark = await newestFireMark(openCoordinatorLog(ports, job));
  if (mark === null) return items;
  const waiting = waitingAt(mark);
  return items.filter(({ f }) => f === waiting);
}

/** F10: a FIRE with rows waits until its ACK, or, behind an F14 checkpoint, until a later one. */
function waitingAt(mark: FireMark): FireNumber | null {
  switch (mark.kind) {
    case 'FIRE':
      return mark.result.payload === null ? null : mark.position.f;
    case 'CHECKPOINT':
      return mark.pending.length === 0 ? null : mark.position.f;
    case 'ACK':
    case 'INIT':
      return null;
  }
}

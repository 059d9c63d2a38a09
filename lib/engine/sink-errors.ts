/**
 * Sinks that do not take the rows of a FIRE, or cannot be fenced: an item per sink, which counts while that FIRE waits. Whoever sees the sink recover removes the
 * one it has written; another's is told to be over by the FIRE that it names.
 */
import type { SluiceError } from '../core/errors.ts';
import type { FireNumber, JobId, Uid, WallTime } from '../core/numbers.ts';
import type { SinkNode } from '../core/plan.ts';
import type { Ports } from '../ports/ports.ts';
import type { Job } from './job.ts';
import { sinkErrorKey } from './keys.ts';

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

export async function recordSinkError(ports: Pick<Ports, 'control' | 'runtime'>, job: Pick<Job, 'id' | 'g'>, node: SinkNode, { f, since }: Waiting, error: SluiceError): Promise<void> {
  const { code, message, hint = null } = error;
  const item: SinkErrorItem = { sink: node.uid, table: node.table, f, since, code, message, hint, at: ports.runtime.now() };
  await ports.control.put(sinkErrorKey(job.id, job.g, node.uid), JSON.stringify(item), 'any');
}

export const forgetSinkError = (ports: Pick<Ports, 'control'>, job: Job, sink: Uid): Promise<void> => ports.control.remove(sinkErrorKey(job.id, job.g, sink));

/** All that are remembered of a generation; those of another FIRE than the one that waits are over. */
export async function sinkErrorsOf(ports: Pick<Ports, 'control'>, job: { readonly id: JobId; readonly g: number }): Promise<SinkErrorItem[]> {
  const items = await ports.control.list(`J#${job.id}`, `SINK#g${job.g}#`, { after: '', limit: 1000 });
  return items.map((item): SinkErrorItem => JSON.parse(item.body));
}

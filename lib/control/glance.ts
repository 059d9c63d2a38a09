/** CTRL of a job with its neighbours in the store, in one small read: what most jobs have nothing of is not asked for. */
import type { JobId } from '../core/numbers.ts';
import { controlKey, isNews } from '../engine/keys.ts';
import type { JobControl } from '../engine/lifecycle/job-control.ts';
import type { Ports } from '../ports/ports.ts';

export interface Glance {
  readonly control: JobControl;
  /** There may be dead letters, or errors of records, sinks and FIREs. */
  readonly hasNews: boolean;
}

/** Null for a creation that did not come to its end (protocol 11.1). */
export async function glanceAt({ control }: Pick<Ports, 'control'>, job: JobId): Promise<Glance | null> {
  const { pk, sk } = controlKey(job);
  const [first, second] = await control.list(pk, '', { after: '', limit: 2 });
  if (first?.sk !== sk) return null;
  const body: JobControl = JSON.parse(first.body);
  return { control: body, hasNews: second !== undefined && isNews(second) };
}

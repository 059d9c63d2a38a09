/** Which LIMITs a job has behind it. Pure. */
import type { Dataflow } from '../../core/dataflow.ts';
import type { Uid } from '../../core/numbers.ts';
import { GROUPS } from '../../core/window/pane.ts';
import type { States } from './evaluate.ts';

/** uids of the operators whose LIMIT has handed on all its rows by this state. It stays so: what has come is counted, and nothing takes it back. */
export function fullLimits({ operators }: Dataflow, states: States): Uid[] {
  return operators.flatMap(({ uid, node: { limit } }) => {
    const panes = limit === undefined ? [] : [...(states.get(uid)?.panesAt(GROUPS) ?? [])];
    return limit !== undefined && panes.some(([, { rows }]) => rows >= limit.offset + limit.count) ? [uid] : [];
  });
}

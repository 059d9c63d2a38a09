/** Which process function of a saved plan each one of the next plan was (protocol V1): the one of its uid, else of the uid that it says it had. Pure. */
import type { Uid } from '../core/numbers.ts';
import { processesOf, type Plan, type ProcessNode } from '../core/plan.ts';
import type { SavepointContent } from './model.ts';

/** By the uid in `next`; one that is new has none. A function of `saved` is taken over once. */
export function formerFunctions(saved: Plan, next: Plan): ReadonlyMap<Uid, ProcessNode> {
  const [before, after] = [processesOf(saved), processesOf(next)];
  const former = new Map<Uid, ProcessNode>();
  const take = (uid: Uid, name: Uid | undefined): void => {
    const was = before.find((node) => node.uid === name);
    if (was !== undefined && !former.has(uid) && ![...former.values()].includes(was)) former.set(uid, was);
  };
  for (const { uid } of after) take(uid, uid);
  for (const { uid, previous } of after) take(uid, previous);
  return former;
}

/** A base in which functions that have another uid in `next` have that one; what each of them was stays in its `node`. */
export function underNextUids(base: SavepointContent, next: Plan): SavepointContent {
  const names = new Map([...formerFunctions(base.plan, next)].map(([uid, was]) => [was.uid, uid]));
  if ([...names].every(([was, uid]) => was === uid)) return base;
  const renamed = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [[...names].find(([was]) => was === name)?.[1] ?? name, value]));
  const { position, functions } = base;
  return {
    ...base,
    position: { ...position, operatorWatermarks: renamed(position.operatorWatermarks), late: renamed(position.late) },
    functions: functions.map((state) => ({ ...state, uid: names.get(state.uid) ?? state.uid })),
  };
}

/** Can a plan take over a state (protocol 14.5)? State is matched by operator uid and state name; equal schemas restore. Pure. */
import { SluiceError } from '../core/errors.ts';
import { sourcesOf, statefulOf, type Plan } from '../core/plan.ts';
import type { Codec } from '../ports/runtime.ts';
import { PANES, schemaOf } from './schema.ts';

export interface StateName {
  readonly uid: string;
  readonly state: string;
}

export interface Comparison {
  readonly restored: readonly StateName[];
  /** In the savepoint, but no operator of the plan takes it (V3). */
  readonly dropped: readonly StateName[];
  /** In the plan, but not in the savepoint: starts empty; a source starts at its startup mode. */
  readonly empty: readonly StateName[];
  readonly incompatible: readonly (StateName & { readonly reason: string })[];
}

const OFFSETS = 'offsets';

export function compareState(saved: Plan, next: Plan, codec: Codec): Comparison {
  const before = statesOf(saved, codec);
  const after = statesOf(next, codec);
  const both = [...before].filter(([key]) => after.has(key));
  const differs = both.filter(([key, state]) => after.get(key)?.schemaId !== state.schemaId);
  return {
    restored: both.filter(([key, state]) => after.get(key)?.schemaId === state.schemaId).map(([, s]) => s.name),
    dropped: [...before].filter(([key]) => !after.has(key)).map(([, s]) => s.name),
    empty: [...after].filter(([key]) => !before.has(key)).map(([, s]) => s.name),
    incompatible: differs.map(([, s]) => ({ ...s.name, reason: 'its key or value schema has changed' })),
  };
}

function statesOf(plan: Plan, codec: Codec): Map<string, { name: StateName; schemaId: string }> {
  const operators = statefulOf(plan).map((node) => ({ name: { uid: node.uid, state: PANES }, schemaId: schemaOf(node, codec).schemaId }));
  const sources = sourcesOf(plan).map((node) => ({ name: { uid: node.uid, state: OFFSETS }, schemaId: OFFSETS }));
  return new Map([...sources, ...operators].map((s) => [`${s.name.uid}.${s.name.state}`, s]));
}

/** Throws STATE_INCOMPATIBLE with the whole list, before anything starts. */
export function assertCompatible(comparison: Comparison, { allowNonRestored }: { allowNonRestored: boolean }): void {
  const { dropped, empty, incompatible } = comparison;
  // Flink starts new state empty without a word; a changed uid then loses state unseen, so here it has to be allowed as well.
  const isWhole = dropped.length === 0 && empty.length === 0;
  if (incompatible.length === 0 && (isWhole || allowNonRestored)) return;
  throw new SluiceError('STATE_INCOMPATIBLE', {
    message: `the plan cannot take over the state:\n${listOf(comparison).join('\n')}`,
    hint:
      incompatible.length > 0
        ? 'use the old statement, or start a new job without the savepoint'
        : 'pass --allow-non-restored-state (SET execution.state-recovery.ignore-unclaimed-state = true) to go on without it',
    details: { ...comparison },
  });
}

function listOf({ restored, dropped, empty, incompatible }: Comparison): string[] {
  const text = (s: StateName): string => `${s.uid}.${s.state}`;
  return [
    ...restored.map((s) => `  restored      ${text(s)}`),
    ...dropped.map((s) => `  dropped       ${text(s)}`),
    ...empty.map((s) => `  starts empty  ${text(s)}`),
    ...incompatible.map((s) => `  incompatible  ${text(s)}: ${s.reason}`),
  ];
}

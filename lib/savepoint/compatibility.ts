/** Can a plan take over a state (protocol 14.5)? State is matched by uid and state name; equal schemas restore. Pure. */
import { SluiceError } from '../core/errors.ts';
import { sourcesOf, statefulOf, type Plan } from '../core/plan.ts';
import type { Codec } from '../ports/runtime.ts';
import { canonicalJson } from './canonical-json.ts';
import { PANES, schemaId, schemaOf, type StateSchema } from './schema.ts';

export interface StateName {
  /** Of an operator or a source. */
  readonly uid: string;
  /** `acc`, or for a source `offsets of <topic>`. */
  readonly state: string;
}

export interface Comparison {
  readonly restored: readonly StateName[];
  /** In the savepoint, but nothing in the plan takes it (V3). */
  readonly dropped: readonly StateName[];
  /** In the plan, but not in the savepoint: starts empty; a source starts at its startup mode. */
  readonly empty: readonly StateName[];
  /** In both, but of another schema (V4). */
  readonly incompatible: readonly (StateName & { readonly reason: string })[];
}

/** What becomes of every state of `saved` in `next` (V1); resumes, and whoever compares plans, ask this (V2). */
export function compareState(saved: Plan, next: Plan, codec: Codec): Comparison {
  const before = statesOf(saved);
  const after = statesOf(next);
  const pairs = [...before].flatMap(([id, was]) => {
    const is = after.get(id);
    return is === undefined ? [] : [{ was, is }];
  });
  const fits = ({ was, is }: { was: State; is: State }): boolean => idOf(was, codec) === idOf(is, codec);
  return {
    restored: pairs.filter(fits).map(({ was }) => was.name),
    dropped: [...before].filter(([id]) => !after.has(id)).map(([, state]) => state.name),
    empty: [...after].filter(([id]) => !before.has(id)).map(([, state]) => state.name),
    incompatible: pairs.filter((pair) => !fits(pair)).map(({ was, is }) => ({ ...was.name, reason: reasonOf(was, is) })),
  };
}

interface State {
  readonly name: StateName;
  /** null for offsets, which fit any source of the same uid. */
  readonly schema: StateSchema | null;
}

const idOf = ({ schema }: State, codec: Codec): string | null => schema && schemaId(schema, codec);

function statesOf(plan: Plan): Map<string, State> {
  const offsets = sourcesOf(plan).flatMap((node) => node.topics.map((topic): State => ({ name: { uid: node.uid, state: `offsets of ${topic}` }, schema: null })));
  const panes = statefulOf(plan).map((node): State => ({ name: { uid: node.uid, state: PANES }, schema: schemaOf(node) }));
  return new Map([...offsets, ...panes].map((state) => [nameText(state.name), state]));
}

const nameText = ({ uid, state }: StateName): string => `${uid}.${state}`;

function reasonOf(was: State, is: State): string {
  const parts = (['key', 'value', 'window'] as const).map((part) => {
    const [before, after] = [partText(was, part), partText(is, part)];
    return before === after ? [] : [`its ${part} was ${before}, and would be ${after}`];
  });
  return parts.flat().join('; ');
}

function partText({ schema }: State, part: keyof StateSchema): string {
  if (schema === null) return 'none';
  if (part === 'window') return canonicalJson(schema.window) + (schema.time === undefined ? '' : ' of processing time');
  const fields = part === 'key' ? schema.key : schema.value.map((f) => ({ name: f.name, type: `${f.aggregate ?? ''} ${f.type}`.trim() }));
  return `(${fields.map(({ name, type }) => `${name} ${type}`).join(', ')})`;
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

const listOf = ({ restored, dropped, empty, incompatible }: Comparison): string[] => [
  ...restored.map((name) => `  restored      ${nameText(name)}`),
  ...dropped.map((name) => `  dropped       ${nameText(name)}`),
  ...empty.map((name) => `  starts empty  ${nameText(name)}${name.state === PANES ? '' : ': at the startup mode of the source'}`),
  ...incompatible.map((name) => `  incompatible  ${nameText(name)}: ${name.reason}`),
];

/** Can the functions of a plan take over what those of another kept (protocol V4)? State by state, by uid and name; timers go with their function. Pure. */
import { inputsOf, processesOf, type Plan, type PlanNode, type ProcessNode, type StateSpec } from '../core/plan.ts';
import type { Code } from '../core/process/code.ts';
import type { NamedState } from '../core/process/descriptor.ts';
import { canMigrate } from '../core/process/migrate.ts';
import type { Comparison, StateName } from './compatibility.ts';
import { formerFunctions } from './former-functions.ts';
import { timersName } from './function-state.ts';

/** What a program says of the states that it declares. */
export interface DeclaredStates {
  /** What keeps it from making values of its own version of those of `from`, which is smaller; null where nothing does. */
  readonly obstacle: (uid: string, state: string, from: number) => string | null;
  /** It checks values as they are restored: what a schema takes is known only then. */
  readonly checks: (uid: string, state: string) => boolean;
}

/** As the functions say that are loaded. */
export function statesDeclaredIn({ functions }: Code): DeclaredStates {
  const declared = (uid: string, state: string): NamedState | undefined => functions.get(uid)?.states.find(({ name }) => name === state);
  return {
    obstacle: (uid, state, from) => {
      const descriptor = declared(uid, state);
      return descriptor === undefined ? 'the program that is loaded does not declare it' : canMigrate(descriptor, from);
    },
    checks: (uid, state) => declared(uid, state)?.check !== undefined,
  };
}

/** Where there is no program at hand, every migration is taken to be there. */
const UNKNOWN: DeclaredStates = { obstacle: () => null, checks: () => false };

type Fates = Pick<Comparison, 'restored' | 'evolved' | 'dropped' | 'empty' | 'incompatible'>;

export function compareFunctions(saved: Plan, next: Plan, declared: DeclaredStates = UNKNOWN): Fates {
  const former = formerFunctions(saved, next);
  const kept = [...former.values()];
  const gone = processesOf(saved).filter((node) => !kept.includes(node));
  const fates = processesOf(next).map((node) => {
    const was = former.get(node.uid);
    if (was === undefined) return { ...NONE, empty: beginning(node, gone) };
    return fatesOf({ node: was, owner: ownerOf(saved, was) }, { node, owner: ownerOf(next, node) }, declared);
  });
  return joined([...fates, { ...NONE, dropped: gone.flatMap(namesIn) }]);
}

const NONE: Fates = { restored: [], evolved: [], dropped: [], empty: [], incompatible: [] };

const joined = (fates: readonly Fates[]): Fates => ({
  restored: fates.flatMap(({ restored }) => restored),
  evolved: fates.flatMap(({ evolved }) => evolved),
  dropped: fates.flatMap(({ dropped }) => dropped),
  empty: fates.flatMap(({ empty }) => empty),
  incompatible: fates.flatMap(({ incompatible }) => incompatible),
});

const namesIn = (node: ProcessNode): StateName[] => [...node.states.map(({ name }) => name), timersName(node)].map((state) => ({ uid: node.uid, state }));

/** Of the functions that are gone, those that could have kept the same. */
function beginning(node: ProcessNode, gone: readonly ProcessNode[]): Fates['empty'] {
  const former = gone.filter(({ scope, prePartitioned }) => scope === node.scope && prePartitioned === node.prePartitioned).map(({ uid }) => uid);
  return namesIn(node).map((name) => (former.length === 0 ? name : { ...name, former }));
}

/** A function, and what its state belongs to. */
interface Owned {
  readonly node: ProcessNode;
  readonly owner: string;
}

function fatesOf({ node: was, owner: before }: Owned, { node: is, owner }: Owned, declared: DeclaredStates): Fates {
  if (before !== owner && !losesPartitions(was, is)) return { ...NONE, incompatible: namesIn(is).map(({ state }) => ({ ...nameOf(was, is, state), ...ownerConflict(before, owner) })) };
  return joined([statesOf(was, is, declared), { ...NONE, restored: [nameOf(was, is, timersName(is))] }]);
}

function statesOf(was: ProcessNode, is: ProcessNode, declared: DeclaredStates): Fates {
  const dropped = was.states.filter(({ name }) => !is.states.some((state) => state.name === name)).map(({ name }) => ({ uid: was.uid, state: name }));
  const fates = is.states.map((state): Fates => {
    const before = was.states.find(({ name }) => name === state.name);
    const name = nameOf(was, is, state.name);
    // A function that goes on is no uid that was mistyped: nobody has to allow it a new state.
    if (before === undefined) return { ...NONE, evolved: [{ ...name, changes: ['is new, and starts empty'] }] };
    const conflict = conflictOf(before, state, (from) => declared.obstacle(is.uid, state.name, from));
    if (conflict !== null) return { ...NONE, incompatible: [{ ...name, ...conflict }] };
    const checked = declared.checks(is.uid, state.name) ? { checked: CHECKED } : {};
    if (before.version === state.version) return { ...NONE, restored: [{ ...name, ...checked }] };
    return { ...NONE, evolved: [{ ...name, ...checked, changes: [`its values are migrated from version ${before.version} to ${state.version}`] }] };
  });
  return joined([...fates, { ...NONE, dropped }]);
}

const nameOf = (was: ProcessNode, is: ProcessNode, state: string): StateName => ({ uid: is.uid, state, ...(was.uid === is.uid ? {} : { was: was.uid }) });

const CHECKED = 'checked at restore by its schema';

type Conflict = Required<Pick<Comparison['incompatible'][number], 'reason' | 'remedy'>>;

/** What a state belongs to. */
function ownerOf({ nodes }: Plan, node: ProcessNode): string {
  if (node.scope === 'partition') return 'source partitions';
  return node.prePartitioned === true ? `keys within partitions of ${topicsAbove(nodes, node).join(', ')}` : 'keys';
}

/** Savepoints name a partition by the uid of its source and its topic. */
function topicsAbove(nodes: readonly PlanNode[], node: PlanNode): string[] {
  if (node.kind === 'source') return node.topics.map((topic) => `${topic} (source ${node.uid})`);
  return inputsOf(node).flatMap((input) => nodes.filter(({ uid }) => uid === input).flatMap((above) => topicsAbove(nodes, above)));
}

/** A key is the same in whatever partition it was: `keyBy` takes over the state of `reinterpretAsKeyed`. */
const losesPartitions = (was: ProcessNode, is: ProcessNode): boolean => was.prePartitioned === true && is.prePartitioned === undefined && is.scope === undefined;

const ownerConflict = (was: string, is: string): Conflict => ({
  reason: `it was a state of ${was}, and would be one of ${is}`,
  remedy: 'give the function the stream that it had: that of keyBy, reinterpretAsKeyed or processPartition',
});

/** A TTL may come, go and change: what had no time gets that of the restore. */
function conflictOf(was: StateSpec, is: StateSpec, obstacleFrom: (version: number) => string | null): Conflict | null {
  if (was.kind !== is.kind) return { reason: `it was a ${was.kind} state, and would be a ${is.kind} state`, remedy: 'give the state of another kind another name' };
  if (was.redistribution !== is.redistribution) return { reason: `its lists were redistributed as ${was.redistribution}, and would be as ${is.redistribution}`, remedy: 'give the list that is redistributed otherwise another name' };
  if (was.version === is.version) return null;
  if (was.version > is.version) return { reason: `its values have version ${was.version}, the program has ${is.version}: none reads what a newer one has written`, remedy: 'use the newer program' };
  const reason = obstacleFrom(was.version);
  return reason === null ? null : { reason, remedy: 'add the migration that is missing' };
}

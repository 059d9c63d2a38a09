/** Can the functions of a plan take over what those of another kept (protocol V4)? State by state, by uid and name; timers go with their function. Pure. */
import type { Plan, ProcessNode, StateSpec } from '../core/plan.ts';
import { processesOf } from '../core/plan.ts';
import type { Code } from '../core/process/code.ts';
import { canMigrate } from '../core/process/migrate.ts';
import type { Comparison, StateName } from './compatibility.ts';
import { formerFunctions } from './former-functions.ts';
import { timersName } from './function-state.ts';

/** What keeps a program from making values of its own version of those of `from`, which is smaller; null where nothing does. */
export type CanMigrate = (uid: string, state: string, from: number) => string | null;

/** As the functions say that are loaded. */
export const migrationsIn =
  ({ functions }: Code): CanMigrate =>
  (uid, state, from) => {
    const declared = functions.get(uid)?.states.find(({ name }) => name === state);
    return declared === undefined ? 'the program that is loaded does not declare it' : canMigrate(declared, from);
  };

type Fates = Pick<Comparison, 'restored' | 'evolved' | 'dropped' | 'empty' | 'incompatible'>;

/** Without `findObstacle`, when there is no program at hand, every migration is taken to be there. */
export function compareFunctions(saved: Plan, next: Plan, findObstacle: CanMigrate = () => null): Fates {
  const former = formerFunctions(saved, next);
  const kept = [...former.values()];
  const gone = processesOf(saved).filter((node) => !kept.includes(node));
  const fates = processesOf(next).map((node) => {
    const was = former.get(node.uid);
    return was === undefined ? { ...NONE, empty: beginning(node, gone) } : fatesOf(was, node, findObstacle);
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
  const former = gone.filter(({ scope }) => scope === node.scope).map(({ uid }) => uid);
  return namesIn(node).map((name) => (former.length === 0 ? name : { ...name, former }));
}

function fatesOf(was: ProcessNode, is: ProcessNode, findObstacle: CanMigrate): Fates {
  const dropped = was.states.filter(({ name }) => !is.states.some((state) => state.name === name)).map(({ name }) => ({ uid: was.uid, state: name }));
  const fates = is.states.map((state): Fates => {
    const before = was.states.find(({ name }) => name === state.name);
    const name = nameOf(was, is, state.name);
    // A function that goes on is no uid that was mistyped: nobody has to allow it a new state.
    if (before === undefined) return { ...NONE, evolved: [{ ...name, changes: ['is new, and starts empty'] }] };
    const reason = was.scope !== is.scope ? scopeConflict(was) : conflictOf(before, state, (from) => findObstacle(is.uid, state.name, from));
    if (reason !== null) return { ...NONE, incompatible: [{ ...name, reason }] };
    if (before.version === state.version) return { ...NONE, restored: [name] };
    return { ...NONE, evolved: [{ ...name, changes: [`its values are migrated from version ${before.version} to ${state.version}`] }] };
  });
  return joined([...fates, { ...NONE, restored: [nameOf(was, is, timersName(is))], dropped }]);
}

const nameOf = (was: ProcessNode, is: ProcessNode, state: string): StateName => ({ uid: is.uid, state, ...(was.uid === is.uid ? {} : { was: was.uid }) });

const scopeConflict = ({ scope }: ProcessNode): string => (scope === undefined ? 'it was a state of keys, and would be one of source partitions' : 'it was a state of source partitions, and would be one of keys');

/** A TTL may come, go and change: what had no time gets that of the restore. */
function conflictOf(was: StateSpec, is: StateSpec, findObstacle: (from: number) => string | null): string | null {
  if (was.kind !== is.kind) return `it was a ${was.kind} state, and would be a ${is.kind} state`;
  if (was.redistribution !== is.redistribution) return `its lists were redistributed as ${was.redistribution}, and would be as ${is.redistribution}`;
  if (was.version === is.version) return null;
  if (was.version > is.version) return `its values have version ${was.version}, the program has ${is.version}: none reads what a newer one has written`;
  return findObstacle(was.version);
}

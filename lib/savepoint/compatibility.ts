/** Can a plan take over a state (protocol 14.5)? State is matched by uid and state name; aggregates may come, go and widen. Pure. */
import { SluiceError } from '../core/errors.ts';
import type { Uid } from '../core/numbers.ts';
import { inputsOf, isKind, sourcesOf, statefulOf, type Plan, type SourceNode, type WindowAggregateNode } from '../core/plan.ts';
import { canonicalJson } from './canonical-json.ts';
import { keptFields, valueChanges, type ValueChanges } from './evolution.ts';
import { compareFunctions, type DeclaredStates } from './function-compatibility.ts';
import { recognize } from './recognition.ts';
import { RowMeanings } from './row-meaning.ts';
import { keyFields, PANES, schemaOf, type StateSchema } from './schema.ts';
import type { Ambiguity } from './siblings.ts';

export interface StateName {
  /** Of an operator or a source. */
  readonly uid: string;
  /** `acc`, for a source `offsets of <topic>`, for VALUES `rows`, and what functions call theirs. */
  readonly state: string;
  /** The uid under which it was saved, where the function has another now. */
  readonly was?: string;
}

/** What can be said of values no sooner than they are read. */
export interface Checked {
  readonly checked?: string;
}

export interface Comparison {
  readonly restored: readonly (StateName & Checked)[];
  /** Restored with other aggregates (V4), of another version, or for other rows: each change as text. */
  readonly evolved: readonly (StateName & Checked & { readonly changes: readonly string[] })[];
  /** In the savepoint, but nothing in the plan takes it (V3). */
  readonly dropped: readonly StateName[];
  /**
   * In the plan, but not in the savepoint: starts empty; a source starts at its startup mode; rows of VALUES, which leave once, as a job begins, never do.
   * `former`: functions of the savepoint that nothing takes; one of them may be this function, under the uid that it had.
   */
  readonly empty: readonly (StateName & { readonly begins?: string; readonly former?: readonly string[] })[];
  /** In both, but one cannot become the other (V4). `remedy`: of functions, what would do. */
  readonly incompatible: readonly (StateName & { readonly reason: string; readonly remedy?: string })[];
  /** Dropped, since nobody can tell which one of several queries that have changed it belongs to. */
  readonly ambiguous: readonly (StateName & { readonly reason: string })[];
}

/**
 * What becomes of every state of `saved` in `next` (V1); resumes, and whoever compares plans, ask this (V2). `declared`: by the program of `next`, where
 * that is at hand.
 */
export function compareState(saved: Plan, next: Plan, declared?: DeclaredStates): Comparison {
  const { plan, ambiguous } = recognize(saved, next);
  const before = statesOf(saved);
  const after = statesOf(plan);
  const pairs = [...before].flatMap(([id, was]) => {
    const is = after.get(id);
    return is === undefined ? [] : [{ name: was.name, ...fateOf(was, is) }];
  });
  const dropped = [...before].filter(([id]) => !after.has(id)).map(([, state]) => state.name);
  const fits = pairs.filter(({ conflicts }) => conflicts.length === 0);
  const functions = compareFunctions(saved, plan, declared);
  return {
    restored: [...fits.filter(({ changes }) => changes.length === 0).map(({ name }) => name), ...functions.restored],
    evolved: [...fits.filter(({ changes }) => changes.length > 0).map(({ name, changes }) => ({ ...name, changes })), ...functions.evolved],
    dropped: [...dropped, ...functions.dropped],
    empty: [...[...after].filter(([id]) => !before.has(id)).map(([, state]) => emptyOf(state)), ...newValues(saved, plan), ...functions.empty],
    incompatible: [...pairs.filter(({ conflicts }) => conflicts.length > 0).map(({ name, conflicts }) => ({ ...name, reason: conflicts.join('; ') })), ...functions.incompatible],
    ambiguous: ambiguous.flatMap((siblings) => ambiguityOf(siblings, dropped, saved, plan)),
  };
}

/** Known by their rows, since their uids follow what reads them. */
function newValues(saved: Plan, next: Plan): Comparison['empty'] {
  const [before, after] = [saved, next].map(({ nodes }) => nodes.filter(isKind('values')));
  const had = new Set(before?.map(({ rows }) => canonicalJson(rows)));
  return after?.filter(({ rows }) => !had.has(canonicalJson(rows))).map(({ uid }) => ({ uid, state: VALUES, begins: 'its rows are not emitted, since the job has begun' })) ?? [];
}

const VALUES = 'rows';

const emptyOf = ({ name, operator }: State): Comparison['empty'][number] => (operator === null ? { ...name, begins: 'at the startup mode of the source' } : name);

interface State {
  readonly name: StateName;
  /** null for offsets. */
  readonly operator: Operator | null;
  /** Partitions of generated rows: what their offsets count depends on it. Other offsets fit any source of the same uid. */
  readonly dealtTo: number | null;
}

interface Operator {
  readonly node: WindowAggregateNode;
  readonly meanings: RowMeanings;
  readonly origins: RowMeanings;
  /** Its aggregate is the rows themselves, which leave when their time or their session has come. */
  readonly keepsRows: boolean;
}

function statesOf(plan: Plan): Map<string, State> {
  const [meanings, origins] = [new RowMeanings(plan), new RowMeanings(plan, 'origins')];
  const offsets = sourcesOf(plan).flatMap((node) => node.topics.map((topic): State => offsetsOf(node, topic)));
  const panes = statefulOf(plan).map((node): State => ({ name: { uid: node.uid, state: PANES }, operator: { node, meanings, origins, keepsRows: keepsRows(plan, node) }, dealtTo: null }));
  return new Map([...offsets, ...panes].map((state) => [nameText(state.name), state]));
}

function offsetsOf({ uid, generated }: SourceNode, topic: string): State {
  const name = { uid, state: `offsets of ${topic}` };
  return { name, operator: null, dealtTo: generated?.partitions ?? null };
}

const keepsRows = ({ nodes }: Plan, { uid, aggregates: [only, ...others], limit }: WindowAggregateNode): boolean =>
  limit === undefined && only?.fn === 'ARRAY_AGG' && others.length === 0 && nodes.some((node) => node.kind === 'unnest' && node.input === uid);

const nameText = ({ uid, state, was }: StateName): string => `${uid}.${state}${was === undefined ? '' : ` (was ${was}.${state})`}`;

function fateOf(before: State, after: State): ValueChanges {
  const [{ operator: was }, { operator: is }] = [before, after];
  if (was === null || is === null) return { changes: [], conflicts: offsetConflicts(before, after) };
  const { changes, conflicts } = valueChanges(was.node, is.node);
  const others = takesTheSame(was, is) ? [] : ['takes in other rows (another WHERE, or what is below it), and keeps what it has of those before'];
  const ofTypes = [...frameConflicts(schemaOf(was.node), schemaOf(is.node)), ...conflicts, ...rowConflicts(was, is)];
  return { changes: [...others, ...changes], conflicts: ofTypes.length > 0 ? ofTypes : originConflicts(was, is) };
}

/** Offset n of partition q of P is row n * P + q: with another P rows would be left out, and others come twice. */
const offsetConflicts = ({ dealtTo: was }: State, { dealtTo: is }: State): string[] =>
  was === is ? [] : [`its rows were dealt to ${was} partitions, and would be to ${is}: set 'scan.parallelism' back to ${was}`];

/** Other aggregates begin anew; rows that wait would be lost. */
function rowConflicts(was: Operator, is: Operator): string[] {
  const [before, after] = [was, is].map(({ node }) => node.aggregates.map(({ name }) => name).join(', '));
  return was.keepsRows && before !== after ? [`rows that wait in it were kept as ${before}, and would be as ${after}: the columns that are read of them must stay`] : [];
}

const takesTheSame = (was: Operator, is: Operator): boolean =>
  was.meanings.input(was.node) === is.meanings.input(is.node) && movedFields(was, is, (operator) => operator.meanings).length === 0;

/** Names do not say which side of a UNION a column is from, nor what it is below another aggregation. */
const originConflicts = (was: Operator, is: Operator): string[] => movedFields(was, is, (operator) => operator.origins).map((name) => `its ${name} would be made of other columns, under the same name`);

/** The keys and aggregates of both that mean something else by one name. */
function movedFields(was: Operator, is: Operator, meaningsOf: (operator: Operator) => RowMeanings): string[] {
  const [before, after] = [fieldsOf(was, meaningsOf(was)), fieldsOf(is, meaningsOf(is))];
  return [...after].filter(([name, meaning]) => (before.get(name) ?? meaning) !== meaning).map(([name]) => name);
}

function fieldsOf({ node }: Operator, meanings: RowMeanings): Map<string, string> {
  const keys = meanings.keys(node);
  const ofKeys = keyFields(node).map(({ name }, i) => [`key ${name}`, keys[i] ?? ''] as const);
  return new Map([...ofKeys, ...keptFields(node).map(({ name, call }) => [name, meanings.read(node, call)] as const)]);
}

/** Keys, windows and what their time is never change: panes of others mean something else. */
function frameConflicts(was: StateSchema, is: StateSchema): string[] {
  const parts = [['key', keyText], ['window', windowText]] as const;
  return parts.flatMap(([part, text]) => (text(was) === text(is) ? [] : [`its ${part} was ${text(was)}, and would be ${text(is)}`]));
}

const keyText = ({ key }: StateSchema): string => `(${key.map(({ name, type }) => `${name} ${type}`).join(', ')})`;

const windowText = ({ window, time }: StateSchema): string => canonicalJson(window) + (time === undefined ? '' : ' of processing time');

/** Queries are known to people by the tables that they write. */
function ambiguityOf(siblings: Ambiguity, dropped: readonly StateName[], saved: Plan, next: Plan): Comparison['ambiguous'] {
  const insertsOf = (plan: Plan, uid: Uid): string => `INSERT INTO ${tablesBehind(plan, uid).join(', ')}`;
  const candidates = siblings.next.map((uid) => `${uid} (${insertsOf(next, uid)})`).join(' or ');
  return siblings.saved.flatMap((uid) => {
    const reason = `its query (${insertsOf(saved, uid)}) is not in the plan as it was; ${candidates} may be that query, changed`;
    return dropped.filter((name) => name.uid === uid).map((name) => ({ ...name, reason }));
  });
}

function tablesBehind(plan: Plan, uid: Uid): string[] {
  const readers = plan.nodes.filter((node) => inputsOf(node).includes(uid));
  return [...new Set(readers.flatMap((node) => (node.kind === 'sink' ? [node.table] : tablesBehind(plan, node.uid))))];
}

/** V2. Partly: state is lost, or begins anew, which has to be allowed. What has evolved is whole. */
export type Verdict = 'compatible' | 'partly compatible' | 'incompatible';

export function verdictOf({ dropped, empty, incompatible }: Comparison): Verdict {
  if (incompatible.length > 0) return 'incompatible';
  // Flink starts new state empty without a word; a changed uid then loses state unseen, so here it has to be allowed as well.
  return dropped.length === 0 && empty.length === 0 ? 'compatible' : 'partly compatible';
}

/** V3: state may be left behind only where that is said. */
export const canTakeOver = (verdict: Verdict, { allowNonRestored }: { allowNonRestored: boolean }): boolean => verdict === 'compatible' || (verdict === 'partly compatible' && allowNonRestored);

/** Throws STATE_INCOMPATIBLE with the whole list, before anything starts. */
export function assertCompatible(comparison: Comparison, rules: { allowNonRestored: boolean }): void {
  const verdict = verdictOf(comparison);
  if (canTakeOver(verdict, rules)) return;
  throw new SluiceError('STATE_INCOMPATIBLE', {
    message: `the plan cannot take over the state:\n${comparisonLines(comparison).join('\n')}`,
    hint: hintFor(comparison),
    details: { ...comparison },
  });
}

function hintFor({ incompatible, ambiguous, empty }: Comparison): string {
  if (incompatible.length > 0) return remedyFor(incompatible);
  const renamed = empty.filter(({ former = [] }) => former.length > 0);
  const hint = `${renamed.length === 0 ? '' : renameHint(renamed)}pass --allow-non-restored-state (SET execution.state-recovery.ignore-unclaimed-state = true) to go on without it`;
  return ambiguous.length === 0 ? hint : `leave ${ambiguous.some(({ state }) => state === PANES) ? 'the filter of a query' : 'the hint of a table'} as it was where its state shall go on, or ${hint}`;
}

/** Functions have remedies; what SQL aggregates has only itself. */
function remedyFor(incompatible: Comparison['incompatible']): string {
  const remedies = [...new Set(incompatible.flatMap(({ remedy = [] }) => remedy))];
  if (remedies.length === 0) return 'use the old statement, or start a new job without the savepoint';
  return `${remedies.join('; or ')}; or give the function another uid and pass --allow-non-restored-state, to go on without its state; or use the old program`;
}

function renameHint(renamed: Comparison['empty']): string {
  const anyOf = (texts: readonly string[]): string => [...new Set(texts)].join(' or ');
  const former = renamed.flatMap((name) => name.former?.map((uid) => `'${uid}'`) ?? []);
  return `give ${anyOf(renamed.map(({ uid }) => uid))} \`previous: ${anyOf(former)}\` where that is the same function under another uid, or `;
}

/** The comparison for people: one line per state. */
export const comparisonLines = ({ restored, evolved, dropped, empty, incompatible, ambiguous }: Comparison): string[] => [
  ...restored.map((name) => `  restored      ${nameText(name)}${name.checked === undefined ? '' : `: ${name.checked}`}`),
  ...evolved.map((name) => `  evolved       ${nameText(name)}: ${[...name.changes, ...(name.checked === undefined ? [] : [name.checked])].join('; ')}`),
  ...dropped.map((name) => `  dropped       ${nameText(name)}`),
  ...empty.map((name) => `  starts empty  ${nameText(name)}${name.begins === undefined ? '' : `: ${name.begins}`}`),
  ...incompatible.map((name) => `  incompatible  ${nameText(name)}: ${name.reason}`),
  ...ambiguous.map((name) => `  ambiguous     ${nameText(name)}: ${name.reason}`),
];

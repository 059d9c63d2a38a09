/** Which state of process functions a plan takes over (protocol 14.5, V1, V3, V4). */
import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../lib/core/errors.ts';
import { NO_CODE, type Code } from '../../lib/core/process/code.ts';
import type { NamedState } from '../../lib/core/process/descriptor.ts';
import type { KeyedFunction } from '../../lib/core/process/keyed-function.ts';
import type { PlanNode, ProcessNode } from '../../lib/core/plan.ts';
import { RAW } from '../../lib/core/types.ts';
import { assertCompatible, compareState, comparisonLines, verdictOf } from '../../lib/savepoint/compatibility.ts';
import { formerFunctions, underNextUids } from '../../lib/savepoint/former-functions.ts';
import { statesDeclaredIn, type DeclaredStates } from '../../lib/savepoint/function-compatibility.ts';
import { recognize } from '../../lib/savepoint/recognition.ts';
import { column, planOf, sourceNode, windowNode } from './fixture.ts';
import { functionContent, processNode, stateSpec, TTL } from './functions.ts';

const source = sourceNode();
const node = processNode('dedup', [stateSpec('seen', 'value'), stateSpec('recent', 'list', { version: 2 })]);

/** The lines about functions. */
function linesOf(was: readonly ProcessNode[], is: readonly ProcessNode[], declared?: DeclaredStates): string[] {
  const lines = comparisonLines(compareState(planOf([source, ...was]), planOf([source, ...is]), declared));
  return lines.filter((line) => !line.includes('offsets of'));
}

const withStates = (...states: ProcessNode['states']): ProcessNode => ({ ...node, states });
const [seen, recent] = [stateSpec('seen', 'value'), stateSpec('recent', 'list', { version: 2 })];

describe('a function', () => {
  test.each<[string, ProcessNode, string[]]>([
    ['as it was', node, ['restored      dedup.seen', 'restored      dedup.recent', 'restored      dedup.timers']],
    ['with its states in another order', withStates(recent, seen), ['restored      dedup.recent', 'restored      dedup.seen', 'restored      dedup.timers']],
    ['with another TTL', withStates({ ...seen, ttl: TTL }, recent), ['restored      dedup.seen', 'restored      dedup.recent', 'restored      dedup.timers']],
    [
      'with one more state',
      withStates(seen, recent, stateSpec('last', 'value')),
      ['restored      dedup.seen', 'restored      dedup.recent', 'restored      dedup.timers', 'evolved       dedup.last: is new, and starts empty'],
    ],
    ['without one', withStates(seen), ['restored      dedup.seen', 'restored      dedup.timers', 'dropped       dedup.recent']],
    [
      'with values of a newer version',
      withStates({ ...seen, version: 3 }, recent),
      ['restored      dedup.recent', 'restored      dedup.timers', 'evolved       dedup.seen: its values are migrated from version 1 to 3'],
    ],
    [
      'with values of an older version',
      withStates(seen, { ...recent, version: 1 }),
      [
        'restored      dedup.seen',
        'restored      dedup.timers',
        'incompatible  dedup.recent: its values have version 2, the program has 1: none reads what a newer one has written',
      ],
    ],
    [
      'with a state of another kind',
      withStates(stateSpec('seen', 'map'), recent),
      ['restored      dedup.recent', 'restored      dedup.timers', 'incompatible  dedup.seen: it was a value state, and would be a map state'],
    ],
    [
      'under another uid',
      { ...node, uid: processNode('other', []).uid },
      ['dropped       dedup.seen', 'dropped       dedup.recent', 'dropped       dedup.timers', 'starts empty  other.seen', 'starts empty  other.recent', 'starts empty  other.timers'],
    ],
    [
      'under another uid, which says what it was',
      processNode('other', node.states, 'dedup'),
      ['restored      other.seen (was dedup.seen)', 'restored      other.recent (was dedup.recent)', 'restored      other.timers (was dedup.timers)'],
    ],
  ])('%s', (_, is, lines) => {
    expect(linesOf([node], [is])).toEqual(lines.map((line) => `  ${line}`));
  });

  test('with a state that has the name of the timers keeps both', () => {
    const timed = withStates(stateSpec('timers', 'list'));
    expect(linesOf([timed], [timed])).toEqual(['  restored      dedup.timers', '  restored      dedup.timers_2']);
  });
});

function hintOf(refused: () => void): string | undefined {
  try {
    refused();
  } catch (error) {
    if (error instanceof SluiceError) return error.hint;
  }
  return undefined;
}

describe('what has to be allowed', () => {
  const verdict = (is: ProcessNode): string => verdictOf(compareState(planOf([source, node]), planOf([source, is])));

  test('nothing for a new state, another TTL or a migration', () => {
    expect(verdict(withStates({ ...seen, version: 2, ttl: TTL }, recent, stateSpec('last', 'value')))).toBe('compatible');
  });

  test('a state that is dropped, and a function that is new', () => {
    expect(verdict(withStates(seen))).toBe('partly compatible');
    expect(verdictOf(compareState(planOf([source]), planOf([source, node])))).toBe('partly compatible');
  });

  test.each<[string, ProcessNode[], string]>([
    ['dedup', [node], "give other `previous: 'dedup'` where that is the same function under another uid, or pass --allow-non-restored-state"],
    ['dedup or last', [node, processNode('last', [])], "give other `previous: 'dedup' or 'last'` where that is the same function under another uid, or pass --allow-non-restored-state"],
    ['nothing', [], 'pass --allow-non-restored-state'],
  ])('a function that begins where %s has gone; the hint says what gives it the state', (_, was, hint) => {
    const comparison = compareState(planOf([source, ...was]), planOf([source, processNode('other', node.states)]));
    expect(hintOf(() => assertCompatible(comparison, { allowNonRestored: false }))).toMatch(new RegExp(`^${hint}`));
  });

  test('a migration that is missing is refused whatever is allowed', () => {
    const comparison = compareState(planOf([source, node]), planOf([source, withStates({ ...seen, version: 2 }, recent)]), { obstacle: () => 'there is no migration', checks: () => false });
    expect(() => assertCompatible(comparison, { allowNonRestored: true })).toThrow('incompatible  dedup.seen: there is no migration');
  });

  test.each<[string, ProcessNode, DeclaredStates | undefined, string]>([
    ['a migration that is missing', withStates({ ...seen, version: 2 }, recent), { obstacle: () => 'there is none', checks: () => false }, 'add the migration that is missing'],
    ['another kind', withStates(stateSpec('seen', 'map'), recent), undefined, 'give the state of another kind another name'],
    ['an older program', withStates(seen, { ...recent, version: 1 }), undefined, 'use the newer program'],
    ['another scope', { ...node, scope: 'partition' }, undefined, 'give the function the stream that it had: that of keyBy, reinterpretAsKeyed or processPartition'],
  ])('the hint says what to do about %s', (_, is, declared, remedy) => {
    const comparison = compareState(planOf([source, node]), planOf([source, is]), declared);
    const others = 'or give the function another uid and pass --allow-non-restored-state, to go on without its state; or use the old program';
    expect(hintOf(() => assertCompatible(comparison, { allowNonRestored: false }))).toBe(`${remedy}; ${others}`);
  });
});

describe('a schema of the program', () => {
  const declared: DeclaredStates = { obstacle: () => null, checks: (uid, state) => uid === 'dedup' && state === 'seen' };
  const CHECKED = 'checked at restore by its schema';

  test('is told for what goes on: nobody knows before what it takes', () => {
    expect(linesOf([node], [node], declared)[0]).toBe(`  restored      dedup.seen: ${CHECKED}`);
    expect(linesOf([node], [withStates({ ...seen, version: 2 }, recent)], declared)[2]).toBe(`  evolved       dedup.seen: its values are migrated from version 1 to 2; ${CHECKED}`);
  });

  test('is not for what is new, refused or has none', () => {
    const lines = [linesOf([], [node], declared), linesOf([withStates(stateSpec('seen', 'map'))], [withStates(seen)], declared), linesOf([withStates(recent)], [node], declared)].flat();
    expect(lines.filter((line) => line.includes(CHECKED))).toEqual([]);
    expect(verdictOf(compareState(planOf([source, node]), planOf([source, node]), declared))).toBe('compatible');
  });

  test('is that of the state that it was declared with', () => {
    const state: NamedState = { kind: 'value', name: 'seen', field: 'first', version: 1, migrations: {} };
    const dedup: KeyedFunction = { states: [{ ...state, check: (value) => value }, { ...state, name: 'recent' }], inputs: [], sideOutputs: [] };
    const { checks } = statesDeclaredIn({ ...NO_CODE, functions: new Map([['dedup', dedup]]) });
    expect([checks('dedup', 'seen'), checks('dedup', 'recent'), checks('dedup', 'gone'), checks('other', 'seen')]).toEqual([true, false, false, false]);
  });
});

describe('the migrations of a program', () => {
  const declared = (version: number, migrations: NamedState['migrations']): Code => {
    const state: NamedState = { kind: 'value', name: 'seen', field: 'first', version, migrations };
    const dedup: KeyedFunction = { states: [state], inputs: [], sideOutputs: [] };
    return { ...NO_CODE, functions: new Map([['dedup', dedup]]) };
  };
  const keep = (value: unknown): unknown => value;

  test.each<[string, Code, number, string | null]>([
    ['one step', declared(2, { 1: keep }), 1, null],
    ['two steps', declared(3, { 1: keep, 2: keep }), 1, null],
    ['only what is needed', declared(3, { 2: keep }), 2, null],
    ['a gap', declared(4, { 1: keep, 3: keep }), 1, 'its values have version 1, the program has 4 and no migration from version 2: add migrations[2] to the state'],
    ['none', declared(2, {}), 1, 'its values have version 1, the program has 2 and no migration from version 1: add migrations[1] to the state'],
    ['another program', NO_CODE, 1, 'the program that is loaded does not declare it'],
  ])('%s', (_, code, from, missing) => {
    expect(statesDeclaredIn(code).obstacle('dedup', 'seen', from)).toBe(missing);
  });
});

describe('former functions', () => {
  const formerIn = (was: readonly ProcessNode[], is: readonly ProcessNode[]): [string, string][] =>
    [...formerFunctions(planOf(was), planOf(is))].map(([uid, former]) => [uid, former.uid]);

  test('a uid says more than what a function was before', () => {
    expect(formerIn([node], [processNode('other', [], 'dedup'), node])).toEqual([['dedup', 'dedup']]);
    expect(formerIn([node, processNode('other', [])], [processNode('other', [], 'dedup')])).toEqual([['other', 'other']]);
  });

  test('are taken over once', () => {
    expect(formerIn([node], [processNode('a', [], 'dedup'), processNode('b', [], 'dedup')])).toEqual([['a', 'dedup']]);
  });

  test('bring their watermarks with them', () => {
    const base = functionContent(node, []);
    const position = { ...base.position, operatorWatermarks: { ...base.position.operatorWatermarks, dedup: base.position.watermarks[0] ?? expect.fail() } };
    const renamed = underNextUids({ ...base, position }, planOf([source, processNode('other', node.states, 'dedup')]));
    expect(renamed.functions).toEqual([{ uid: 'other', node, panes: [] }]);
    expect(Object.keys(renamed.position.operatorWatermarks)).toEqual(['orders-per-country', 'other']);
    expect(underNextUids(base, base.plan)).toBe(base);
  });
});

test('nodes that a program has functions for keep their uids, whatever had them before', () => {
  const windows = { ...windowNode([column('key', RAW)], [{ name: 'top', fn: 'CODE', argument: 1, argumentType: RAW, type: RAW }], 'dedup') };
  const siblings = ['dedup', 'dedup-2'].map((name): PlanNode => ({ ...windows, ...windowNode([column('key', RAW)], windows.aggregates, name) }));
  for (const next of [[source, windows], [source, ...siblings], [source, ...siblings.slice(1)]]) {
    const plan = planOf(next);
    expect(recognize(planOf([source, node]), plan).plan).toEqual(plan);
    expect(recognize(planOf([source, ...siblings.toReversed()]), plan).plan).toEqual(plan);
  }
});

describe('a function that runs within partitions', () => {
  const within: ProcessNode = { ...node, prePartitioned: true };
  const conflictsOf = (is: readonly PlanNode[]): string[] =>
    compareState(planOf([source, within]), planOf(is)).incompatible.map(({ state, reason }) => `${state}: ${reason}`);

  test('goes on with its state', () => expect(conflictsOf([source, within])).toEqual([]));

  test('becomes one over keys', () => expect(conflictsOf([source, node])).toEqual([]));

  test('does not become of one over keys, nor with its timers alone', () => {
    const conflicts = (was: ProcessNode, is: ProcessNode): string[] => compareState(planOf([source, was]), planOf([source, is])).incompatible.map(({ state, reason }) => `${state}: ${reason}`);
    expect(conflicts(node, within)).toEqual(['seen', 'recent', 'timers'].map((state) => `${state}: it was a state of keys, and would be one of keys within partitions of orders (source orders)`));
    expect(conflicts({ ...node, states: [] }, { ...within, states: [] })).toHaveLength(1);
    expect(conflicts(within, { ...node, scope: 'partition' })).toHaveLength(3);
  });

  test('does not read another topic: its keys would lie in other partitions', () => {
    expect(conflictsOf([sourceNode('orders', ['more-orders']), within])[0]).toBe('seen: it was a state of keys within partitions of orders (source orders), and would be one of keys within partitions of more-orders (source orders)');
  });
});

/**
 * Resuming with another plan (protocol 14.5, V1-V4): state follows its uid, whatever else has changed; what finds no place is listed before
 * anything happens.
 */
import { describe, expect, test } from 'vitest';
import { offset, partitionId, uid } from '../../lib/core/numbers.ts';
import { statefulOf, type AggregateCall, type Plan, type PlanNode, type WindowAggregateNode, type WindowSpec } from '../../lib/core/plan.ts';
import { BIGINT, STRING, TIMESTAMP3, type Column, type SqlType } from '../../lib/core/types.ts';
import { readControl } from '../../lib/engine/lifecycle/job-control.ts';
import { requestCreate } from '../../lib/engine/lifecycle/start.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import { planOf as windowPlan, recordOf, type CaseRow } from '../conformance/operator-cases.ts';
import { labPlan, labRecord, LAB_START_MS } from './lab-plan.ts';
import { Stack, stateOf } from './stack.ts';

const changeNodes = (plan: Plan, change: (node: PlanNode) => PlanNode): Plan => ({ ...plan, nodes: plan.nodes.map(change) });

/** The plan with another name for one node. */
const renamed = (plan: Plan, from: string, to: string): Plan =>
  changeNodes(plan, (node) => {
    const named = node.uid === from ? { ...node, uid: uid(to) } : node;
    return 'input' in named && named.input === from ? { ...named, input: uid(to) } : named;
  });

/** The lab's query, for rows whose type is not `view`; a filter on the way to the same state. */
const FILTERED: Plan = {
  ...labPlan(),
  nodes: labPlan().nodes.flatMap((node): PlanNode[] => {
    if (node.kind !== 'window-aggregate') return [node];
    const type = { op: 'column', index: 0, type: STRING } as const;
    const view = { op: 'literal', value: 'view', type: STRING } as const;
    const source = labPlan().nodes[0];
    if (source?.kind !== 'source') return [];
    const where = { op: 'call', fn: '<>', args: [type, view], type: { kind: 'BOOLEAN' } } as const;
    const project = source.columns.map((c, index) => ({ op: 'column', index, type: c.type }) as const);
    return [{ kind: 'calc', uid: uid('filter'), input: node.input, where, project, columns: source.columns }, { ...node, input: uid('filter') }];
  }),
};

const WIDER = changeNodes(labPlan(), (node) => (node.kind === 'window-aggregate' ? { ...node, window: { ...node.window, sizeMs: 120_000 } } : node));

const EVERY: AggregateCall = { name: 'COUNT(*)', fn: 'COUNT', argument: null, argumentType: null, type: BIGINT };
const of = (fn: AggregateCall['fn'], argument: number, type: SqlType): AggregateCall =>
  ({ name: `${fn}($${argument})`, fn, argument, argumentType: type, type: fn === 'COUNT' ? BIGINT : type });

/** The plan with these aggregates, whose sink has every column of its windows: keys, aggregates, start, end, time. */
function aggregating(plan: Plan, aggregates: readonly AggregateCall[]): Plan {
  const columnsOf = ({ columns, keys }: WindowAggregateNode): Column[] => {
    return [...columns.slice(0, keys.length), ...aggregates.map(({ name, type }) => ({ name, type, nullable: true })), ...columns.slice(-3)];
  };
  const columns = statefulOf(plan).flatMap(columnsOf);
  return changeNodes(plan, (node) => {
    if (node.kind === 'window-aggregate') return { ...node, aggregates, columns };
    if (node.kind === 'calc') return { ...node, project: columns.map(({ type }, index) => ({ op: 'column', index, type })), columns };
    return node.kind === 'sink' ? { ...node, columns } : node;
  });
}

/** Rows of `aggregating`: the key and the first `n` aggregates. */
const valuesOf = (stack: Stack, n: number): unknown[][] =>
  stack.stores.sinks.rows('c.d.out').map((row) => row.slice(0, n + 1).map((value) => (typeof value === 'bigint' ? Number(value) : value)));

/** A stopped job with an open window of one click and one view. */
async function stopped(plan = labPlan()): Promise<{ stack: Stack; savepoint: string }> {
  const stack = await Stack.create({ plan });
  stack.produce([['click', 10], ['view', 20]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  return { stack, savepoint: await stack.stop() };
}

async function finishWindow(stack: Stack): Promise<unknown[][]> {
  stack.produce([['view', 30], ['click', 40], ['end', 90]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  return stack.rows();
}

describe.each(['savepoint', 'last state'] as const)('from a %s', (from) => {
  const begin = async (plan = labPlan()): Promise<{ stack: Stack; base: string | null }> => {
    const { stack, savepoint } = await stopped(plan);
    return { stack, base: from === 'savepoint' ? savepoint : null };
  };

  test('the same plan goes on', async () => {
    const { stack, base } = await begin();
    await stack.resume(base);
    expect(await finishWindow(stack)).toEqual([[0, 'click', 2], [0, 'view', 2]]);
  });

  test('another plan with the same uid takes the state over', async () => {
    const { stack, base } = await begin();
    await stack.resume(base, { plan: FILTERED });
    expect(await finishWindow(stack)).toEqual([[0, 'click', 2], [0, 'view', 1]]);
  });

  test('more aggregates: the counts of the open window stay, the new ones begin at the restore', async () => {
    const { stack, base } = await begin(aggregating(labPlan(), [EVERY]));
    await stack.resume(base, { plan: aggregating(labPlan(), [of('MIN', 1, TIMESTAMP3), of('COUNT', 0, STRING), EVERY]) });
    await finishWindow(stack);
    expect(valuesOf(stack, 3)).toEqual([['click', LAB_START_MS + 40_000, 1, 2], ['view', LAB_START_MS + 30_000, 1, 2]]);
  });

  test('fewer aggregates, in another order: what is kept stays, and what comes back later begins anew', async () => {
    const [all, fewer] = [[of('COUNT', 0, STRING), EVERY, of('MIN', 1, TIMESTAMP3)], [of('MIN', 1, TIMESTAMP3), EVERY]];
    const { stack, base } = await begin(aggregating(labPlan(), all));
    await stack.resume(base, { plan: aggregating(labPlan(), fewer) });
    await stack.resume(await stack.stop(), { plan: aggregating(labPlan(), all) });
    await finishWindow(stack);
    expect(valuesOf(stack, 3)).toEqual([['click', 1, 2, LAB_START_MS + 10_000], ['view', 1, 2, LAB_START_MS + 20_000]]);
  });

  test.each<[string, WindowSpec, unknown[][]]>([
    ['session', { kind: 'session', gapMs: 5000 }, [['a', 9, 4, 3]]],
    ['hop', { kind: 'hop', sizeMs: 10_000, slideMs: 5000, offsetMs: 0 }, [['a', null, 1, 2], ['a', 9, 4, 3], ['a', 9, 9, 1]]],
  ])('%s windows that are open grow on, with AVG as it was', async (_, window, expected) => {
    const [average, total] = [of('AVG', 2, BIGINT), of('SUM', 2, BIGINT)];
    const stack = await Stack.create({ plan: aggregating(windowPlan({ window }), [EVERY, average]) });
    const feed = async (rows: readonly CaseRow[]): Promise<void> => {
      stack.stores.source.produce('events', rows.map(recordOf), 0);
      await stack.deliver(stack.writer());
      await stack.firer().step();
    };
    await feed([['a', 0, 1], ['a', 3000, 2], ['other', 2000, 5]]);
    const savepoint = await stack.stop();
    await stack.resume(from === 'savepoint' ? savepoint : null, { plan: aggregating(windowPlan({ window }), [total, average, EVERY]) });
    await feed([['a', 6000, 9], ['z', 60_000, 0]]);
    expect(valuesOf(stack, 3).filter(([key]) => key === 'a')).toEqual(expected);
  });

  test('another uid is refused, with the whole list, and nothing changes', async () => {
    const { stack, base } = await begin();
    const plan = renamed(labPlan(), 'tumble-event_type', 'tumble-other');
    const before = (await readControl(stack.stores, stack.job.id)).control;
    await expect(stack.resume(base, { plan })).rejects.toMatchObject({
      code: 'STATE_INCOMPATIBLE',
      message: expect.stringMatching(/restored +events\.offsets.*\n +dropped +tumble-event_type\.acc\n +starts empty +tumble-other\.acc/),
      details: { dropped: [{ uid: 'tumble-event_type', state: 'acc' }], empty: [{ uid: 'tumble-other', state: 'acc' }], incompatible: [] },
    });
    expect((await readControl(stack.stores, stack.job.id)).control).toEqual(before);
  });

  test('another uid starts empty where that is allowed, offsets go on, and CTRL knows what was dropped', async () => {
    const { stack, base } = await begin();
    await stack.resume(base, { plan: renamed(labPlan(), 'tumble-event_type', 'tumble-other'), allowNonRestored: true });
    expect((await readControl(stack.stores, stack.job.id)).control.restored?.dropped).toEqual(['tumble-event_type.acc']);
    expect(await finishWindow(stack)).toEqual([[0, 'click', 1], [0, 'view', 1]]);
  });

  test('the same uid with another window is refused whatever is allowed', async () => {
    const { stack, base } = await begin();
    await expect(stack.resume(base, { plan: WIDER, allowNonRestored: true })).rejects.toMatchObject({
      code: 'STATE_INCOMPATIBLE',
      details: { incompatible: [{ uid: 'tumble-event_type', state: 'acc' }] },
    });
  });
});

test('an aggregate whose type does not widen is refused whatever is allowed, and the savepoint stays good', async () => {
  const { stack, savepoint } = await stopped(aggregating(labPlan(), [EVERY, of('MIN', 1, TIMESTAMP3)]));
  const plan = aggregating(labPlan(), [EVERY, { ...of('MIN', 0, STRING), name: 'MIN($1)' }]);
  await expect(stack.resume(savepoint, { plan, allowNonRestored: true })).rejects.toMatchObject({
    code: 'STATE_INCOMPATIBLE',
    details: { incompatible: [{ uid: 'tumble-event_type', state: 'acc', reason: 'its MIN($1) was MIN TIMESTAMP(3), and would be MIN STRING' }] },
  });
  await stack.resume(savepoint);
  await finishWindow(stack);
  expect(valuesOf(stack, 1)).toEqual([['click', 2], ['view', 2]]);
});

test('a fork is a job of its own with the state of its parent', async () => {
  const { stack, savepoint } = await stopped();
  const parent = stack.job;
  const id = await requestCreate(stack.workshop, labPlan(), { savepoint, allowNonRestored: false });
  await runOperation(stack.workshop, id);
  await stack.reopen(id);
  expect((await readControl(stack.stores, id)).control).toMatchObject({ gen: parent.g + 1, lineage: [parent.id] });
  expect(await finishWindow(stack)).toEqual([[0, 'click', 2], [0, 'view', 2]]);
});

test('a new source starts where its startup mode says, a new partition of a known one at its beginning', async () => {
  const { stack, savepoint } = await stopped();
  stack.stores.source.addPartitions('events', 1);
  stack.produce([['click', 15], ['end', 90]], 1);
  stack.stores.source.recreate('others', 1);
  stack.stores.source.produce('others', [labRecord('old', 1)]);
  const plan = changeNodes(twoPipelines('first, second'), (node) => {
    const startup = { kind: 'latest-offset' } as const;
    return node.kind === 'source' ? { ...node, startup } : node;
  });
  await stack.resume(savepoint, { plan, allowNonRestored: true });
  const firer = stack.firer();
  await firer.load();
  expect(firer.replica?.position.cut).toMatchObject({ '0.0.0': { next: 2 }, '0.0.1': { next: 0 }, '1.0.0': { next: 1 } });
});

/** The lab's pipeline twice, the second one over another topic. */
function twoPipelines(order: 'first, second' | 'second, first'): Plan {
  const first = labPlan();
  const suffixed = (node: PlanNode): PlanNode => {
    const named = { ...node, uid: uid(`${node.uid}-2`) };
    return 'input' in named ? { ...named, input: uid(`${named.input}-2`) } : named;
  };
  const second = changeNodes(labPlan({ topic: 'others' }), suffixed);
  return { ...first, nodes: order === 'first, second' ? [...first.nodes, ...second.nodes] : [...second.nodes, ...first.nodes] };
}

test('sources are matched by uid, not by their place in the plan (F5)', async () => {
  const stack = await Stack.create({ plan: twoPipelines('first, second') });
  stack.stores.source.produce('events', [labRecord('click', 10)]);
  stack.stores.source.produce('others', [labRecord('view', 500), labRecord('view', 501)]);
  const deliver = async (source: number, topic: string, from: number): Promise<void> => {
    const batch = await stack.stores.source.fetch(topic, 0, offset(from), 1e9);
    if (batch !== null) await stack.writer().commit(partitionId(source, 0, 0), batch);
  };
  await deliver(0, 'events', 0);
  await deliver(1, 'others', 0);
  const before = stack.firer();
  await before.step();
  const state = stateOf(before);
  await stack.resume(await stack.stop(), { plan: twoPipelines('second, first') });
  const after = stack.firer();
  await after.load();
  expect(stateOf(after).sort()).toEqual(state);
  expect(after.replica?.position.watermarks).toEqual([...(before.replica?.position.watermarks ?? [])].reverse());
  expect(after.replica?.position.cut).toMatchObject({ '0.0.0': { next: 2 }, '1.0.0': { next: 1 } });
});

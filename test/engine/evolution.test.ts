/**
 * Resuming with another plan (protocol 14.5, V1-V4): state follows its uid, whatever else has changed; what finds no place is listed before
 * anything happens.
 */
import { describe, expect, test } from 'vitest';
import { offset, partitionId, uid } from '../../lib/core/numbers.ts';
import type { Plan, PlanNode } from '../../lib/core/plan.ts';
import { BIGINT, STRING } from '../../lib/core/types.ts';
import { readControl } from '../../lib/engine/lifecycle/job-control.ts';
import { requestCreate } from '../../lib/engine/lifecycle/start.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import { labPlan, labRecord } from './lab-plan.ts';
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

/** A stopped job with an open window of one click and one view. */
async function stopped(): Promise<{ stack: Stack; savepoint: string }> {
  const stack = await Stack.create();
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
  const begin = async (): Promise<{ stack: Stack; base: string | null }> => {
    const { stack, savepoint } = await stopped();
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

test('another aggregate in the same state is refused', async () => {
  const { stack, savepoint } = await stopped();
  const plan = changeNodes(labPlan(), (node) =>
    node.kind === 'window-aggregate'
      ? { ...node, aggregates: [...node.aggregates, { name: 'types', fn: 'COUNT', argument: 0, argumentType: STRING, type: BIGINT }] }
      : node,
  );
  await expect(stack.resume(savepoint, { plan, allowNonRestored: true })).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE' });
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

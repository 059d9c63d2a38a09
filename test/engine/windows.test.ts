/** Windows of all kinds through the logs: what a cold firer loads, what late rows do, what several sources allow (protocol §6, F5). */
import { describe, expect, test } from 'vitest';
import { offset, partitionId, uid } from '../../lib/core/numbers.ts';
import type { Plan, PlanNode, WindowSpec } from '../../lib/core/plan.ts';
import { CHECKPOINTED, planOf, recordOf, resultsOf, type CaseRow } from '../conformance/operator-cases.ts';
import { Stack, stateOf } from './stack.ts';

async function feed(stack: Stack, rows: readonly CaseRow[], topic = 'events', source = 0): Promise<void> {
  const p = partitionId(source, 0, 0);
  const writer = stack.writer();
  const next = (await writer.nextOffset(p)) ?? offset(0);
  stack.stores.source.produce(topic, rows.map(recordOf), 0);
  const batch = await stack.stores.source.fetch(topic, 0, next, 1e9);
  if (batch === null) throw new Error('the records are there');
  await writer.commit(p, batch);
}

const SECOND = 1000;
const HOP: WindowSpec = { kind: 'hop', sizeMs: 10 * SECOND, slideMs: 5 * SECOND, offsetMs: 0 };
const SESSION: WindowSpec = { kind: 'session', gapMs: 5 * SECOND };

describe.each<[string, WindowSpec]>([
  ['HOP', HOP],
  ['CUMULATE', { kind: 'cumulate', sizeMs: 15 * SECOND, stepMs: 5 * SECOND, offsetMs: 0 }],
  ['SESSION', SESSION],
])('%s', (_, window) => {
  test('a checkpoint holds exactly the state: cold firers agree before and behind it, and behind a resume', async () => {
    const stack = await Stack.create({ plan: planOf({ window }, 'on-periodic'), settings: CHECKPOINTED });
    const firer = stack.firer();
    const times = [1, 3, 9, 11, 4, 17, 30, 26, 33];
    for (const [i, t] of times.entries()) {
      await feed(stack, [[i % 2 === 0 ? 'even' : null, t * SECOND, i]]);
      await firer.step();
      const cold = stack.firer();
      await cold.load();
      expect(stateOf(cold)).toEqual(stateOf(firer));
    }
    expect((await stack.kinds()).filter((kind) => kind === 'CHECKPOINT').length).toBeGreaterThan(2);
    const before = stateOf(firer);
    await stack.resume(await stack.stop());
    const resumed = stack.firer();
    await resumed.load();
    expect(stateOf(resumed)).toEqual(before);
  });
});

test('a session that has ended leaves the state and its chunk', async () => {
  const stack = await Stack.start({ plan: planOf({ window: SESSION }, 'on-periodic'), settings: CHECKPOINTED });
  const firer = stack.firer();
  await feed(stack, [['a', 0, 1]]);
  await firer.step();
  await feed(stack, [['b', 9 * SECOND, 1]]);
  await firer.step();
  expect(resultsOf(stack)).toEqual([['a', 0, 5000, 1, 1]]);
  const checkpoint = (await stack.coordinator()).flatMap((e) => (e.kind === 'CHECKPOINT' ? [e] : [])).at(-1);
  expect(checkpoint?.chunks.map((chunk) => chunk.panes)).toEqual([1]);
  expect(checkpoint?.chunks.every((chunk) => chunk.key.startsWith('session#'))).toBe(true);
});

test('a row that is late alone is dropped, though the next one of its batch would have met it (13.2)', async () => {
  const stack = await Stack.start({ plan: planOf({ window: SESSION }, 'on-periodic'), settings: CHECKPOINTED });
  const firer = stack.firer();
  for (const rows of [[['a', 0, 1]], [['b', 20 * SECOND, 1]]] as const) {
    await feed(stack, rows);
    await firer.step();
  }
  const late = (firer.replica?.position.watermarks[0] ?? Number.NaN) - 5 * SECOND + 1;
  await feed(stack, [['c', late, 1], ['c', late + 2 * SECOND, 1]]);
  await feed(stack, [['b', 60 * SECOND, 1]]);
  await firer.step();
  expect(resultsOf(stack)).toContainEqual(['c', late + 2 * SECOND, late + 7 * SECOND, 1, 1]);
});

describe('allowed lateness', () => {
  const plan = planOf({ window: { kind: 'tumble', sizeMs: 10 * SECOND, offsetMs: 0 }, latenessMs: 20 * SECOND }, 'on-periodic');

  async function fired(): Promise<Stack> {
    const stack = await Stack.start({ plan, settings: CHECKPOINTED });
    await feed(stack, [['a', 1 * SECOND, 1], ['b', 2 * SECOND, 2]]);
    await feed(stack, [['end', 10 * SECOND, 0]]);
    await stack.firer().step();
    expect(resultsOf(stack)).toEqual([['a', 0, 10_000, 1, 1], ['b', 0, 10_000, 1, 2]]);
    return stack;
  }

  test('late rows of a FIRE leave as one updated row per key, and only for keys that changed', async () => {
    const stack = await fired();
    await feed(stack, [['a', 3 * SECOND, 5]]);
    await feed(stack, [['a', 4 * SECOND, 7]]);
    await stack.firer().step();
    expect(resultsOf(stack).slice(2)).toEqual([['a', 0, 10_000, 3, 13]]);
    expect(await stack.firer().step()).toEqual({ kind: 'idle' });
  });

  test('a key that was not in the window yet gets its first row', async () => {
    const stack = await fired();
    await feed(stack, [['c', 3 * SECOND, 5]]);
    await stack.firer().step();
    expect(resultsOf(stack).slice(2)).toEqual([['c', 0, 10_000, 1, 5]]);
  });

  test('behind the lateness a row is dropped and counted, and the window has left the state', async () => {
    const stack = await fired();
    await feed(stack, [['end', 30 * SECOND, 0]]);
    const firer = stack.firer();
    await firer.step();
    await feed(stack, [['a', 3 * SECOND, 5]]);
    await firer.step();
    expect(firer.replica?.position.late).toEqual({ windows: 1 });
    expect(stateOf(firer)).toEqual(['windows|20000|end|1', 'windows|40000|end|1']);
  });

  test('a result that stays what it is gives no row', async () => {
    const stack = await Stack.start({ plan: withoutCount(plan), settings: CHECKPOINTED });
    await feed(stack, [['a', 1 * SECOND, 1]]);
    await feed(stack, [['end', 10 * SECOND, 0]]);
    await stack.firer().step();
    await feed(stack, [['a', 2 * SECOND, null]]);
    await stack.firer().step();
    expect(stack.stores.sinks.rows('c.d.out')).toHaveLength(1);
  });

  test('sessions refuse it', async () => {
    const create = Stack.create({ plan: planOf({ window: { kind: 'session', gapMs: 5 }, latenessMs: 1 }, 'on-event') });
    await expect(create).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });
});

/** The plan without its COUNT(*). */
function withoutCount(plan: Plan): Plan {
  const keep = <T>(items: readonly T[]): T[] => items.filter((_, i) => i !== 1);
  return {
    ...plan,
    nodes: plan.nodes.map((node): PlanNode => {
      if (node.kind === 'calc') return { ...node, project: keep(node.project), columns: keep(node.columns) };
      return node.kind === 'sink' ? { ...node, columns: keep(node.columns) } : node;
    }),
  };
}

describe('two sources below one window (F5)', () => {
  /** UNION ALL of two topics. */
  function unionPlan(idleTimeoutMs = 0): Plan {
    const plan = planOf({ window: { kind: 'tumble', sizeMs: 10 * SECOND, offsetMs: 0 } }, 'on-periodic');
    const [source, ...below] = plan.nodes;
    if (source?.kind !== 'source') throw new Error('the plan begins with its source');
    const others: PlanNode = { ...source, uid: uid('others'), topics: ['others'], idleTimeoutMs };
    const union: PlanNode = { kind: 'union', uid: uid('both'), inputs: [uid('events'), uid('others')], columns: source.columns };
    return { ...plan, nodes: [source, others, union, ...below.map((node) => ('input' in node && node.input === 'events' ? { ...node, input: uid('both') } : node))] };
  }

  test('fires at the lower of the two watermarks', async () => {
    const stack = await Stack.start({ plan: unionPlan(), settings: CHECKPOINTED });
    const firer = stack.firer();
    await feed(stack, [['a', 1 * SECOND, 1], ['a', 25 * SECOND, 1]]);
    await firer.step();
    expect(resultsOf(stack)).toEqual([]);
    await feed(stack, [['a', 2 * SECOND, 2], ['a', 12 * SECOND, 2]], 'others', 1);
    await firer.step();
    expect(resultsOf(stack)).toEqual([['a', 0, 10_000, 2, 3]]);
    expect(firer.replica?.position).toMatchObject({ watermarks: [25_000, 12_000], operatorWatermarks: { windows: 12_000 } });
  });

  test('an idle source does not hold the other one up, and the watermark does not go back when it is active again', async () => {
    const stack = await Stack.start({ plan: unionPlan(1000), settings: CHECKPOINTED });
    const firer = stack.firer();
    await feed(stack, [['a', 1 * SECOND, 1]], 'others', 1);
    await firer.step();
    stack.runtime.advance(2000);
    await feed(stack, [['a', 2 * SECOND, 2], ['a', 25 * SECOND, 1]]);
    await firer.step();
    expect(resultsOf(stack)).toEqual([['a', 0, 10_000, 2, 3]]);
    await feed(stack, [['a', 3 * SECOND, 4]], 'others', 1);
    await firer.step();
    expect(firer.replica?.position).toMatchObject({ operatorWatermarks: { windows: 25_000 }, late: { windows: 1 } });
    const cold = stack.firer();
    await cold.load();
    expect(cold.replica?.position).toEqual(firer.replica?.position);
  });

  test('nor across a stop and a resume in between (row 55)', async () => {
    const stack = await Stack.create({ plan: unionPlan(1000), settings: CHECKPOINTED });
    await feed(stack, [['a', 1 * SECOND, 1]], 'others', 1);
    await stack.firer().step();
    stack.runtime.advance(2000);
    await feed(stack, [['a', 25 * SECOND, 2]]);
    await stack.firer().step();
    await stack.resume(await stack.stop());
    await feed(stack, [['a', 3 * SECOND, 4]], 'others', 1);
    const firer = stack.firer();
    await firer.step();
    expect(firer.replica?.position).toMatchObject({ watermarks: [25_000, 3000], operatorWatermarks: { windows: 25_000 }, late: { windows: 1 } });
  });

  test('both are back behind a resume, each with its own watermark and that of the operator', async () => {
    const stack = await Stack.create({ plan: unionPlan(), settings: CHECKPOINTED });
    await feed(stack, [['a', 25 * SECOND, 1]]);
    await feed(stack, [['a', 12 * SECOND, 2]], 'others', 1);
    await stack.firer().step();
    await stack.resume(await stack.stop());
    const firer = stack.firer();
    await firer.load();
    expect(firer.replica?.position).toMatchObject({ watermarks: [25_000, 12_000], operatorWatermarks: { windows: 12_000 } });
  });
});

test('a FIRE of many overlapping windows is bounded, and what remains follows on the same cut (F13)', async () => {
  const stack = await Stack.start({ plan: planOf({ window: HOP }, 'on-periodic'), settings: { ...CHECKPOINTED, fireMaxRows: 2 } });
  await feed(stack, [['a', 1 * SECOND, 1], ['b', 7 * SECOND, 2], ['end', 60 * SECOND, 0]]);
  const firer = stack.firer();
  for (let i = 0; i < 10; i++) await firer.step();
  expect(resultsOf(stack)).toEqual([
    ['a', -5000, 5000, 1, 1],
    ['a', 0, 10_000, 1, 1],
    ['b', 0, 10_000, 1, 2],
    ['b', 5000, 15_000, 1, 2],
  ]);
  const fires = (await stack.coordinator()).flatMap((e) => (e.kind === 'FIRE' ? [e.position.watermarks[0]] : []));
  expect(fires).toEqual([9999, 60_000]);
});

/** Two operators over one source, with a sink each. */
function twoOperators(first: WindowSpec, second: WindowSpec): Plan {
  const plan = planOf({ window: first }, 'on-periodic');
  const others = planOf({ window: second }, 'on-periodic').nodes.flatMap((node): PlanNode[] => {
    if (node.kind === 'source' || node.kind === 'union' || node.kind === 'values' || node.kind === 'failed-records') return [];
    return [{ ...node, uid: uid(`other-${node.uid}`), input: node.input === 'events' ? node.input : uid(`other-${node.input}`) }];
  });
  return { ...plan, nodes: [...plan.nodes, ...others] };
}

describe('two operators of one job', () => {
  const tumble: WindowSpec = { kind: 'tumble', sizeMs: 10 * SECOND, offsetMs: 0 };

  test.each<[string, WindowSpec]>([
    ['a chunk that they share is written again when the windows of one have fired', { kind: 'hop', sizeMs: 30 * SECOND, slideMs: 10 * SECOND, offsetMs: 0 }],
    ['sessions lie in no slice of the other one', SESSION],
  ])('%s', async (_, second) => {
    const stack = await Stack.start({ plan: twoOperators(tumble, second), settings: CHECKPOINTED });
    await feed(stack, [['a', 1 * SECOND, 1]]);
    await stack.firer().step();
    await feed(stack, [['b', 12 * SECOND, 2]]);
    const firer = stack.firer();
    await firer.step();
    const cold = stack.firer();
    await cold.load();
    expect(stateOf(cold)).toEqual(stateOf(firer));
  });
});

describe('two pipelines in one job', () => {
  /** The plan twice, the second one over topic `others` into sink `out-2`. */
  function twice(window: WindowSpec): Plan {
    const plan = planOf({ window }, 'on-periodic');
    const second = plan.nodes.map((node): PlanNode => {
      const named = { ...node, uid: uid(`${node.uid}-2`) };
      if (named.kind === 'source') return { ...named, topics: ['others'] };
      return 'input' in named ? { ...named, input: uid(`${named.input}-2`) } : named;
    });
    return { ...plan, nodes: [...plan.nodes, ...second] };
  }

  test('a bound on the FIREs of one does not take the watermark of the other back (F13)', async () => {
    const stack = await Stack.start({ plan: twice(HOP), settings: { ...CHECKPOINTED, fireMaxRows: 2 } });
    const firer = stack.firer();
    await feed(stack, [['fast', 60 * SECOND, 1], ['fast', 99 * SECOND, 1]]);
    for (let i = 0; i < 5; i++) await firer.step();
    await feed(stack, [['slow', 1 * SECOND, 1], ['slow', 7 * SECOND, 1], ['slow', 13 * SECOND, 1], ['slow', 40 * SECOND, 1]], 'others', 1);
    for (let i = 0; i < 9; i++) await firer.step();
    const watermarks = (await stack.coordinator()).flatMap((e) => (e.kind === 'FIRE' ? [e.position.watermarks] : []));
    expect(watermarks.length).toBeGreaterThan(3);
    for (const [i, [fast = 0, slow = 0]] of watermarks.entries()) {
      const [fastBefore = fast, slowBefore = slow] = watermarks[i - 1] ?? [];
      expect(fast >= fastBefore && slow >= slowBefore).toBe(true);
    }
    expect(watermarks.at(-1)).toEqual([99_000, 40_000]);
    expect(new Set(resultsOf(stack).map((result) => JSON.stringify(result))).size).toBe(resultsOf(stack).length);
  });
});

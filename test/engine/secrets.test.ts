/** Tokens and passwords in the options of tables: sinks get them, savepoints do not. */
import { expect, test } from 'vitest';
import { MemorySinks } from '../../lib/adapters/memory/sink.ts';
import type { Plan, SinkNode } from '../../lib/core/plan.ts';
import { requestCreate } from '../../lib/engine/lifecycle/start.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import type { Sinks } from '../../lib/ports/sink.ts';
import { LAYOUT } from '../adapters/kafka-model.ts';
import { labPlan } from './lab-plan.ts';
import { Stack } from './stack.ts';

const SECRETS = { token: 'sesame-1', credential: 'me:sesame-2', 'header.Authorization': 'sesame-3', 'properties.sasl.jaas.config': 'sesame-4', 'properties.ssl.key.password': 'sesame-5' };
const OPEN = { uri: 'https://catalog', 'properties.sasl.mechanism': 'PLAIN' };
const PROPERTIES = { 'sasl.jaas.config': 'sesame-6', 'sasl.mechanism': 'PLAIN' };

function secretPlan(): Plan {
  const lab = labPlan();
  const nodes = lab.nodes.map((node) => {
    if (node.kind === 'source') return { ...node, options: { ...OPEN, ...SECRETS }, properties: PROPERTIES };
    return node.kind === 'sink' ? { ...node, options: { ...OPEN, ...SECRETS }, records: { ...LAYOUT, properties: PROPERTIES } } : node;
  });
  return { ...lab, nodes };
}

/** Sinks in memory, and what they were opened with. */
function watchedSinks(): { sinks: Sinks; opened: SinkNode[] } {
  const stores = new MemorySinks();
  const opened: SinkNode[] = [];
  const open: Sinks['open'] = (job, node) => {
    opened.push(node);
    return stores.open(job, node);
  };
  return { sinks: { open }, opened };
}

test('a savepoint hides them; whoever resumes or forks from it opens the sinks with them, those of the parent, too', async () => {
  const { sinks, opened } = watchedSinks();
  const stack = await Stack.create({ plan: secretPlan(), sinks });
  const path = await stack.stop();
  const text = new TextDecoder().decode((await stack.ports.openDirectory(path).get('_metadata')) ?? undefined);
  expect(text).not.toContain('sesame');
  expect(text.match(/\*{6}/g)).toHaveLength(12);
  expect(text).toContain('https://catalog');
  const id = await requestCreate(stack.workshop, secretPlan(), { savepoint: path, allowNonRestored: false });
  expect(await runOperation(stack.workshop, id)).toMatchObject({ status: 'RUNNING' });
  await stack.resume(path);
  expect(opened.length).toBeGreaterThan(3);
  for (const { options, records } of opened) expect([options, records?.properties]).toEqual([{ ...OPEN, ...SECRETS }, PROPERTIES]);
});

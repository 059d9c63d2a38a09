/** What a topic must be for a job to be created on it: told from others of its name (W6), and with everything that the plan reads. */
import { expect, test } from 'vitest';
import type { Plan, SourceNode } from '../../lib/core/plan.ts';
import { requestCreate } from '../../lib/engine/lifecycle/start.ts';
import type { TopicInfo } from '../../lib/ports/source.ts';
import { labPlan } from './lab-plan.ts';
import { Stack } from './stack.ts';

/** As a broker before 2.8 tells of it. */
const withoutId = (info: TopicInfo | null): TopicInfo | null => (info === null ? null : { ...info, id: null });

async function create(stack: Stack, plan: Plan, topic: (info: TopicInfo | null) => TopicInfo | null = (info) => info): Promise<string> {
  const source = new Proxy(stack.stores.source, {
    get: (target, member) => {
      if (member === 'topic') return async (name: string) => topic(await target.topic(name));
      const value: unknown = Reflect.get(target, member, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return requestCreate({ ...stack.workshop, ports: { ...stack.stores, source } }, plan, { savepoint: null, allowNonRestored: false });
}

const jobs = async (stack: Stack): Promise<number> => (await stack.stores.control.list('JOBS', '', { after: '', limit: 10 })).length;

test('a topic without an id is refused, unless the job says that offsets are enough', async () => {
  const stack = new Stack();
  await expect(create(stack, labPlan(), withoutId)).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining('topic events has no id'),
    hint: expect.stringContaining("SET 'sluice.topic-identity' = 'offsets-only'"),
  });
  expect(await jobs(stack)).toBe(0);
  for (const value of ['offsets-only', 'OFFSETS_ONLY']) await create(stack, labPlan({ planOptions: { 'sluice.topic-identity': value } }), withoutId);
  expect(await jobs(stack)).toBe(2);
});

const reading = (change: Partial<SourceNode>): Plan => {
  const plan = labPlan();
  return { ...plan, nodes: plan.nodes.map((node) => (node.kind === 'source' ? { ...node, ...change } : node)) };
};

test.each([
  ['keys', { key: { format: { kind: 'raw', endianness: 'big-endian' }, columns: [{ column: 0, field: 'k' }] } }, 'reads keys or times'],
  ['times', { metadata: [{ column: 0, key: 'timestamp' }] }, 'reads keys or times'],
  ['a start by time', { startup: { kind: 'timestamp', epochMs: 1 } }, 'carry no time'],
  ['an end by time', { bounded: { kind: 'timestamp', epochMs: 1 } }, 'carry no time'],
] satisfies [string, Partial<SourceNode>, string][])('a job that reads %s of a topic of values only is refused', async (_, change, message) => {
  const stack = new Stack();
  await expect(create(stack, reading(change))).rejects.toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining(message), hint: expect.any(String) });
  expect(await jobs(stack)).toBe(0);
});

test('what the position in a topic tells is there for values, too', async () => {
  const stack = new Stack();
  await create(stack, reading({ metadata: [{ column: 0, key: 'offset' }] }));
  expect(await jobs(stack)).toBe(1);
});

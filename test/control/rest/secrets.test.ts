/** What only sinks and sources may know: no endpoint tells it. */
import { expect, test } from 'vitest';
import { answer } from '../../../lib/control/rest/answer.ts';
import { ROUTES } from '../../../lib/control/rest/routes.ts';
import { LAYOUT } from '../../adapters/kafka-model.ts';
import { labPlan } from '../../engine/lab-plan.ts';
import { HERE, inMemory, textOf } from './api.ts';

const SECRETS = { token: 'sesame-1', credential: 'me:sesame-2', 'header.Authorization': 'sesame-3', 'properties.sasl.jaas.config': 'sesame-4', 'properties.ssl.key.password': 'sesame-5' };
const PROPERTIES = { 'sasl.jaas.config': 'sesame-6' };

test('no answer to a GET holds a secret of the job', async () => {
  const lab = labPlan({ planOptions: { 'my.api-key': 'sesame-7', 'rest.basic-auth.credentials': 'sesame-8' } });
  const nodes = lab.nodes.map((node) => {
    if (node.kind === 'source') return { ...node, options: { ...node.options, ...SECRETS }, properties: PROPERTIES };
    return node.kind === 'sink' ? { ...node, options: { ...node.options, ...SECRETS }, records: { ...LAYOUT, properties: PROPERTIES } } : node;
  });
  const { api, stack } = await inMemory({ plan: { ...lab, nodes } });
  const looks = ROUTES.filter(({ method, produces }) => method === 'GET' && produces !== 'text/event-stream');
  const get = (target: string): ReturnType<typeof answer> => answer(api, { ...HERE, method: 'GET', target, body: new Uint8Array() });
  const { vertices }: { vertices: readonly { id: string }[] } = JSON.parse(textOf(await get(`/jobs/${stack.job.id}`)));
  const told: string[] = [];
  for (const { path } of looks) {
    const target = path.replace(':jobid', stack.job.id).replace(/:(checkpointid|token)/, '1').replace(':vertexid', vertices[0]?.id ?? '').replace(/:\w+/g, 'a'.repeat(32));
    const { status, content } = await get(target);
    const text = typeof content.body === 'string' ? content.body : '';
    if (status === 200 && text.includes(stack.job.id)) told.push(path);
    expect(text, path).not.toContain('sesame');
  }
  // Those that could have told it were really asked.
  expect(told.length).toBeGreaterThan(5);
});

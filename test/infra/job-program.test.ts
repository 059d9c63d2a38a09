/** Jobs of programs: bundled and built at synthesis, uploaded as assets, stored by the resource function. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { App, type Stack } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { statementsOf } from '../../lib/infra/findings.ts';
import { StreamJob, type StreamJobProps } from '../../lib/infra/index.ts';
import { fileOf, newPlatform, SQL, templateOf } from './kit.ts';

const programOf = (change: (program: string) => string = (program) => program): string =>
  fileOf(
    'totals.ts',
    change(`import { defineJob, kafka, table, valueState } from 'sluice/api';
console.log('a program may print while it is loaded');
export default defineJob('totals', (job) => {
  job
    .from('orders', kafka<{ country: string; amount: number }>({ topic: 'orders', servers: 'x' }))
    .keyBy(({ country }) => country)
    .process('total', {
      state: { total: valueState<number>({ initial: 0 }) },
      *onEvent({ amount }, { key, state }) {
        state.total.update(state.total.value() + amount);
        yield { country: key, total: state.total.value() };
      },
    })
    .to('out', table({ columns: { country: 'STRING', total: 'DOUBLE' }, with: { connector: 'print' } }));
});`),
  );

function deployed(props: Omit<StreamJobProps, 'platform'>): { readonly stack: Stack; readonly job: StreamJob; readonly properties: Record<string, unknown> } {
  const { stack, platform } = newPlatform();
  const job = new StreamJob(stack, 'Totals', { platform, ...props });
  return { stack, job, properties: Object.values(templateOf(stack).findResources('Custom::SluiceJob'))[0]?.['Properties'] ?? {} };
}

interface Assets {
  readonly files: Readonly<Record<string, { readonly source: { readonly path: string } }>>;
}

/** What goes up with the template: the name of the object, and its content. */
function uploadOf(stack: Stack): { readonly name: string; readonly bytes: Uint8Array } {
  const app = stack.node.root;
  if (!App.isApp(app)) throw new Error('the stack is in no app');
  const assets: Assets = JSON.parse(readFileSync(join(app.outdir, 'Test.assets.json'), 'utf8'));
  const [name = '', file] = Object.entries(assets.files).find(([, { source }]) => source.path.endsWith('.mjs')) ?? [];
  return { name: `${name}.mjs`, bytes: readFileSync(join(app.outdir, file?.source.path ?? '')) };
}

test('the template has the plan, which names the program, and where the deploy puts it', () => {
  const { stack, job, properties } = deployed({ entry: programOf(), batchSize: 100 });
  const plan: Plan = JSON.parse(String(properties['plan']));
  expect(plan).toMatchObject({ name: 'totals', options: { 'sluice.batch-size': '100' } });
  expect(job.plan).toEqual(plan);
  const { name, bytes } = uploadOf(stack);
  expect(nodeCodec.sha256(bytes)).toBe(plan.program);
  expect(JSON.stringify(properties['program'])).toContain(`/${name}`);
});

test('the resource function may read this one object, and store programs', () => {
  const { stack } = deployed({ entry: programOf() });
  const policies = Object.entries(templateOf(stack).findResources('AWS::IAM::Policy')).filter(([id]) => id.includes('JobResource'));
  const statements = policies.flatMap(([, { Properties }]) => statementsOf(Properties.PolicyDocument));
  const objects = statements.filter(({ actions }) => actions.includes('s3:GetObject')).flatMap(({ resources }) => resources);
  expect(objects).toEqual([expect.stringMatching(/\/platform\/programs\/\*$/), expect.stringMatching(new RegExp(`/${uploadOf(stack).name}$`))]);
});

test('the name of the props is louder than that of the program', () => {
  expect(deployed({ entry: programOf(), name: 'sums' }).job.plan.name).toBe('sums');
});

test('what a program had better say is a warning of the construct', () => {
  const { stack } = deployed({ entry: programOf((program) => program.replace("'total', {", '{')) });
  expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('it has no uid of its own'))).toHaveLength(1);
});

test.each([
  ['a mistake in the program', (program: string) => program.replace('defineJob(', 'defineJob(('), 'JOB_DEFINITION', /totals\.ts:15:\d+: /],
  ['a source that functions cannot read', (program: string) => program.replaceAll("kafka<", 'files<').replace('kafka', 'files').replace("topic: 'orders', servers: 'x'", "path: '/tmp/orders'"), 'OPTION_INVALID', /nothing delivers its rows to functions/],
  ['a relative path', (program: string) => program.replace("connector: 'print'", "connector: 'filesystem', path: 'out', format: 'json'"), 'OPTION_INVALID', /the path 'out' is relative/],
])('%s is refused at synthesis', (_, change, code, message) => {
  expect(() => deployed({ entry: programOf(change) })).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
});

test('a job is SQL or a program', () => {
  expect(() => deployed({ entry: programOf(), sql: { text: SQL } })).toThrow(/sql and entry/);
  expect(() => deployed({})).toThrow(/neither sql nor entry/);
});

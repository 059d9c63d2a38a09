/** The stack of bin/app.ts, from the command line. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Match } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { bundle } from '../../functions/bundle.ts';
import { SluiceStack } from '../../lib/infra/index.ts';
import { temporaryDirectory } from '../adapters/temporary.ts';
import { BUNDLES, fileOf, MSK_ARN, newApp, SQL, templateOf } from './kit.ts';

const ROOT = join(import.meta.dirname, '../..');
const KAFKA = { 'sluice:kafka': '127.0.0.1:9092', 'sluice:event-sources-endpoint': 'http://127.0.0.1:9500' };

const stackOf = (context: Record<string, string>): SluiceStack => new SluiceStack(newApp(context), 'Sluice', { bundles: BUNDLES });

test('every file is a job, with its id among the outputs', () => {
  const jobs = [fileOf('orders-per-country.sql', SQL), fileOf('late.sql', SQL.replace(/^SET.*\n/, ''))];
  const stack = stackOf({ ...KAFKA, 'sluice:jobs': jobs.join(', ') });
  const template = templateOf(stack);
  template.resourceCountIs('Custom::SluiceJob', 2);
  expect(Object.keys(template.findOutputs('*'))).toEqual(expect.arrayContaining(['JobOrdersPerCountryId', 'JobLateId']));
  expect(stack.jobs.map(({ plan }) => plan.name)).toEqual(['orders per country', 'late']);
});

test('what an emulator does not know is left out, and nothing else can be', () => {
  const all = templateOf(stackOf(KAFKA)).toJSON().Resources;
  const less = templateOf(stackOf({ ...KAFKA, 'sluice:leave-out': 'AWS::CloudWatch::Alarm,AWS::CloudWatch::CompositeAlarm,AWS::CloudWatch::Dashboard' })).toJSON().Resources;
  const gone = Object.keys(all).filter((id) => !(id in less));
  expect(new Set(gone.map((id) => all[id].Type))).toEqual(new Set(['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm', 'AWS::CloudWatch::Dashboard']));
  expect(JSON.stringify(less)).not.toContain('AWS::CloudWatch');
  expect(() => stackOf({ ...KAFKA, 'sluice:leave-out': 'AWS::DynamoDB::Table' })).toThrow(/this type cannot be left out\n {2}got: {5}AWS::DynamoDB::Table/);
});

test('other buckets of savepoints can be read and written', () => {
  const template = templateOf(stackOf({ ...KAFKA, 'sluice:savepoint-buckets': 'old-platform' }));
  expect(JSON.stringify(template.findResources('AWS::IAM::Policy')).match(/:s3:::old-platform\/\*/g)).toHaveLength(2);
});

test('the command line can name an MSK cluster with its network', () => {
  const msk = { 'sluice:kafka': 'b-1.orders:9098', 'sluice:kafka-cluster': MSK_ARN };
  const network = { 'sluice:vpc': 'vpc-0123456789abcdef0', 'sluice:subnets': 'subnet-0123456789abcdef0', 'sluice:security-groups': 'sg-0123456789abcdef0' };
  const template = templateOf(stackOf({ ...msk, ...network }));
  template.resourcePropertiesCountIs('AWS::Lambda::Function', { VpcConfig: { SubnetIds: ['subnet-0123456789abcdef0'], SecurityGroupIds: ['sg-0123456789abcdef0'] } }, 3);
  template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: Match.objectLike({ SLUICE_KAFKA_CLUSTER: MSK_ARN, SLUICE_KAFKA_AUTHENTICATION: 'iam' }) } });
  expect(() => stackOf(msk)).toThrow(/event source mappings cannot reach the brokers/);
  expect(() => stackOf({ ...msk, 'sluice:vpc': 'vpc-0123456789abcdef0' })).toThrow(/a network is a VPC with subnets and security groups/);
  expect(() => stackOf({ ...KAFKA, 'sluice:kafka-authentication': 'plain' })).toThrow(/the secret with user name and password is missing/);
  expect(() => stackOf({ ...KAFKA, 'sluice:kafka-authentication': 'kerberos' })).toThrow(/there is no such authentication\n {2}got: {5}kerberos/);
});

test('what the command line lacks is said', () => {
  expect(() => stackOf({})).toThrow(/no brokers are named/);
  expect(() => stackOf({ 'sluice:kafka': 'localhost' })).toThrow(/bootstrapServers is no list of brokers/);
  const file = fileOf('orders.sql', SQL);
  expect(() => stackOf({ ...KAFKA, 'sluice:jobs': `${file},${file}` })).toThrow(/two jobs have one name/);
});

const run = promisify(execFile);

async function app(context: Record<string, string>): Promise<{ readonly outdir: string; readonly stderr: string; readonly code: number }> {
  const outdir = temporaryDirectory();
  const cdk: { context: Record<string, unknown> } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  // Neither credentials nor a region.
  const env = { PATH: process.env['PATH'] ?? '', CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify({ ...cdk.context, ...context }) };
  const done = await run(process.execPath, ['bin/app.ts'], { cwd: ROOT, env }).then(({ stderr }) => ({ stderr, code: 0 }), ({ stderr, code }) => ({ stderr: String(stderr), code: Number(code) }));
  return { outdir, ...done };
}

test('the app of cdk.json is synthesised from a checkout without credentials', { timeout: 120_000 }, async () => {
  const { outdir, stderr, code } = await app({ ...KAFKA, 'sluice:jobs': fileOf('orders.sql', SQL) });
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  const assets = readdirSync(outdir).filter((name) => name.startsWith('asset.'));
  expect(assets).toHaveLength(4);
  for (const asset of assets) expect(readdirSync(join(outdir, asset))).toContain('index.mjs');
});

test('a mistake is said without a stack trace', async () => {
  const { stderr, code } = await app({});
  expect(stderr).toBe(`[ERROR] OPTION_INVALID: sluice:kafka: no brokers are named
  got:     nothing
  allowed: HOST:PORT, several with commas
hint: name them: cdk deploy -c sluice:kafka=HOST:PORT
`);
  expect(code).toBe(1);
});

test('the same sources make the same bundle, so that a deploy without a change changes nothing', async () => {
  const [one, two] = [join(temporaryDirectory(), 'resource'), join(temporaryDirectory(), 'resource')];
  await bundle('resource', one);
  await bundle('resource', two);
  const files = (dir: string): string[][] => readdirSync(dir).toSorted().map((name) => [name, readFileSync(join(dir, name), 'utf8')]);
  expect(files(one)).toEqual(files(two));
});

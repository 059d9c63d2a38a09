/** What a platform consists of. */
import { readFileSync } from 'node:fs';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { SHAPES } from '../../lib/infra/platform-function.ts';
import { SHAPES as LOCAL_SHAPES } from '../../lib/local/function-runner/hosts.ts';
import { stateMachine } from '../../lib/workflows/definitions.ts';
import { VERSION } from '../../lib/core/version.ts';
import { VARIABLES } from '../../lib/workflows/environment.ts';
import { OUTPUTS, WORKFLOWS, workflowOutput } from '../../lib/workflows/messages.ts';
import { flat } from '../../lib/infra/findings.ts';
import { KINDS, newApp, newPlatform, platformIn, templateOf } from './kit.ts';

/** Reading a template is slow: CDK checks it against CloudFormation's rules. */
const STANDARD = templateOf(newPlatform().stack);
const KNOWN: readonly string[] = Object.values(VARIABLES);

const environments = (template: Template): Record<string, Record<string, unknown>> =>
  Object.fromEntries(Object.entries(template.findResources('AWS::Lambda::Function')).map(([id, { Properties }]) => [/^Platform(\w+?)Function/.exec(id)?.[1] ?? id, Properties.Environment?.Variables ?? {}]));

test('the table is what the protocol needs, and outlives the stack', () => {
  STANDARD.hasResource('AWS::DynamoDB::Table', {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    },
  });
});

test('objects of the protocol expire after 30 days, savepoints never', () => {
  const [bucket] = Object.values(STANDARD.findResources('AWS::S3::Bucket'));
  expect(bucket?.['DeletionPolicy']).toBe('Retain');
  const rules: { Prefix: string; ExpirationInDays?: number }[] = bucket?.['Properties'].LifecycleConfiguration.Rules;
  expect(rules.flatMap(({ Prefix, ExpirationInDays }) => (ExpirationInDays === undefined ? [] : [[Prefix, ExpirationInDays]]))).toEqual([
    ['platform/spill/', 30],
    ['platform/res/', 30],
    ['platform/chunks/', 30],
  ]);
  expect(rules.every(({ Prefix }) => Prefix.startsWith('platform/'))).toBe(true);
});

test('the bucket takes encrypted connections only, and nobody from outside', () => {
  STANDARD.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })]) },
  });
  STANDARD.hasResourceProperties('AWS::S3::Bucket', {
    BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
    PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
  });
});

test('table and bucket go with the stack where the user says so', () => {
  templateOf(newPlatform({ removalPolicy: RemovalPolicy.DESTROY }).stack).hasResource('AWS::DynamoDB::Table', { DeletionPolicy: 'Delete' });
});

test('functions run on Node 24 and arm64, with logs that end', () => {
  STANDARD.resourcePropertiesCountIs('AWS::Lambda::Function', { Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler', LoggingConfig: Match.objectLike({ LogGroup: Match.anyValue() }) }, 4);
  STANDARD.resourcePropertiesCountIs('AWS::Logs::LogGroup', { RetentionInDays: 30 }, 5);
});

test('memory and time are those of a laptop', () => {
  for (const { bundle, memoryMb, timeoutMs } of Object.values(LOCAL_SHAPES)) {
    expect({ memoryMb: SHAPES[bundle].memorySize, timeoutMs: SHAPES[bundle].timeout.toMilliseconds() }).toEqual({ memoryMb, timeoutMs });
  }
});

test('old versions stay: an alias may hold them', () => {
  const versions = Object.values(STANDARD.findResources('AWS::Lambda::Version'));
  expect(versions.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(['RetainExceptOnCreate', 'RetainExceptOnCreate']);
});

test('asynchronous invocations of firer and workflow are not repeated', () => {
  STANDARD.resourcePropertiesCountIs('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 }, 2);
});

test.each(Object.entries(KINDS))('%s: environments hold variables that functions know, and no secret', (_, make) => {
  const { stack } = make();
  const variables = Object.values(environments(templateOf(stack))).flatMap((environment) => Object.entries(environment));
  expect(variables.map(([name]) => name).filter((name) => !KNOWN.includes(name))).toEqual([]);
  expect(JSON.stringify(variables)).not.toMatch(/resolve:secretsmanager|password/i);
});

test('the workflow function knows what it attaches generations with', () => {
  const { stack } = newPlatform({ batchSize: 5000, batchWindowSeconds: 2 });
  const { Workflow = {}, Writer = {}, Firer = {}, JobResource = {} } = environments(templateOf(stack));
  const text = Object.fromEntries(Object.entries(Workflow).map(([name, value]) => [name, flat(value)]));
  expect(text).toEqual({
    SLUICE_VERSION: VERSION,
    SLUICE_STORE: expect.stringMatching(/^dynamodb:\/\/<PlatformStorageTable\w+>$/),
    SLUICE_BLOBS: expect.stringMatching(/^s3:\/\/<PlatformStorageBucket\w+>\/platform$/),
    SLUICE_SAVEPOINTS: expect.stringMatching(/^s3:\/\/<PlatformStorageBucket\w+>\/savepoints$/),
    SLUICE_KAFKA: 'kafka.example:9092',
    SLUICE_WRITER: expect.stringMatching(/^<PlatformWriterFunction\w+>$/),
    SLUICE_FIRER: expect.stringMatching(/^<PlatformFirerFunction\w+>$/),
    SLUICE_WRITER_VERSION: expect.stringMatching(/^<PlatformWriterFunctionCurrentVersion\w+\.Version>$/),
    SLUICE_FIRER_VERSION: expect.stringMatching(/^<PlatformFirerFunctionCurrentVersion\w+\.Version>$/),
    SLUICE_SCHEDULE: expect.stringMatching(/^Test-Platform-[0-9A-F]+$/),
    SLUICE_TAKE_OVER_MS: '300000',
    SLUICE_EVENT_SOURCES_ENDPOINT: 'http://127.0.0.1:9500',
    SLUICE_BATCH_SIZE: '5000',
    SLUICE_BATCH_WINDOW_SECONDS: '2',
  });
  expect(Object.keys(Writer).toSorted()).toEqual(['SLUICE_BLOBS', 'SLUICE_FIRER', 'SLUICE_KAFKA', 'SLUICE_SAVEPOINTS', 'SLUICE_STORE']);
  expect(Object.keys(Firer).toSorted()).toEqual(['SLUICE_BLOBS', 'SLUICE_KAFKA', 'SLUICE_SAVEPOINTS', 'SLUICE_STORE']);
  expect(Object.keys(JSON.parse(flat(JobResource['SLUICE_STATE_MACHINES'])))).toEqual(['create', 'upgrade', 'teardown']);
});

test('the machines are the workflows, traced, and logged without their data', () => {
  const machines = Object.values(STANDARD.findResources('AWS::StepFunctions::StateMachine')).map(({ Properties }) => Properties);
  const definitions = machines.map(({ DefinitionString }) => JSON.parse(flat(DefinitionString)));
  const [workflow = ''] = /<PlatformWorkflowFunction\w+\.Arn>/.exec(JSON.stringify(definitions)) ?? [];
  expect(definitions).toEqual(expect.arrayContaining(WORKFLOWS.map((name) => stateMachine(name, workflow))));
  for (const { StateMachineType, TracingConfiguration, LoggingConfiguration } of machines) {
    expect({ StateMachineType, TracingConfiguration, LoggingConfiguration }).toMatchObject({ StateMachineType: 'STANDARD', TracingConfiguration: { Enabled: true }, LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false } });
  }
});

test('the tick starts enabled, by the name that the workflow function has', () => {
  const { Workflow = {} } = environments(STANDARD);
  STANDARD.hasResourceProperties('AWS::Events::Rule', {
    Name: Workflow['SLUICE_SCHEDULE'],
    State: 'ENABLED',
    ScheduleExpression: 'rate(1 minute)',
    Targets: [Match.objectLike({ Input: '{"action":"tick"}', RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } })],
  });
});

test('jobs end before anything goes that they need', () => {
  const [[, jobs] = []] = Object.entries(STANDARD.findResources('Custom::SluiceJobs'));
  expect(jobs?.['Properties']).toMatchObject({ kind: 'jobs', policy: 'savepoint' });
  const watching = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm', 'AWS::CloudWatch::Dashboard', 'Custom::SluiceJobs'];
  const needed = Object.entries(STANDARD.toJSON().Resources).flatMap(([id, resource]) => (typeof resource === 'object' && resource !== null && 'Type' in resource && !watching.includes(String(resource.Type)) ? [id] : []));
  expect([...(jobs?.['DependsOn'] ?? [])].toSorted()).toEqual(needed.toSorted());
});

test('outputs are those by which a platform is found', () => {
  const outputs = STANDARD.findOutputs('*');
  expect(Object.keys(outputs).toSorted()).toEqual([...Object.values(OUTPUTS), ...WORKFLOWS.map(workflowOutput)].toSorted());
});

test('every alarm names a section of the runbook that there is', () => {
  const runbook = readFileSync(new URL('../../lib/infra/README.md', import.meta.url), 'utf8');
  const sections = [...runbook.matchAll(/^#+ (\w+)$/gm)].map(([, title = '']) => title.toLowerCase());
  const alarms = Object.values(STANDARD.findResources('AWS::CloudWatch::Alarm'));
  expect(alarms.length).toBe(23);
  for (const { Properties } of alarms) expect(sections).toContain(String(Properties.AlarmDescription).split('#')[1]);
});

test('an idle account can do without alarms and dashboard', () => {
  const template = templateOf(newPlatform({ monitoring: false }).stack);
  template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
  template.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
});

test('no resource has a name but the rule and the composite alarm, so that two platforms fit into one account', () => {
  const resources = Object.values(STANDARD.toJSON().Resources);
  const names = resources.flatMap((resource) => Object.entries(Object(resource).Properties ?? {}).filter(([key]) => /^(TableName|BucketName|FunctionName|RoleName|StateMachineName|Name|AlarmName|DashboardName|LogGroupName)$/.test(key)));
  expect(names.filter(([, value]) => typeof value === 'string').map(([, value]) => value)).toEqual([expect.stringMatching(/^Test-Platform-/), expect.stringMatching(/^TestPlatformMonitoringAlarm/)]);
});

test('two platforms of one app are two stacks', () => {
  const app = newApp();
  const [one, two] = [new Stack(app, 'One'), new Stack(app, 'Two')];
  platformIn(one);
  platformIn(two);
  expect(Object.keys(templateOf(one).findOutputs('*'))).toEqual(Object.keys(templateOf(two).findOutputs('*')));
  expect(() => platformIn(one)).toThrow(/already a Construct/);
});

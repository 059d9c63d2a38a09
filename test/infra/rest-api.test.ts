/** The REST API at a URL: off unless asked for, and who may call it. */
import { expect, test } from 'vitest';
import { statementsOf } from '../../lib/infra/findings.ts';
import { newApp, newPlatform, templateOf } from './kit.ts';
import { SluiceStack } from '../../lib/infra/index.ts';

const withRest = (auth: 'iam' | 'token'): ReturnType<typeof templateOf> => templateOf(newPlatform({ rest: { auth } }).stack);
const WITH_TOKEN = withRest('token');

test('IAM lets in whom it allows to call the URL', () => {
  const template = withRest('iam');
  template.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'AWS_IAM', InvokeMode: 'BUFFERED' });
  expect([Object.keys(template.findOutputs('Rest')), template.findOutputs('RestToken')]).toEqual([['Rest'], {}]);
  expect(template.findResources('AWS::SecretsManager::Secret')).toEqual({});
});

test('whoever sends the token, which is made at the deployment and is in no output', () => {
  WITH_TOKEN.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'NONE', InvokeMode: 'BUFFERED' });
  WITH_TOKEN.hasResourceProperties('AWS::SecretsManager::Secret', { GenerateSecretString: { PasswordLength: 48, ExcludePunctuation: true } });
  expect(Object.entries(WITH_TOKEN.findOutputs('RestToken')).map(([, { Value }]) => Object.keys(Value))).toEqual([['Ref']]);
});

test('a flood at an open URL takes no concurrency from jobs; IAM lets none come so far', () => {
  const reserved = (template: typeof WITH_TOKEN): unknown[] =>
    Object.entries(template.findResources('AWS::Lambda::Function')).flatMap(([id, { Properties }]) => (Properties.ReservedConcurrentExecutions === undefined ? [] : [[id.startsWith('PlatformRestFunction'), Properties.ReservedConcurrentExecutions]]));
  expect([reserved(WITH_TOKEN), reserved(withRest('iam'))]).toEqual([[[true, 20]], []]);
});

test('the function reads jobs and savepoints and starts executions; it writes nothing, and is in no VPC', () => {
  const statements = Object.entries(WITH_TOKEN.findResources('AWS::IAM::Policy')).flatMap(([id, { Properties }]) => (id.startsWith('PlatformRestFunction') ? statementsOf(Properties.PolicyDocument) : []));
  expect([...new Set(statements.flatMap(({ actions }) => actions))].toSorted()).toEqual([
    'dynamodb:GetItem',
    'dynamodb:Query',
    'lambda:InvokeFunction',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    's3:GetObject',
    's3:ListBucket',
    'secretsmanager:DescribeSecret',
    'secretsmanager:GetSecretValue',
    'states:DescribeExecution',
    'states:GetExecutionHistory',
    'states:StartExecution',
  ]);
  const read = statements.filter(({ actions }) => actions.includes('s3:GetObject')).flatMap(({ resources }) => resources);
  expect(read.map((arn) => /(platform|savepoints)\/\*$/.exec(arn)?.[1]).toSorted()).toEqual(['platform', 'savepoints']);
  const started = statements.filter(({ actions }) => actions.includes('states:StartExecution')).flatMap(({ resources }) => resources);
  expect(started.map((arn) => /Workflows(Savepoint|Stop|Cancel|Resume)/.exec(arn)?.[1])).toEqual(['Cancel', 'Resume', 'Savepoint', 'Stop']);
  const [rest] = Object.entries(WITH_TOKEN.findResources('AWS::Lambda::Function')).filter(([id]) => id.startsWith('PlatformRestFunction'));
  expect(rest?.[1]['Properties'].VpcConfig).toBeUndefined();
});

test.each(['anybody', 'none'])('the command line cannot let in %s', (auth) => {
  expect(() => new SluiceStack(newApp({ 'sluice:kafka': 'broker:9092', 'sluice:rest': auth }), 'Sluice')).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
});

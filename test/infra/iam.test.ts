/** Least privilege, read off the template: no wildcard without a reason, and no reason without a wildcard. */
import type { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { reasonFor, statementsOf, WILDCARDS, type Statement } from '../../lib/infra/findings.ts';
import { KINDS, newPlatform, templateOf } from './kit.ts';

interface Held extends Statement {
  readonly policy: string;
}

/** All statements of policies of roles in the template. */
function statementsIn(template: Template): Held[] {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
  return policies.flatMap(([policy, { Properties }]) => statementsOf(Properties.PolicyDocument).map((statement) => ({ ...statement, policy })));
}

/** Of each kind of platform. */
const STATEMENTS = Object.entries(KINDS).map(([kind, make]): [string, Held[]] => [kind, statementsIn(templateOf(make().stack))]);

/** `[policy, action, resource]` of every combination that is allowed. */
const allowed = (statements: readonly Held[]): [string, string, string][] =>
  statements.flatMap(({ policy, actions, resources }) => actions.flatMap((action) => resources.map((resource): [string, string, string] => [policy, action, resource])));

const ofPolicy = (statements: readonly Held[], name: RegExp): string[] =>
  [...new Set(statements.filter(({ policy }) => name.test(policy)).flatMap(({ actions }) => actions))].toSorted();

test.each(STATEMENTS)('%s: every wildcard has a reason', (_, all) => {
  const statements = all.filter(({ policy }) => policy.startsWith('Platform'));
  expect(statements.length).toBeGreaterThan(10);
  expect(statements.flatMap(({ actions }) => actions).filter((action) => action.includes('*'))).toEqual([]);
  const wild = allowed(statements).filter(([, , resource]) => resource.includes('*'));
  expect(wild.filter(([, , resource]) => /^<PlatformStorageBucket\w+\.Arn>\/\*$/.test(resource))).toEqual([]);
  expect(wild.filter(([, action, resource]) => reasonFor(action, resource) === undefined)).toEqual([]);
});

test('every reason is needed, for each of its actions', () => {
  const all = STATEMENTS.flatMap(([, statements]) => allowed(statements));
  const unneeded = WILDCARDS.flatMap(({ actions, resource }) => actions.filter((action) => !all.some(([, a, r]) => a === action && resource.test(r))));
  expect(unneeded).toEqual([]);
});

test('no function holds a managed policy, and each may only do what it does', () => {
  const template = templateOf(newPlatform().stack);
  const roles = template.findResources('AWS::IAM::Role');
  expect(Object.values(roles).filter(({ Properties }) => Properties.ManagedPolicyArns !== undefined)).toEqual([]);
  const statements = statementsIn(template);
  const store = ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'];
  const logs = ['logs:CreateLogStream', 'logs:PutLogEvents'];
  const objects = ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListBucket', 's3:PutObject'];
  expect(ofPolicy(statements, /^PlatformFirer/)).toEqual([...store, ...logs, ...objects]);
  expect(ofPolicy(statements, /^PlatformWriter/)).toEqual([...store, 'lambda:InvokeFunction', ...logs, ...objects]);
  expect(ofPolicy(statements, /^PlatformJobResource/)).toEqual([...logs, ...objects, 'states:StartExecution']);
  expect(ofPolicy(statements, /^PlatformWorkflowRole/).filter((action) => !/^(dynamodb|s3|logs):/.test(action))).toMatchInlineSnapshot(`
    [
      "events:DescribeRule",
      "events:DisableRule",
      "events:EnableRule",
      "lambda:CreateAlias",
      "lambda:CreateEventSourceMapping",
      "lambda:DeleteAlias",
      "lambda:DeleteEventSourceMapping",
      "lambda:DeleteFunction",
      "lambda:DeleteFunctionEventInvokeConfig",
      "lambda:GetAlias",
      "lambda:GetFunctionEventInvokeConfig",
      "lambda:InvokeFunction",
      "lambda:ListAliases",
      "lambda:ListEventSourceMappings",
      "lambda:ListVersionsByFunction",
      "lambda:PutFunctionEventInvokeConfig",
      "lambda:UpdateAlias",
      "lambda:UpdateEventSourceMapping",
    ]
  `);
});

test('only the writer can be given mappings, and only the tick rule be turned on and off', () => {
  const { stack } = newPlatform();
  const policies = Object.entries(templateOf(stack).findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith('PlatformWorkflowRole'));
  const statements: { Action: string | string[]; Resource: unknown; Condition?: unknown }[] = policies.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
  const of = (action: string): (typeof statements)[number] | undefined => statements.find(({ Action }) => [Action].flat().includes(action));
  const writer = { ArnLike: { 'lambda:FunctionArn': [{ 'Fn::GetAtt': [expect.stringMatching(/^PlatformWriterFunction/), 'Arn'] }, expect.anything()] } };
  expect(of('lambda:CreateEventSourceMapping')?.Condition).toEqual(writer);
  expect(of('lambda:DeleteEventSourceMapping')?.Condition).toEqual(writer);
  expect(JSON.stringify(of('events:DisableRule')?.Resource)).toMatch(/:rule\/Test-Platform-[0-9A-F]+"/);
});

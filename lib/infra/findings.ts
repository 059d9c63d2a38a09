/**
 * The one list of what a security review asks about: every wildcard in a policy, and rules of cdk-nag (AwsSolutions) that do not hold, each with
 * its reason. Tests fail for a wildcard that is not in it, and for an entry that no template needs any longer.
 */
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

export interface Wildcard {
  readonly actions: readonly string[];
  /** As `flat` writes it. */
  readonly resource: RegExp;
  readonly reason: string;
}

const FUNCTION = /^<\w+\.Arn>:\*$/;
const OBJECTS = ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'];
const SAVEPOINTS = [...OBJECTS, 's3:DeleteObject'];
const ANY = /^\*$/;

export const WILDCARDS: readonly Wildcard[] = [
  { actions: OBJECTS, resource: /^<\w+\.Arn>\/platform\/\*$/, reason: 'the names of objects follow from jobs, which are not known at deployment' },
  { actions: OBJECTS, resource: /^<\w+\.Arn>\/platform\/programs\/\*$/, reason: 'programs have their hashes as names' },
  { actions: SAVEPOINTS, resource: /^<\w+\.Arn>\/savepoints\/\*$/, reason: 'each savepoint has a directory of its own' },
  { actions: SAVEPOINTS, resource: /^(<\w+\.Arn>|arn:[^*]+:s3:::[^*]+)\/\*$/, reason: 'other buckets of savepoints: the user names them for nothing else' },
  { actions: SAVEPOINTS, resource: /^arn:[^*]+:s3:::[^*/]+(\/[^*]+)?\/\*$/, reason: 'tables of jobs: each FIRE has files of its own, below the directory that the SQL or the app names' },
  {
    actions: ['kafka-cluster:DescribeTransactionalId', 'kafka-cluster:AlterTransactionalId'],
    resource: /:transactional-id\/[^*]+\/[^*]*\*$/,
    reason: 'each sink of a job has a transactional id of its own, behind the prefix that its table names; the cluster is named',
  },
  { actions: ['kafka-cluster:WriteData'], resource: /:topic\/[^*]+\/[^*]*\*$/, reason: 'the app names the beginning of the topics that jobs of the command write' },
  { actions: ['states:DescribeExecution', 'states:GetExecutionHistory'], resource: /^arn:[^*]+:execution:[^*]+:\*$/, reason: 'each execution has a name of its own; the state machine is named' },
  { actions: ['lambda:InvokeFunction'], resource: FUNCTION, reason: 'each generation of a job has an alias of its own; the function is named' },
  {
    actions: [
      'lambda:CreateAlias', 'lambda:UpdateAlias', 'lambda:DeleteAlias', 'lambda:GetAlias', 'lambda:ListAliases', 'lambda:ListVersionsByFunction', 'lambda:DeleteFunction',
      'lambda:GetFunctionEventInvokeConfig', 'lambda:PutFunctionEventInvokeConfig', 'lambda:DeleteFunctionEventInvokeConfig',
    ],
    resource: FUNCTION,
    reason: 'aliases come and go with generations, and versions that none holds are collected; writer and firer are named',
  },
  {
    actions: ['lambda:UpdateEventSourceMapping', 'lambda:DeleteEventSourceMapping'],
    resource: /^arn:[^*]+:event-source-mapping:\*$/,
    reason: 'Lambda chooses the ids of mappings; a condition restricts them to those of the writer',
  },
  { actions: ['lambda:CreateEventSourceMapping'], resource: ANY, reason: 'the action knows no resource; a condition restricts it to the writer' },
  { actions: ['lambda:ListEventSourceMappings'], resource: ANY, reason: 'the action knows neither resource nor condition' },
  {
    actions: ['kafka-cluster:DescribeTopic', 'kafka-cluster:DescribeTopicDynamicConfiguration', 'kafka-cluster:ReadData'],
    resource: /:topic\/[^*]+\/\*$/,
    reason: 'the SQL of a job names its topics; the cluster is named',
  },
  {
    actions: ['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'],
    resource: /:group\/[^*]+\/sluice-\*$/,
    reason: 'each generation has a consumer group of its own, which pollers join; groups of others have other names',
  },
  {
    actions: ['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'],
    resource: /:group\/[^*]+\/\*$/,
    reason: 'the SQL of a job names the group that it begins behind, and that its progress is committed to; the cluster is named',
  },
  {
    actions: [
      'ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface', 'ec2:DescribeSubnets', 'ec2:DescribeVpcs', 'ec2:DescribeSecurityGroups',
      'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses',
    ],
    resource: ANY,
    reason: 'Lambda asks for these on all resources of functions and mappings in a VPC',
  },
  {
    actions: [
      'logs:CreateLogDelivery', 'logs:GetLogDelivery', 'logs:UpdateLogDelivery', 'logs:DeleteLogDelivery', 'logs:ListLogDeliveries',
      'logs:PutResourcePolicy', 'logs:DescribeResourcePolicies', 'logs:DescribeLogGroups',
    ],
    resource: ANY,
    reason: 'Step Functions writes its logs through deliveries, whose actions know no resource',
  },
  {
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
    resource: ANY,
    reason: 'the actions of X-Ray know no resource',
  },
];

/** Rules of cdk-nag that do not hold for a platform. */
const FINDINGS = [
  { id: 'AwsSolutions-S1', reason: 'Only functions of the platform reach the bucket, and what they write is in the logs of jobs; an access log would cost more than the objects.' },
  { id: 'AwsSolutions-SMG4', reason: 'The token of the REST API is what clients are given: who rotates it has to tell them.' },
];

/** Why an action may be allowed on a resource with a wildcard; undefined: nobody has said so. */
export const reasonFor = (action: string, resource: string): string | undefined =>
  WILDCARDS.find((wildcard) => wildcard.actions.includes(action) && wildcard.resource.test(resource))?.reason;

/** What CloudFormation puts together, as text: `<logical id>`, `<logical id.Attribute>`, `<AWS::Region>`. */
export function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  const [[kind, argument] = []] = Object.entries(value);
  if (kind === 'Ref') return `<${String(argument)}>`;
  if (kind === 'Fn::GetAtt' && Array.isArray(argument)) return `<${argument.join('.')}>`;
  if (kind === 'Fn::Join' && Array.isArray(argument) && Array.isArray(argument[1])) return argument[1].map(flat).join(String(argument[0]));
  return JSON.stringify(value);
}

export interface Statement {
  readonly actions: readonly string[];
  /** As `flat` writes them. */
  readonly resources: readonly string[];
}

/** Of a policy document as it is in the template. */
export function statementsOf(document: { readonly Statement?: readonly { readonly Action?: unknown; readonly Resource?: unknown }[] }): Statement[] {
  return (document.Statement ?? []).map(({ Action, Resource }) => ({ actions: [Action ?? []].flat().map(flat), resources: [Resource ?? []].flat().map(flat) }));
}

/** For cdk-nag in the user's own app: what has a reason, and nothing else. */
export function acknowledgeFindings(platform: IConstruct): void {
  Validations.of(platform).acknowledge(...FINDINGS);
  for (const node of platform.node.findAll()) if (node instanceof CfnPolicy) acknowledgeWildcards(node);
}

function acknowledgeWildcards(policy: CfnPolicy): void {
  for (const { actions, resources } of statementsOf(Stack.of(policy).resolve(policy.policyDocument))) {
    for (const resource of resources.filter((text) => text.includes('*'))) {
      const reasons = actions.map((action) => reasonFor(action, resource));
      if (!reasons.every((reason) => reason !== undefined)) continue;
      Validations.of(policy).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason: [...new Set(reasons)].join('; ') });
    }
  }
}

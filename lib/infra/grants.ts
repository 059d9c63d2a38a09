/** What people and pipelines may do. Step Functions cannot tell jobs apart: a workflow is granted for all jobs of a platform. */
import { Arn, ArnFormat, Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { WORKFLOWS, type WorkflowName } from '../workflows/messages.ts';
import type { SluicePlatform } from './platform.ts';
import { PLATFORM_PREFIX, SAVEPOINTS_PREFIX } from './storage.ts';

type Platform = Pick<SluicePlatform, 'storage' | 'functions' | 'workflows'>;

/** `savepoint`, and reading what it wrote. */
export function grantSavepoint(platform: Platform, grantee: IGrantable): void {
  grantStart(platform, grantee, ['savepoint']);
  const { bucket } = platform.storage;
  grant(grantee, ['s3:GetObject'], [bucket.arnForObjects(`${SAVEPOINTS_PREFIX}*`)]);
  grant(grantee, ['s3:ListBucket'], [bucket.bucketArn]);
}

/** All workflows, and all that `grantRead` is; what `sluice run` submits may be a program. `describe` asks the workflow function, which sees Kafka. */
export function grantOperate(platform: Platform, grantee: IGrantable): void {
  grantRead(platform, grantee);
  grantStart(platform, grantee, WORKFLOWS);
  grant(grantee, ['lambda:InvokeFunction'], [platform.functions.workflow.function.functionArn]);
  grant(grantee, ['s3:PutObject'], [platform.storage.bucket.arnForObjects(`${PLATFORM_PREFIX}programs/*`)]);
}

/** The stack's outputs, the store, and how executions went. */
export function grantRead(platform: Platform, grantee: IGrantable): void {
  const { table, bucket } = platform.storage;
  grant(grantee, ['cloudformation:DescribeStacks'], [Stack.of(table).stackId]);
  grant(grantee, ['dynamodb:GetItem', 'dynamodb:Query'], [table.tableArn]);
  grant(grantee, ['s3:GetObject'], [bucket.arnForObjects('*')]);
  grant(grantee, ['s3:ListBucket'], [bucket.bucketArn]);
  grantWatch(platform, grantee, WORKFLOWS);
}

function grantStart(platform: Platform, grantee: IGrantable, names: readonly WorkflowName[]): void {
  grant(grantee, ['states:StartExecution'], platform.workflows.arns(names));
  grantWatch(platform, grantee, names);
}

function grantWatch({ workflows }: Platform, grantee: IGrantable, names: readonly WorkflowName[]): void {
  grant(grantee, ['states:ListExecutions'], workflows.arns(names));
  grant(grantee, ['states:DescribeExecution', 'states:GetExecutionHistory'], names.map((name) => executionsOf(workflows, name)));
}

/** ARN of all executions of a workflow. */
export const executionsOf = (workflows: Platform['workflows'], name: WorkflowName): string => {
  const machine = workflows.machines[name];
  return Arn.format({ service: 'states', resource: 'execution', resourceName: `${machine.stateMachineName}:*`, arnFormat: ArnFormat.COLON_RESOURCE_NAME }, Stack.of(machine));
};

function grant(grantee: IGrantable, actions: string[], resourceArns: string[]): void {
  Grant.addToPrincipal({ grantee, actions, resourceArns }).assertSuccess();
}

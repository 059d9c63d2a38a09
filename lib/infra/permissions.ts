/** What each function may do: no action that it does not use, no resource that it does not need. */
import { ArnFormat, Fn, Stack } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { KafkaCluster } from './kafka-cluster.ts';
import type { PlatformFunction } from './platform-function.ts';
import { PLATFORM_PREFIX, SAVEPOINTS_PREFIX, type Storage } from './storage.ts';

/** Any bucket, imported ones too. */
export type SavepointBucket = Pick<IBucket, 'bucketArn' | 'arnForObjects'>;

const READ_OBJECTS = ['s3:GetObject'];
const WRITE_OBJECTS = ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'];

/** The logs and their large objects. Nobody scans the table; what is deleted are control items, and objects go by their lifecycle. */
export function allowStore(fn: PlatformFunction, { table, bucket }: Storage): void {
  fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:Query'], [table.tableArn]);
  fn.allow(WRITE_OBJECTS, [bucket.arnForObjects(`${PLATFORM_PREFIX}*`)]);
  fn.allow(['s3:ListBucket'], [bucket.bucketArn]);
}

/** Programs of deploys become programs of jobs. A large one is looked for first, and S3 says that it is not there only to those who may list. */
export function allowPrograms(fn: PlatformFunction, { bucket }: Pick<Storage, 'bucket'>): void {
  fn.allow(['s3:ListBucket'], [bucket.bucketArn]);
  fn.allow(WRITE_OBJECTS, [bucket.arnForObjects(`${PLATFORM_PREFIX}programs/*`)]);
}

/** One asset, and nothing beside it. */
export const allowProgram = (fn: PlatformFunction, { bucket, s3ObjectKey }: Asset): void => fn.allow(READ_OBJECTS, [bucket.arnForObjects(s3ObjectKey)]);

/** Whoever restores a job reads its savepoint; workflows write and dispose of them, too. */
export function allowSavepoints(fn: PlatformFunction, own: SavepointBucket, others: readonly SavepointBucket[], access: 'read' | 'write'): void {
  const actions = access === 'read' ? READ_OBJECTS : [...WRITE_OBJECTS, 's3:DeleteObject'];
  fn.allow(actions, [own.arnForObjects(`${SAVEPOINTS_PREFIX}*`), ...others.map((bucket) => bucket.arnForObjects('*'))]);
  if (others.length > 0) fn.allow(['s3:ListBucket'], others.map((bucket) => bucket.bucketArn));
}

/**
 * Topics and offsets with a client of its own. Workflows commit where a generation begins, and the firer how far a job is, to the group that its
 * table names; which groups those are, only the jobs know.
 */
export function allowKafka(fn: PlatformFunction, cluster: KafkaCluster, access: 'read' | 'commit'): void {
  cluster.secret?.grantRead(fn.role);
  const { clusterArn, authentication } = cluster;
  if (clusterArn === undefined || authentication.kind !== 'iam') return;
  fn.allow(['kafka-cluster:Connect', 'kafka-cluster:DescribeCluster'], [clusterArn]);
  fn.allow(['kafka-cluster:DescribeTopic', 'kafka-cluster:DescribeTopicDynamicConfiguration', 'kafka-cluster:ReadData'], [partOf(clusterArn, 'topic', '*')]);
  if (access === 'commit') fn.allow(['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'], [partOf(clusterArn, 'group', '*')]);
}

/** Event source mappings poll with the role of the function that they invoke. */
export function allowPolling(writer: PlatformFunction, { clusterArn, authentication, network }: KafkaCluster): void {
  if (clusterArn !== undefined) writer.allow(['kafka:DescribeCluster', 'kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'], [clusterArn]);
  if (clusterArn !== undefined && authentication.kind === 'iam') writer.allow(['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'], [partOf(clusterArn, 'group', 'sluice-*')]);
  if (clusterArn !== undefined && 'secret' in authentication) writer.allow(['kafka:ListScramSecrets'], [clusterArn]);
  if (clusterArn === undefined && network === undefined) return;
  writer.allow(['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeVpcs', 'ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups'], ['*']);
}

/** `arn:…:cluster/NAME/UUID` → `arn:…:topic/NAME/UUID/<name>`. */
export const partOf = (clusterArn: string, kind: 'topic' | 'group' | 'transactional-id', name: string): string => Fn.join('', [Fn.join(`:${kind}/`, Fn.split(':cluster/', clusterArn, 2)), `/${name}`]);

/** An asynchronous invocation, by alias. */
export const allowInvoke = (fn: PlatformFunction, target: PlatformFunction): void => fn.allow(['lambda:InvokeFunction'], [`${target.function.functionArn}:*`]);

/** Aliases of generations on both functions, and versions that no alias holds any longer. */
export function allowAliases(workflow: PlatformFunction, functions: readonly PlatformFunction[]): void {
  const arns = functions.flatMap((fn) => fn.arns);
  workflow.allow(['lambda:CreateAlias', 'lambda:UpdateAlias', 'lambda:DeleteAlias', 'lambda:GetAlias', 'lambda:ListAliases', 'lambda:ListVersionsByFunction'], arns);
  workflow.allow(['lambda:GetFunctionEventInvokeConfig', 'lambda:PutFunctionEventInvokeConfig', 'lambda:DeleteFunctionEventInvokeConfig'], arns);
  // With a qualifier only: a version, never the function.
  workflow.allow(['lambda:DeleteFunction'], functions.map((fn) => `${fn.function.functionArn}:*`));
}

/** One mapping per source topic and generation (protocol §11.1), for the writer only. */
export function allowMappings(workflow: PlatformFunction, writer: PlatformFunction): void {
  const ofWriter = { ArnLike: { 'lambda:FunctionArn': [...writer.arns] } };
  const mappings = Stack.of(workflow).formatArn({ service: 'lambda', resource: 'event-source-mapping', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  workflow.allow(['lambda:CreateEventSourceMapping'], ['*'], ofWriter);
  workflow.allow(['lambda:UpdateEventSourceMapping', 'lambda:DeleteEventSourceMapping'], [mappings], ofWriter);
  workflow.allow(['lambda:ListEventSourceMappings'], ['*']);
}

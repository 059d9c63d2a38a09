/** What functions may do where rows of jobs go. Firers emit them; a workflow that ends a generation helps with those that are pending. */
import { Stack } from 'aws-cdk-lib';
import type { KafkaCluster } from './kafka-cluster.ts';
import { partOf } from './permissions.ts';
import type { PlatformFunction } from './platform-function.ts';
import type { SinkPlace } from './sink-places.ts';

const WRITE_OBJECTS = ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'];

export function allowSink(fn: PlatformFunction, kafka: KafkaCluster, place: SinkPlace): void {
  switch (place.kind) {
    case 'objects':
      return allowObjects(fn, place);
    case 'items':
      return fn.allow(['dynamodb:DescribeTable', 'dynamodb:PutItem', 'dynamodb:BatchGetItem'], [tableArn(fn, place)]);
    case 'records':
      return allowRecords(fn, kafka, place);
  }
}

function allowObjects(fn: PlatformFunction, { bucket, prefix, removes }: Extract<SinkPlace, { kind: 'objects' }>): void {
  const arn = Stack.of(fn).formatArn({ service: 's3', region: '', account: '', resource: bucket });
  fn.allow(removes ? [...WRITE_OBJECTS, 's3:DeleteObject'] : WRITE_OBJECTS, [prefix === '' ? `${arn}/*` : `${arn}/${prefix}/*`]);
  fn.allow(['s3:ListBucket'], [arn]);
}

const tableArn = (fn: PlatformFunction, { table, region }: Extract<SinkPlace, { kind: 'items' }>): string =>
  Stack.of(fn).formatArn({ service: 'dynamodb', resource: 'table', resourceName: table, ...(region === undefined ? {} : { region }) });

/** With users and ACLs of Kafka's own, the cluster decides. */
function allowRecords(fn: PlatformFunction, { clusterArn, authentication }: KafkaCluster, { topic, transactionalIds }: Extract<SinkPlace, { kind: 'records' }>): void {
  if (clusterArn === undefined || authentication.kind !== 'iam') return;
  fn.allow(['kafka-cluster:WriteData'], [partOf(clusterArn, 'topic', topic)]);
  if (transactionalIds === undefined) return;
  fn.allow(['kafka-cluster:WriteDataIdempotently'], [clusterArn]);
  fn.allow(['kafka-cluster:DescribeTransactionalId', 'kafka-cluster:AlterTransactionalId'], [partOf(clusterArn, 'transactional-id', transactionalIds)]);
}

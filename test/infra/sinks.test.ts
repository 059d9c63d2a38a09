/** What functions may do where rows of jobs go. */
import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import { flat, reasonFor } from '../../lib/infra/findings.ts';
import { KafkaCluster, SluicePlatform } from '../../lib/infra/index.ts';
import { BUNDLES, jobIn, MSK_ARN, networkIn, newApp, newPlatform, SQL, templateOf, type Fixture } from './kit.ts';

const sqlInto = (columns: string, table: string): string => SQL.replace(/CREATE TABLE totals[^;]*;/, `CREATE TABLE totals (${columns}) ${table};`);
const TOTALS = 'country STRING, total DECIMAL(38, 2)';

function onMsk(sinks: readonly string[] = []): Fixture {
  const stack = new Stack(newApp(), 'Test');
  const kafka = KafkaCluster.msk({ clusterArn: MSK_ARN, bootstrapServers: 'b-1.orders.abc.c1.kafka.us-east-1.amazonaws.com:9098', network: networkIn(stack) });
  return { stack, platform: new SluicePlatform(stack, 'Platform', { bundles: BUNDLES, kafka, sinks }) };
}

/** `action resource`, of the functions that emit rows, which may do the same. */
function added({ stack }: Fixture, without: Fixture): string[] {
  const before = new Set(['Firer', 'Workflow'].flatMap((role) => allowedTo(without.stack, role)));
  const [firer = [], workflow = []] = ['Firer', 'Workflow'].map((role) => allowedTo(stack, role).filter((entry) => !before.has(entry)).toSorted());
  expect(workflow).toEqual(firer);
  return firer;
}

function allowedTo(stack: Stack, role: string): string[] {
  const policies = Object.entries(templateOf(stack).findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith(`Platform${role}Role`));
  const statements: { Action: unknown; Resource: unknown }[] = policies.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
  return statements.flatMap(({ Action, Resource }) => [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${flat(action)} ${flat(resource)}`)));
}

test.each([
  ['a table of files', TOTALS, "WITH ('connector' = 'filesystem', 'path' = 's3://lake/tables/totals/', 'format' = 'parquet')", [
    's3:AbortMultipartUpload arn:<AWS::Partition>:s3:::lake/tables/totals/*',
    's3:GetObject arn:<AWS::Partition>:s3:::lake/tables/totals/*',
    's3:ListBucket arn:<AWS::Partition>:s3:::lake',
    's3:PutObject arn:<AWS::Partition>:s3:::lake/tables/totals/*',
  ]],
  ['an Iceberg table of a warehouse', TOTALS, "WITH ('connector' = 'iceberg', 'catalog-name' = 'lake', 'catalog-type' = 'hadoop', 'warehouse' = 's3a://lake', 'catalog-database' = 'demo', 'catalog-table' = 'totals')", [
    's3:AbortMultipartUpload arn:<AWS::Partition>:s3:::lake/*',
    's3:DeleteObject arn:<AWS::Partition>:s3:::lake/*',
    's3:GetObject arn:<AWS::Partition>:s3:::lake/*',
    's3:ListBucket arn:<AWS::Partition>:s3:::lake',
    's3:PutObject arn:<AWS::Partition>:s3:::lake/*',
  ]],
  ['a table of DynamoDB', `${TOTALS}, PRIMARY KEY (country) NOT ENFORCED`, "WITH ('connector' = 'dynamodb', 'table-name' = 'totals', 'aws.region' = 'eu-central-1')", [
    'dynamodb:BatchGetItem arn:<AWS::Partition>:dynamodb:eu-central-1:<AWS::AccountId>:table/totals',
    'dynamodb:DescribeTable arn:<AWS::Partition>:dynamodb:eu-central-1:<AWS::AccountId>:table/totals',
    'dynamodb:PutItem arn:<AWS::Partition>:dynamodb:eu-central-1:<AWS::AccountId>:table/totals',
  ]],
  ['a topic', TOTALS, "WITH ('connector' = 'kafka', 'topic' = 'totals', 'properties.bootstrap.servers' = 'b:9098', 'format' = 'json', 'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = 'totals')", [
    'kafka-cluster:AlterTransactionalId arn:aws:kafka:us-east-1:123456789012:transactional-id/orders/0a1b/totals-*',
    'kafka-cluster:DescribeTransactionalId arn:aws:kafka:us-east-1:123456789012:transactional-id/orders/0a1b/totals-*',
    'kafka-cluster:WriteData arn:aws:kafka:us-east-1:123456789012:topic/orders/0a1b/totals',
    `kafka-cluster:WriteDataIdempotently ${MSK_ARN}`,
  ]],
])('%s: the functions that emit rows may write it, and nothing else', (_, columns, table, expected) => {
  const fixture = onMsk();
  jobIn(fixture.platform, { sql: { text: sqlInto(columns, table) } });
  const entries = added(fixture, onMsk());
  expect(entries).toEqual(expected);
  for (const entry of entries.filter((each) => each.includes('*'))) {
    const [action = '', resource = ''] = entry.split(' ');
    expect(reasonFor(action, resource), entry).toBeDefined();
  }
});

test('jobs of the command may write where the platform says', () => {
  const entries = added(onMsk(['s3://lake/tables', 'dynamodb://totals', 'kafka://results-*']), onMsk());
  expect(entries.map((entry) => entry.replace(/ .*?[:/](?=[^:/]+(\/\*)?$)/, ' '))).toEqual([
    'dynamodb:BatchGetItem totals',
    'dynamodb:DescribeTable totals',
    'dynamodb:PutItem totals',
    'kafka-cluster:AlterTransactionalId 0a1b/*',
    'kafka-cluster:DescribeTransactionalId 0a1b/*',
    'kafka-cluster:WriteData results-*',
    'kafka-cluster:WriteDataIdempotently 0a1b',
    's3:AbortMultipartUpload tables/*',
    's3:DeleteObject tables/*',
    's3:GetObject tables/*',
    's3:ListBucket lake',
    's3:PutObject tables/*',
  ]);
});

test.each(['lake/tables', 's3://', 'dynamodb://totals*', 'kafka://', 'https://lake'])('%s is no place to write', (url) => {
  expect(() => newPlatform({ sinks: [url] })).toThrow(expect.toSatisfy((error: unknown) => isError(error, 'OPTION_INVALID') && error.message.includes(url)));
});

test('a table behind a catalog: whoever deploys it is told what has to be allowed', () => {
  const table = "WITH ('connector' = 'iceberg', 'catalog-name' = 'lake', 'catalog-type' = 'rest', 'uri' = 'https://catalog.example', 'catalog-database' = 'demo', 'catalog-table' = 'totals')";
  const { stack, platform } = onMsk();
  jobIn(platform, { sql: { text: sqlInto(TOTALS, table) } });
  Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('totals.*https://catalog.example'));
});

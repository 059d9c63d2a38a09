/** Stacks over bundles of one line: nothing is built, and nothing leaves this machine. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { afterAll } from 'vitest';
import { KafkaCluster, SluicePlatform, StreamJob, type KafkaNetwork, type SluicePlatformProps, type StreamJobProps } from '../../lib/infra/index.ts';

// Once in a whole app is enough: it takes seconds, in every file that makes a template.
process.env['CDK_VALIDATION'] = 'false';

const DIRECTORY = mkdtempSync(join(tmpdir(), 'sluice-infra-'));
afterAll(() => rmSync(DIRECTORY, { recursive: true, force: true }));

/** Code of all functions; removed after the tests of the file. */
export const BUNDLES = join(DIRECTORY, 'bundles');
for (const name of ['writer', 'firer', 'workflow', 'resource', 'rest']) {
  mkdirSync(join(BUNDLES, name), { recursive: true });
  writeFileSync(join(BUNDLES, name, 'index.mjs'), `export const handler = async () => '${name}';\n`);
}

/** A file that is removed after the tests. */
export function fileOf(name: string, text: string): string {
  const path = join(mkdtempSync(join(DIRECTORY, 'file-')), name);
  writeFileSync(path, text);
  return path;
}

export const SQL = `SET 'pipeline.name' = 'orders per country';
CREATE TABLE orders (
  country STRING,
  amount DECIMAL(10, 2),
  ordered TIMESTAMP(3),
  WATERMARK FOR ordered AS ordered - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'orders', 'properties.bootstrap.servers' = 'kafka:9092', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset');
CREATE TABLE totals (country STRING, total DECIMAL(38, 2)) WITH ('connector' = 'print');
INSERT INTO totals
SELECT country, SUM(amount) FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ordered), INTERVAL '1' MINUTE)) GROUP BY country, window_start, window_end;
`;

export const MSK_ARN = 'arn:aws:kafka:us-east-1:123456789012:cluster/orders/0a1b';

const FLAGS: Record<string, unknown> = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')).context;

/** With the flags of cdk.json. */
export const newApp = (context: Record<string, unknown> = {}): App => new App({ outdir: mkdtempSync(join(DIRECTORY, 'out-')), context: { ...FLAGS, ...context } });

export const OPEN_KAFKA = { kafka: KafkaCluster.selfManaged({ bootstrapServers: 'kafka.example:9092' }), eventSourcesEndpoint: 'http://127.0.0.1:9500' };

export interface Fixture {
  readonly stack: Stack;
  readonly platform: SluicePlatform;
}

export function platformIn(stack: Stack, props: Partial<SluicePlatformProps> = {}): SluicePlatform {
  return new SluicePlatform(stack, 'Platform', { bundles: BUNDLES, ...OPEN_KAFKA, ...props });
}

export function newPlatform(props: Partial<SluicePlatformProps> = {}): Fixture {
  const stack = new Stack(newApp(), 'Test');
  return { stack, platform: platformIn(stack, props) };
}

export const jobIn = (platform: SluicePlatform, props: Partial<StreamJobProps> = {}): StreamJob =>
  new StreamJob(platform.node.scope ?? platform, 'Orders', { platform, sql: { text: SQL }, ...props });

const OWN = { self: 'kafka.example:9093', iam: 'b-1.orders:9098', scram: 'b-1.orders:9096' };
const USER_ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:AmazonMSK_user-a1b2c3';
const userOf = (stack: Stack): { secret: ReturnType<typeof Secret.fromSecretCompleteArn> } => ({ secret: Secret.fromSecretCompleteArn(stack, 'User', USER_ARN) });

/** One platform of each kind that has permissions of its own. */
export const KINDS: Readonly<Record<string, () => Fixture>> = {
  'self-managed': () => newPlatform(),
  'self-managed with a user, in a VPC': () =>
    withNetwork((network, stack) => KafkaCluster.selfManaged({ bootstrapServers: OWN.self, authentication: { kind: 'scram-sha-256', ...userOf(stack) }, network })),
  'MSK with IAM, sinks and the REST API': () =>
    withNetwork((network) => KafkaCluster.msk({ clusterArn: MSK_ARN, bootstrapServers: OWN.iam, network }), { sinks: ['s3://lake/tables', 'dynamodb://totals', 'kafka://results-*'], rest: { auth: 'token' } }),
  'MSK with a user': () => withNetwork((network, stack) => KafkaCluster.msk({ clusterArn: MSK_ARN, bootstrapServers: OWN.scram, authentication: { kind: 'scram-sha-512', ...userOf(stack) }, network })),
};

function withNetwork(kafka: (network: KafkaNetwork, stack: Stack) => KafkaCluster, props: Pick<SluicePlatformProps, 'sinks' | 'rest'> = {}): Fixture {
  const stack = new Stack(newApp(), 'Test');
  const network = networkIn(stack);
  const savepointBuckets = [Bucket.fromBucketName(stack, 'Old', 'old')];
  return { stack, platform: new SluicePlatform(stack, 'Platform', { bundles: BUNDLES, kafka: kafka(network, stack), savepointBuckets, ...props }) };
}

export function networkIn(stack: Stack): KafkaNetwork {
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['a', 'b'],
    privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    privateSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
  });
  return { vpc, securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0')] };
}

export const templateOf = (stack: Stack): Template => Template.fromStack(stack);

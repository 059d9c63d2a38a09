/** Clusters: what is checked, and what functions are told. */
import { Stack, Token } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { expect, test } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import { mappingEnvironment, placeEnvironment } from '../../lib/infra/environment.ts';
import { KafkaCluster, SluicePlatform } from '../../lib/infra/index.ts';
import { Storage } from '../../lib/infra/storage.ts';
import { BUNDLES, MSK_ARN, networkIn, newApp, newPlatform } from './kit.ts';

const stack = new Stack(newApp(), 'Test');
const network = networkIn(stack);
const secret = Secret.fromSecretCompleteArn(stack, 'User', 'arn:aws:secretsmanager:us-east-1:123456789012:secret:AmazonMSK_user-a1b2c3');
const storage = new Storage(stack, 'Storage');

const refusal = (make: () => unknown): string => {
  try {
    make();
  } catch (error) {
    if (isError(error, 'OPTION_INVALID')) return `${error.message}\n  fix:     ${error.hint}`;
    throw error;
  }
  return 'nothing was refused';
};

test('an ARN of something else is refused with the form of the right one', () => {
  expect(refusal(() => KafkaCluster.msk({ clusterArn: 'arn:aws:s3:::orders', bootstrapServers: 'b:9098' }))).toBe(
    `KafkaCluster.msk: clusterArn is not the ARN of an MSK cluster
  got:     arn:aws:s3:::orders
  allowed: arn:aws:kafka:REGION:ACCOUNT:cluster/NAME/UUID
  fix:     copy it from the console, or from \`aws kafka list-clusters-v2\``,
  );
});

test('a list of brokers with spaces or without ports is refused', () => {
  for (const bootstrapServers of ['a:9092, b:9092', 'a', '', 'kafka://a:9092']) {
    expect(refusal(() => KafkaCluster.selfManaged({ bootstrapServers }))).toContain('allowed: HOST:PORT, several with commas and without spaces');
  }
});

test('authentication belongs to the kind of cluster', () => {
  const msk = refusal(() => KafkaCluster.msk({ clusterArn: MSK_ARN, bootstrapServers: 'b:9096', authentication: { kind: 'plain', secret } }));
  expect(msk).toContain('got:     plain\n  allowed: iam, scram-sha-512, tls, none');
  const own = refusal(() => KafkaCluster.selfManaged({ bootstrapServers: 'b:9096', authentication: { kind: 'iam' } }));
  expect(own).toContain('got:     iam\n  allowed: scram-sha-256, scram-sha-512, plain, tls, none');
});

test('what only CloudFormation will know is not checked', () => {
  const cluster = KafkaCluster.msk({ clusterArn: Token.asString({ Ref: 'Cluster' }), bootstrapServers: Token.asString({ 'Fn::GetAtt': ['Brokers', 'Text'] }), network });
  expect(mappingEnvironment(cluster, {})).toEqual({ SLUICE_KAFKA_CLUSTER: cluster.clusterArn });
});

test('brokers that mappings cannot reach are refused', () => {
  const platform = (kafka: KafkaCluster): string => refusal(() => new SluicePlatform(new Stack(newApp(), 'Test'), 'Platform', { kafka, bundles: BUNDLES }));
  expect(platform(KafkaCluster.msk({ clusterArn: MSK_ARN, bootstrapServers: 'b-1.orders:9098' }))).toContain('fix:     give KafkaCluster the vpc, subnets and security groups of the brokers as `network`');
  expect(platform(KafkaCluster.selfManaged({ bootstrapServers: 'kafka.example:9092' }))).toContain('got:     kafka.example:9092, authentication none, no network');
  expect(platform(KafkaCluster.selfManaged({ bootstrapServers: 'kafka.example:9092', authentication: { kind: 'plain', secret } }))).toBe('nothing was refused');
  expect(platform(KafkaCluster.msk({ clusterArn: MSK_ARN, bootstrapServers: 'b-1-public.orders.abc.kafka.us-east-1.amazonaws.com:9198' }))).toBe('nothing was refused');
});

test('mappings of MSK are told the cluster, those of other brokers the network', () => {
  const msk = KafkaCluster.msk({ clusterArn: MSK_ARN, bootstrapServers: 'b:9098', network });
  expect(mappingEnvironment(msk, { batchSize: 100 })).toEqual({ SLUICE_KAFKA_CLUSTER: MSK_ARN, SLUICE_BATCH_SIZE: '100' });
  const own = KafkaCluster.selfManaged({ bootstrapServers: 'b:9096', network });
  expect(mappingEnvironment(own, { batchWindowSeconds: 0 })).toEqual({
    SLUICE_KAFKA_SUBNETS: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
    SLUICE_KAFKA_SECURITY_GROUPS: 'sg-0123456789abcdef0',
    SLUICE_BATCH_WINDOW_SECONDS: '0',
  });
});

test('functions are told where the user is, not who', () => {
  const cluster = KafkaCluster.msk({ clusterArn: MSK_ARN, bootstrapServers: 'b:9096', authentication: { kind: 'scram-sha-512', secret }, network });
  expect(placeEnvironment(storage, cluster)).toMatchObject({ SLUICE_KAFKA: 'b:9096', SLUICE_KAFKA_AUTHENTICATION: 'scram-sha-512', SLUICE_KAFKA_SECRET: secret.secretArn });
  expect(placeEnvironment(storage, KafkaCluster.selfManaged({ bootstrapServers: 'b:9092' }))).not.toHaveProperty('SLUICE_KAFKA_AUTHENTICATION');
});

test('batches have the bounds of Lambda', () => {
  expect(refusal(() => newPlatform({ batchSize: 10_001 }))).toContain('got:     10001\n  allowed: 1 to 10000 records');
  expect(refusal(() => newPlatform({ batchWindowSeconds: 0.5 }))).toContain('got:     0.5\n  allowed: 0 to 300 whole seconds');
  expect(refusal(() => newPlatform({ eventSourcesEndpoint: '127.0.0.1:9500' }))).toContain('allowed: http://HOST:PORT');
});

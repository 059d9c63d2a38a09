import { App, Stack } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { KafkaCluster, SluicePlatform, StreamJob } from '../../../lib/infra/index.ts';

const app = new App();
const stack = new Stack(app, 'Orders', { env: { account: '123456789012', region: 'eu-central-1' } });
const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-0a1b2c3d4e5f60718', availabilityZones: ['eu-central-1a'], privateSubnetIds: ['subnet-0a1b2c3d4e5f60718'], privateSubnetRouteTableIds: ['rtb-0a1b2c3d4e5f60718'] });

const platform = new SluicePlatform(stack, 'Platform', {
  kafka: KafkaCluster.msk({
    clusterArn: 'arn:aws:kafka:eu-central-1:123456789012:cluster/orders/0a1b2c3d-s1',
    bootstrapServers: 'boot-abc.c1.kafka-serverless.eu-central-1.amazonaws.com:9098',
    network: { vpc, securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Clients', 'sg-0a1b2c3d4e5f60718')] },
  }),
});

new StreamJob(stack, 'PerCountry', { platform, sql: { file: 'orders-per-country.sql' }, batchSize: 10_000, batchWindowSeconds: 1 });

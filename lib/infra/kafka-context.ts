/** The cluster that the command line names. */
import { Annotations } from 'aws-cdk-lib';
import { SecurityGroup, Subnet, Vpc, type ISubnet } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { KafkaContext } from './context.ts';
import { KafkaCluster, type KafkaAuthentication, type KafkaNetwork } from './kafka-cluster.ts';
import { refused } from './refuse.ts';

const WITH_SECRET = ['scram-sha-256', 'scram-sha-512', 'plain'] as const;
const WITHOUT_SECRET = ['iam', 'tls', 'none'] as const;

/** Throws OPTION_INVALID. */
export function kafkaClusterOf(scope: Construct, context: KafkaContext): KafkaCluster {
  const { bootstrapServers, clusterArn } = context;
  const [authentication, network] = [authenticationOf(scope, context), networkOf(scope, context)];
  const props = { bootstrapServers, ...(authentication === undefined ? {} : { authentication }), ...(network === undefined ? {} : { network }) };
  return clusterArn === undefined ? KafkaCluster.selfManaged(props) : KafkaCluster.msk({ ...props, clusterArn });
}

function authenticationOf(scope: Construct, { authentication, secretArn }: KafkaContext): KafkaAuthentication | undefined {
  if (authentication === undefined) return undefined;
  const plain = WITHOUT_SECRET.find((kind) => kind === authentication);
  if (plain !== undefined) return { kind: plain };
  const kind = WITH_SECRET.find((each) => each === authentication);
  if (kind !== undefined && secretArn !== undefined) return { kind, secret: Secret.fromSecretCompleteArn(scope, 'KafkaUser', secretArn) };
  throw refused({
    at: 'sluice:kafka-authentication',
    what: kind === undefined ? 'there is no such authentication' : 'the secret with user name and password is missing',
    got: authentication,
    allowed: [...WITHOUT_SECRET, ...WITH_SECRET].join(', '),
    fix: 'name one of these, and with the last three the ARN of the secret: -c sluice:kafka-secret=ARN',
  });
}

function networkOf(scope: Construct, { vpc, subnets, securityGroups }: KafkaContext): KafkaNetwork | undefined {
  if (vpc === undefined && subnets.length + securityGroups.length === 0) return undefined;
  if (vpc === undefined || subnets.length === 0 || securityGroups.length === 0) {
    throw refused({
      at: 'sluice:vpc',
      what: 'a network is a VPC with subnets and security groups',
      got: { vpc: vpc ?? null, subnets, securityGroups },
      allowed: 'all three, or none',
      fix: 'name them: -c sluice:vpc=vpc-… -c sluice:subnets=subnet-…,subnet-… -c sluice:security-groups=sg-…',
    });
  }
  return {
    vpc: Vpc.fromVpcAttributes(scope, 'Vpc', { vpcId: vpc, availabilityZones: ['of the subnets'] }),
    vpcSubnets: { subnets: subnets.map((id) => subnetOf(scope, id)) },
    securityGroups: securityGroups.map((id) => SecurityGroup.fromSecurityGroupId(scope, `SecurityGroup-${id}`, id, { mutable: false })),
  };
}

/** Nobody asks for its route table. */
function subnetOf(scope: Construct, id: string): ISubnet {
  const subnet = Subnet.fromSubnetId(scope, `Subnet-${id}`, id);
  Annotations.of(subnet).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId');
  return subnet;
}

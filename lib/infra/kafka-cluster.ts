/** The Kafka cluster that jobs read from: how functions and event source mappings reach it. The cluster itself is not made here. */
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { check } from './refuse.ts';

/**
 * How clients prove who they are. `secret`: JSON with `username` and `password`; functions read it when they start, it is in no environment.
 * `scram-*` and `plain` go over TLS; `tls` is encryption without a user; `none` is plain text.
 */
export type KafkaAuthentication =
  | { readonly kind: 'iam' | 'tls' | 'none' }
  | { readonly kind: 'scram-sha-256' | 'scram-sha-512' | 'plain'; readonly secret: ISecret };

type Kind = KafkaAuthentication['kind'];

/** Where brokers are that only a VPC reaches. */
export interface KafkaNetwork {
  readonly vpc: IVpc;
  /** @default - private subnets with a route out */
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups: readonly ISecurityGroup[];
}

export interface MskProps {
  /** Of a provisioned or a serverless cluster. */
  readonly clusterArn: string;
  /** `HOST:PORT,…` of the listener that belongs to the authentication: 9098 IAM, 9096 SCRAM, 9094 TLS, 9092 plain text. */
  readonly bootstrapServers: string;
  /** @default - `iam`, the only one that serverless clusters know */
  readonly authentication?: KafkaAuthentication;
  /** Where functions run; mappings take theirs from the cluster. @default - brokers are public */
  readonly network?: KafkaNetwork;
}

export interface SelfManagedProps {
  /** `HOST:PORT,…` */
  readonly bootstrapServers: string;
  /** @default - `none` */
  readonly authentication?: KafkaAuthentication;
  /** Where functions and mappings run. @default - brokers are reached over the Internet */
  readonly network?: KafkaNetwork;
}

const SERVERS = /^[^\s,:/]+:\d{1,5}(,[^\s,:/]+:\d{1,5})*$/;
const CLUSTER_ARN = /^arn:[^:]+:kafka:[^:]+:\d{12}:cluster\/[^/]+\/[^/]+$/;
const MSK_KINDS: readonly Kind[] = ['iam', 'scram-sha-512', 'tls', 'none'];
const SELF_MANAGED_KINDS: readonly Kind[] = ['scram-sha-256', 'scram-sha-512', 'plain', 'tls', 'none'];

interface Parts {
  readonly at: string;
  readonly kinds: readonly Kind[];
  readonly bootstrapServers: string;
  readonly authentication: KafkaAuthentication;
  readonly clusterArn: string | undefined;
  readonly network?: KafkaNetwork;
}

export class KafkaCluster {
  /** Throws OPTION_INVALID. */
  static msk({ clusterArn, authentication = { kind: 'iam' }, ...props }: MskProps): KafkaCluster {
    check(clusterArn, (arn) => CLUSTER_ARN.test(arn), {
      at: 'KafkaCluster.msk',
      what: 'clusterArn is not the ARN of an MSK cluster',
      allowed: 'arn:aws:kafka:REGION:ACCOUNT:cluster/NAME/UUID',
      fix: 'copy it from the console, or from `aws kafka list-clusters-v2`',
    });
    return new KafkaCluster({ ...props, at: 'KafkaCluster.msk', kinds: MSK_KINDS, authentication, clusterArn });
  }

  /** Any other brokers, those of other clouds too. Throws OPTION_INVALID. */
  static selfManaged({ authentication = { kind: 'none' }, ...props }: SelfManagedProps): KafkaCluster {
    return new KafkaCluster({ ...props, at: 'KafkaCluster.selfManaged', kinds: SELF_MANAGED_KINDS, authentication, clusterArn: undefined });
  }

  readonly bootstrapServers: string;
  readonly authentication: KafkaAuthentication;
  /** Undefined: self-managed. */
  readonly clusterArn: string | undefined;
  readonly network: KafkaNetwork | undefined;

  private constructor({ at, kinds, bootstrapServers, authentication, clusterArn, network }: Parts) {
    check(bootstrapServers, (value) => SERVERS.test(value), {
      at,
      what: 'bootstrapServers is no list of brokers',
      allowed: 'HOST:PORT, several with commas and without spaces',
      fix: 'copy it from the console, or from `aws kafka get-bootstrap-brokers`',
    });
    check(authentication.kind, (kind) => kinds.includes(kind), {
      at,
      what: 'authentication that such a cluster or its event source mappings do not know',
      allowed: kinds.join(', '),
      fix: 'use one of these, and the port of the brokers that belongs to it',
    });
    this.bootstrapServers = bootstrapServers;
    this.authentication = authentication;
    this.clusterArn = clusterArn;
    this.network = network;
  }

  get secret(): ISecret | undefined {
    return 'secret' in this.authentication ? this.authentication.secret : undefined;
  }
}

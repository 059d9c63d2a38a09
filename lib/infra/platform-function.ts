/** A function of the platform: its code, a role that holds nothing by itself, and a log group with an end. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { KafkaNetwork } from './kafka-cluster.ts';
import { refused } from './refuse.ts';

/** What every platform has. */
export type FunctionName = 'writer' | 'firer' | 'workflow' | 'resource';

/** Names of the bundles. */
export type BundleName = FunctionName | 'rest';

/** Of asynchronous invocations: what fails is due again with the next tick, which is never more than a minute away (protocol §10 a). */
const ONCE = { retryAttempts: 0, maxEventAge: Duration.seconds(60) };

/**
 * Memory and time of one invocation. Lambda allows 900 s, and 840 s where an event source mapping invokes. Workflows load the state of a job as the
 * firer does, and an export is one invocation.
 */
export const SHAPES = {
  writer: { memorySize: 512, timeout: Duration.seconds(60), description: 'Sluice: batches of Kafka into the partition logs' },
  firer: { memorySize: 2048, timeout: Duration.seconds(300), ...ONCE, description: 'Sluice: windows out of the partition logs into the sinks' },
  workflow: { memorySize: 2048, timeout: Duration.seconds(900), ...ONCE, description: 'Sluice: the tick, and the steps of workflows' },
  resource: { memorySize: 256, timeout: Duration.seconds(60), description: 'Sluice: starts workflows for CloudFormation' },
  rest: { memorySize: 512, timeout: Duration.seconds(60), description: 'Sluice: the REST API and the web page' },
} as const satisfies Record<BundleName, object>;

export interface PlatformFunctionProps {
  readonly name: BundleName;
  /** `<bundles>/<name>/index.mjs` */
  readonly bundles: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logRetention: RetentionDays;
  /** Where it runs. @default - outside of any VPC */
  readonly network?: KafkaNetwork | undefined;
  /** Invocations at the same time, which are kept free for it. @default - as many as the account has left */
  readonly concurrency?: number | undefined;
}

/** Interfaces of a function in a VPC; none of these actions can be restricted to some of them. */
const INTERFACES = ['CreateNetworkInterface', 'DescribeNetworkInterfaces', 'DescribeSubnets', 'DeleteNetworkInterface', 'AssignPrivateIpAddresses', 'UnassignPrivateIpAddresses'].map((action) => `ec2:${action}`);

export class PlatformFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, { name, bundles, environment, logRetention, network, concurrency }: PlatformFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    if (network !== undefined) this.allow(INTERFACES, ['*']);
    this.function = new LambdaFunction(this, 'Function', {
      ...SHAPES[name],
      code: codeOf(bundles, name, this.node.path),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      environment: { ...environment },
      role: this.role,
      logGroup,
      // An alias may hold an old version; those that none holds are collected.
      // One that a failed deployment has made goes with it, or the next one could not make it again.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE },
      ...(concurrency === undefined ? {} : { reservedConcurrentExecutions: concurrency }),
      ...(network === undefined ? {} : { vpc: network.vpc, securityGroups: [...network.securityGroups], ...(network.vpcSubnets === undefined ? {} : { vpcSubnets: network.vpcSubnets }) }),
    });
  }

  get name(): string {
    return this.function.functionName;
  }

  /** The function itself, and every version and alias of it. */
  get arns(): readonly string[] {
    return [this.function.functionArn, `${this.function.functionArn}:*`];
  }

  /** To its role. */
  allow(actions: readonly string[], resources: readonly string[], conditions?: PolicyStatement['conditions']): void {
    this.role.addToPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources], ...(conditions === undefined ? {} : { conditions }) }));
  }
}

function codeOf(bundles: string, name: BundleName, at: string): Code {
  const directory = join(bundles, name);
  if (existsSync(join(directory, 'index.mjs'))) return Code.fromAsset(directory);
  throw refused({ at, what: 'there is no bundle of this function', got: directory, allowed: 'a directory with index.mjs', fix: 'leave `bundles` out, or make them with `npm run bundle`' });
}

/** What `cdk deploy -c NAME=VALUE` says about the stack of bin/app.ts. */
import type { IConstruct } from 'constructs';
import { refused } from './refuse.ts';

export interface KafkaContext {
  /** `HOST:PORT,…` */
  readonly bootstrapServers: string;
  /** Undefined: self-managed. */
  readonly clusterArn: string | undefined;
  readonly authentication: string | undefined;
  readonly secretArn: string | undefined;
  readonly vpc: string | undefined;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
}

export interface StackContext {
  readonly kafka: KafkaContext;
  /** Files with the SQL of one job each, or its program. */
  readonly jobs: readonly string[];
  readonly eventSourcesEndpoint: string | undefined;
  /** Who may call the REST API at its URL; undefined: it has none. */
  readonly rest: 'iam' | 'token' | undefined;
  readonly leaveOut: readonly string[];
  /** Directory of filesystem catalogs, as the functions see it. */
  readonly warehouse: string | undefined;
  /** Names of other buckets with savepoints. */
  readonly savepointBuckets: readonly string[];
  /** `s3://BUCKET/PREFIX`, `dynamodb://TABLE`, `kafka://TOPIC`: where jobs of `sluice deploy` may write. */
  readonly sinks: readonly string[];
}

/** Throws OPTION_INVALID where the brokers are missing. */
export function readContext({ node }: IConstruct): StackContext {
  const text = (name: string): string | undefined => {
    const value: unknown = node.tryGetContext(`sluice:${name}`);
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  };
  const list = (name: string): string[] => (text(name) ?? '').split(',').map((item) => item.trim()).filter((item) => item !== '');
  const bootstrapServers = text('kafka');
  if (bootstrapServers === undefined) {
    throw refused({ at: 'sluice:kafka', what: 'no brokers are named', got: 'nothing', allowed: 'HOST:PORT, several with commas', fix: 'name them: cdk deploy -c sluice:kafka=HOST:PORT' });
  }
  return {
    kafka: {
      bootstrapServers,
      clusterArn: text('kafka-cluster'),
      authentication: text('kafka-authentication'),
      secretArn: text('kafka-secret'),
      vpc: text('vpc'),
      subnets: list('subnets'),
      securityGroups: list('security-groups'),
    },
    jobs: list('jobs'),
    eventSourcesEndpoint: text('event-sources-endpoint'),
    rest: restOf(text('rest')),
    leaveOut: list('leave-out'),
    warehouse: text('warehouse'),
    savepointBuckets: list('savepoint-buckets'),
    sinks: list('sinks'),
  };
}

function restOf(auth: string | undefined): StackContext['rest'] {
  if (auth === undefined || auth === 'iam' || auth === 'token') return auth;
  throw refused({ at: 'sluice:rest', what: 'nobody could call the REST API', got: auth, allowed: 'iam, token', fix: 'name one of them, or leave it out' });
}

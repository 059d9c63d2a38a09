/** Environment of the functions, in the names of lib/workflows/environment.ts. No secret is in it: only where one is. */
import type { ISubnet } from 'aws-cdk-lib/aws-ec2';
import { VARIABLES } from '../workflows/environment.ts';
import type { KafkaCluster, KafkaNetwork } from './kafka-cluster.ts';
import type { Storage } from './storage.ts';

type Environment = Readonly<Record<string, string>>;

/** Of all functions that open the platform. */
export function placeEnvironment(storage: Storage, cluster: KafkaCluster): Environment {
  const { store, blobs, savepoints } = storage.urls;
  return {
    [VARIABLES.store]: store,
    [VARIABLES.blobs]: blobs,
    [VARIABLES.savepoints]: savepoints,
    [VARIABLES.kafka]: cluster.bootstrapServers,
    ...given(VARIABLES.kafkaAuthentication, cluster.authentication.kind === 'none' ? undefined : cluster.authentication.kind),
    ...given(VARIABLES.kafkaSecret, cluster.secret?.secretArn),
  };
}

export interface MappingOptions {
  readonly eventSourcesEndpoint?: string | undefined;
  readonly batchSize?: number | undefined;
  readonly batchWindowSeconds?: number | undefined;
}

/** Of the workflow function: what event source mappings are made with. */
export function mappingEnvironment({ clusterArn, network }: KafkaCluster, { eventSourcesEndpoint, batchSize, batchWindowSeconds }: MappingOptions): Environment {
  return {
    ...given(VARIABLES.kafkaCluster, clusterArn),
    ...(network === undefined || clusterArn !== undefined ? {} : networkEnvironment(network)),
    ...given(VARIABLES.eventSourcesEndpoint, eventSourcesEndpoint),
    ...given(VARIABLES.batchSize, batchSize?.toString()),
    ...given(VARIABLES.batchWindowSeconds, batchWindowSeconds?.toString()),
  };
}

function networkEnvironment({ vpc, vpcSubnets, securityGroups }: KafkaNetwork): Environment {
  const subnets = vpc.selectSubnets(vpcSubnets).subnets.map((subnet: ISubnet) => subnet.subnetId);
  return { [VARIABLES.kafkaSubnets]: subnets.join(','), [VARIABLES.kafkaSecurityGroups]: securityGroups.map((group) => group.securityGroupId).join(',') };
}

const given = (name: string, value: string | undefined): Environment => (value === undefined ? {} : { [name]: value });

/** CDK constructs: `import { SluicePlatform, StreamJob, KafkaCluster } from 'sluice/infra'`. */
export { KafkaCluster, type KafkaAuthentication, type KafkaNetwork, type MskProps, type SelfManagedProps } from './kafka-cluster.ts';
export { SluicePlatform, type SluicePlatformProps } from './platform.ts';
export { RestApi, type RestApiOptions } from './rest-api.ts';
export { StreamJob, type StreamJobProps } from './stream-job.ts';
export type { SqlSource } from './job-plan.ts';
export type { OnRemoval } from './jobs-resource.ts';
export type { MonitoringOptions } from './monitoring.ts';
export type { MeasuredName } from './metrics.ts';
export { SluiceStack, type SluiceStackProps } from './stack.ts';

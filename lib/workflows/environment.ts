/** Environment variables of the functions: what a deployment sets and `lib/lambda/place.ts` reads. */
export const VARIABLES = {
  /** `dynamodb://TABLE`, `s3://BUCKET/PREFIX`, brokers or `tables`: as the options of `sluice up`. */
  store: 'SLUICE_STORE',
  blobs: 'SLUICE_BLOBS',
  kafka: 'SLUICE_KAFKA',
  /** Default directory of savepoints: `s3://BUCKET/savepoints`. */
  savepoints: 'SLUICE_SAVEPOINTS',
  /** `iam`, `scram-sha-256`, `scram-sha-512`, `plain` (SASL over TLS), `tls`; absent: plain text. */
  kafkaAuthentication: 'SLUICE_KAFKA_AUTHENTICATION',
  /** ARN of a secret with `{"username": …, "password": …}`. */
  kafkaSecret: 'SLUICE_KAFKA_SECRET',
  /** ARN of the MSK cluster, for event source mappings; absent: self-managed brokers. */
  kafkaCluster: 'SLUICE_KAFKA_CLUSTER',
  /** Subnets and security groups of event source mappings of self-managed brokers, with commas. */
  kafkaSubnets: 'SLUICE_KAFKA_SUBNETS',
  kafkaSecurityGroups: 'SLUICE_KAFKA_SECURITY_GROUPS',
  /** Names of the functions; versions for new aliases (workflow function only). */
  writer: 'SLUICE_WRITER',
  firer: 'SLUICE_FIRER',
  writerVersion: 'SLUICE_WRITER_VERSION',
  firerVersion: 'SLUICE_FIRER_VERSION',
  /** Of Sluice, for people (workflow function only). */
  version: 'SLUICE_VERSION',
  /** Name of the EventBridge rule that ticks (workflow function only). */
  schedule: 'SLUICE_SCHEDULE',
  /** `{"create": ARN, "upgrade": ARN, "teardown": ARN}`: the state machines that it starts (resource function, and the one with a URL, which knows all of them). */
  stateMachines: 'SLUICE_STATE_MACHINES',
  /** Name of the stack, the workflow function, and the ARN of the secret that is the token; without one, IAM lets callers in (function with a URL only). */
  stack: 'SLUICE_STACK',
  workflow: 'SLUICE_WORKFLOW',
  restToken: 'SLUICE_REST_TOKEN',
  /** Lambda's API for event source mappings, where another one than the functions' own has them (emulators). */
  eventSourcesEndpoint: 'SLUICE_EVENT_SOURCES_ENDPOINT',
  batchSize: 'SLUICE_BATCH_SIZE',
  batchWindowSeconds: 'SLUICE_BATCH_WINDOW_SECONDS',
  tickMs: 'SLUICE_TICK_MS',
  /** Operations that nobody has moved for so long are taken over by the tick (workflow function only). */
  takeOverMs: 'SLUICE_TAKE_OVER_MS',
} as const;
